// elanus serve: a database on disk behind a port, until SIGINT or SIGTERM. Requests in flight are then finished and
// the database closed; a second signal ends the process at once.

import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { nodeAmbient } from '../platform/node-ambient.js';
import { startServer, type RunningServer, type ServerOptions } from '../server/index.js';
import { parseFlags, UsageError, type Command } from './command.js';
import { checkData, DATA_FLAGS, KEY_FILE_HELP, openData, type DataSettings } from './data.js';
import { createLog } from './log.js';

const PORT_DEFAULT = '19530';
const HOST_DEFAULT = '127.0.0.1';

const HELP = `Usage: elanus serve --data DIR [options]

Serves a database over HTTP: Milvus' REST interface (/v2/vectordb), the files for replicas (/v1), /health.

  --data DIR           where the database is, created if absent
  --port N             port to listen on, 0 for any free one (default ${PORT_DEFAULT})
  --host H             address to listen on (default ${HOST_DEFAULT}; there is no log-in yet: know who can reach another)
  --demo DIR           a built demo page, served at /demo/
  --no-console         do not serve the console, a page about the server, at /
  --cors ORIGIN        origin of a web page that may use the server, e.g. https://app.example; may be repeated
  --core native|wasm   the core to compute with (default: native, or wasm with a warning where it does not load)
  ${KEY_FILE_HELP}
  --log-json           log to stderr as one JSON object a line
  --help               this text

Examples:
  elanus serve --data ./data
  elanus serve --data ./data --port 8080 --cors https://app.example
  curl localhost:19530/v2/vectordb/collections/list -d '{}'
`;

const FLAGS = {
  ...DATA_FLAGS,
  port: { type: 'string', default: PORT_DEFAULT },
  host: { type: 'string', default: HOST_DEFAULT },
  demo: { type: 'string' },
  'no-console': { type: 'boolean', default: false },
  cors: { type: 'string', multiple: true, default: [] as string[] },
  'log-json': { type: 'boolean', default: false },
} as const;

interface Settings extends Pick<ServerOptions, 'host' | 'port' | 'cors' | 'demoDirectory' | 'consoleDirectory' | 'log'>, DataSettings {}

export const serve: Command = { summary: 'serve a database over HTTP', help: HELP, run };

async function run(words: readonly string[]): Promise<number> {
  const flags = parseFlags(words, FLAGS);
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const settings = await checkFlags(flags);
  try {
    await serveUntil(nextStopSignal(), settings);
    return 0;
  } catch (error) {
    settings.log('error', error instanceof Error ? error.message : String(error));
    return 1;
  }
}

async function checkFlags(flags: ReturnType<typeof parseFlags<typeof FLAGS>>): Promise<Settings> {
  const { port, host, demo, cors } = flags;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new UsageError(`--port: expected 0 to 65535, found "${port}"`);
  for (const origin of cors) checkOrigin(origin);
  if (demo !== undefined && !(await isDirectory(demo))) throw new UsageError(`--demo: no such directory: ${demo}`);
  const console = flags['no-console'] ? undefined : await builtConsole();
  const log = createLog(flags['log-json'], (line) => process.stderr.write(line));
  return { ...checkData(flags), host, port: Number(port), cors, log, ...(demo === undefined ? {} : { demoDirectory: demo }), ...(console === undefined ? {} : { consoleDirectory: console }) };
}

/** As the package has it beside this module; undefined where it was not built. */
async function builtConsole(): Promise<string | undefined> {
  const directory = fileURLToPath(new URL('./console', import.meta.url));
  return (await isDirectory(directory)) ? directory : undefined;
}

function checkOrigin(origin: string): void {
  if (origin === '*' || (URL.canParse(origin) && new URL(origin).origin === origin)) return;
  throw new UsageError(`--cors: expected an origin like https://app.example, or *, found "${origin}"`);
}

async function isDirectory(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
}

/** Listens from now on, so that a signal during the start is not lost. */
function nextStopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
      resolve(signal);
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}

async function serveUntil(stopped: Promise<NodeJS.Signals>, { data, core, keyFile, log, ...listening }: Settings): Promise<void> {
  const database = await openData({ data, ...(core === undefined ? {} : { core }), ...(keyFile === undefined ? {} : { keyFile }) }, nodeAmbient(log));
  try {
    const health = await database.health();
    for (const warning of health.warnings) log('warn', warning);
    const server = await listen({ database, log, ...listening });
    log('info', 'ready', { url: server.url, data, core: health.core, kernels: health.kernels });
    process.stdout.write(`${server.url}\n`);
    log('info', 'stopping', { signal: await stopped });
    await server.close();
  } finally {
    await database.close();
  }
  log('info', 'stopped');
}

async function listen(options: ServerOptions): Promise<RunningServer> {
  try {
    return await startServer(options);
  } catch (error) {
    throw new Error(refusal(error, options), { cause: error });
  }
}

function refusal(error: unknown, { host, port }: ServerOptions): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return `port ${port} of ${host} is in use: stop what listens there, or choose another with --port`;
  if (code === 'EACCES') return `port ${port} of ${host} needs rights that this user lacks: choose one above 1023 with --port`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `--host: ${host} is no address of this machine`;
  return `cannot listen on port ${port} of ${host}: ${String(error)}`;
}
