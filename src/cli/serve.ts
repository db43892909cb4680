// elanus serve: databases on disk behind a port, until SIGINT or SIGTERM. Requests in flight are then finished and
// the database closed; a second signal ends the process at once. SIGHUP reads the files of TLS again.

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeAmbient } from '../platform/node-ambient.js';
import type { Ambient } from '../ports/ambient.js';
import type { AccessSettings } from '../server/access/access.js';
import { importDirectory } from '../server/imports/import-directory.js';
import { Imports } from '../server/imports/imports.js';
import { startServer, type RunningServer, type ServerOptions } from '../server/server.js';
import { openCollections } from '../server/open-collections.js';
import { restoredIn } from '../server/sync/restored.js';
import { signingKeyIn } from '../server/sync/signing-key.js';
import { createServices } from '../server/services.js';
import { accessSettings, openAccessIn } from './access.js';
import { parseFlags, UsageError, type Command } from './command.js';
import { loadRules } from './conflict-rules.js';
import { CONFIG } from './config/options.js';
import { optionsHelp, printedSettings } from './config/print.js';
import { checkTogether, resolveSettings, serveFlags } from './config/resolve.js';
import type { DataSettings } from './data.js';
import { createLog } from './log.js';

const HELP = `Usage: elanus serve --data DIR [options]

Serves the databases of a folder on one port: Milvus' gRPC and REST interfaces, copies for replicas, /health, /ready
(HTTP 503 until the data is open), /metrics. Each setting is a flag, else a variable (ELANUS_DATA for --data), else a
line of the file that --config or ELANUS_CONFIG names (data: ./data), else its default.

  --${CONFIG.name} ${CONFIG.operand}                ${CONFIG.about}
  --print-config               print the settings that hold, without secrets, and where each is from; do nothing else
  --help                       this text

${optionsHelp()}
SIGTERM finishes running requests and stops; a second one stops at once. SIGHUP reads the files of TLS again.

Examples:
  elanus serve --data ./data
  elanus serve --config elanus.yaml --port 8080
  elanus serve --data ./data --host 0.0.0.0 --tls-cert server.pem --tls-key server.key
  curl localhost:19530/v2/vectordb/collections/list -d '{}'
`;

const FLAGS = { ...serveFlags(), [CONFIG.name]: { type: 'string' }, 'print-config': { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;

interface Settings {
  readonly data: DataSettings;
  readonly access: AccessSettings;
  readonly importDirectory: string;
  readonly server: Omit<ServerOptions, 'database' | 'log'>;
  readonly log: Ambient['log'];
}

export const serve: Command = { help: HELP, flags: FLAGS, run };

async function run(words: readonly string[]): Promise<number> {
  const flags = parseFlags(words, FLAGS) as Readonly<Record<string, string | boolean | string[] | undefined>>;
  if (flags['help'] === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const resolved = await resolveSettings(flags, process.env);
  if (flags['print-config'] === true) {
    process.stdout.write(`${printedSettings(resolved)}\n`);
    return 0;
  }
  const settings = await settingsOf(checkTogether(resolved.settings));
  for (const name of resolved.unknownVariables) settings.log('warn', `${name}: there is no such setting`);
  try {
    await serveUntil(nextStopSignal(), settings);
    return 0;
  } catch (error) {
    settings.log('error', error instanceof Error ? error.message : String(error));
    return 1;
  }
}

async function settingsOf(given: ReturnType<typeof checkTogether>): Promise<Settings> {
  const { data, core, threads, demo, host, port, cors } = given;
  if (demo !== undefined && !(await isDirectory(demo))) throw new UsageError(`--demo: no such directory: ${demo}`);
  const consoleDirectory = given.console === 'on' ? await builtConsole() : undefined;
  const keyFile = given['key-file'];
  const rules = given['on-conflict'];
  const maxMemory = given['max-memory'];
  const tls = tlsOf(given);
  return {
    importDirectory: given['import-dir'] ?? join(data, 'import'),
    log: createLog(given['log-format'], (line) => process.stderr.write(line), given['log-level']),
    data: { data, ...(core === undefined ? {} : { core }), ...(keyFile === undefined ? {} : { keyFile }), ...(threads === undefined ? {} : { threads }), ...(maxMemory === undefined ? {} : { maxMemoryMB: maxMemory / 2 ** 20 }) },
    access: accessSettings(given),
    server: {
      host, port, cors, serverNames: given['server-names'], dataDirectory: data,
      ...(given['backup-dir'] === undefined ? {} : { backupDirectory: given['backup-dir'] }),
      ...(rules === undefined ? {} : { onConflict: await loadRules(rules) }),
      ...(tls === undefined ? {} : { tls }),
      ...(demo === undefined ? {} : { demoDirectory: demo }),
      ...(consoleDirectory === undefined ? {} : { consoleDirectory }),
      requestBytesMax: given['max-body'],
      bodyBytesMax: given['max-body-memory'],
      answerBytesMax: given['max-answer-memory'],
      limits: { connectionsMax: given['max-connections'], headerBytesMax: given['max-header'], firstBytesMs: given['first-bytes-timeout'], headerMs: given['header-timeout'], requestMs: given['body-timeout'], writeMs: given['write-timeout'], idleMs: given['idle-timeout'], stopMs: given['stop-timeout'] },
      admission: { runningMax: given['max-requests'], waitingMax: given['max-waiting'], waitMs: given['wait-timeout'] },
    },
  };
}

/** As the package has it beside this module; undefined where it was not built. */
async function builtConsole(): Promise<string | undefined> {
  const directory = fileURLToPath(new URL('./console', import.meta.url));
  return (await isDirectory(directory)) ? directory : undefined;
}

function tlsOf(given: ReturnType<typeof checkTogether>): ServerOptions['tls'] {
  const [cert, key, clientCa] = [given['tls-cert'], given['tls-key'], given['tls-client-ca']];
  return cert === undefined || key === undefined ? undefined : { cert, key, ...(clientCa === undefined ? {} : { clientCa }) };
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

type Opened = Awaited<ReturnType<typeof import('./data.js').openData>>;

async function serveUntil(stopped: Promise<NodeJS.Signals>, { data, access: settings, importDirectory: directory, server: options, log }: Settings): Promise<void> {
  const opening = openAfter(data, log);
  // Names of an encrypted database are not left in clear beside it.
  const stateFile = data.keyFile === undefined ? join(data.data, 'imports.json') : undefined;
  const access = await openAccessIn(data.data, nodeAmbient(log), settings);
  const imports = await Imports.open(importDirectory({ directory, stateFile, log }), log);
  const services = createServices(log, { imports, access, signingSeed: await signingKeyIn(data.data), restoredMs: await restoredIn(data.data) });
  const server = await listen({ ...options, log, database: opening.database, services }).catch(async (error: unknown) => {
    await services.close();
    throw error;
  });
  log('info', 'listening', { url: server.url, data: data.data });
  const reload = (): void => void reloadTls(server, log);
  process.on('SIGHUP', reload);
  try {
    opening.begin();
    await Promise.race([server.ready.then(() => tellReady(opening.database, server, log)), stopped]);
    log('info', 'stopping', { signal: await stopped });
  } finally {
    process.off('SIGHUP', reload);
    await server.close();
    await opening.close();
  }
  log('info', 'stopped');
}

/** The database, whose modules are loaded, and which is opened, when it is asked to begin: the port listens before. With all its collections, so that no request waits for one. */
function openAfter(data: DataSettings, log: Ambient['log']): { readonly database: Promise<Opened>; begin(): void; close(): Promise<void> } {
  let begin = (): void => {};
  let opened: Opened | undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const database = begun.then(async () => {
    const { DATABASE, openData } = await import('./data.js');
    opened = await openData({ ...data, name: DATABASE, concurrent: true }, nodeAmbient(log));
    await openCollections(opened, log);
    return opened;
  });
  database.catch(() => undefined);
  // What is being opened is closed when it is; an error of opening was told already.
  const close = async (): Promise<void> => {
    begin();
    await database.catch(() => undefined);
    await opened?.close();
  };
  return { database, begin, close };
}

async function tellReady(opening: Promise<Opened>, { url }: RunningServer, log: Ambient['log']): Promise<void> {
  const health = await (await opening).health();
  for (const warning of health.warnings) log('warn', warning);
  log('info', 'ready', { url, core: health.core, kernels: health.kernels });
  process.stdout.write(`${url}\n`);
}

async function reloadTls(server: RunningServer, log: Ambient['log']): Promise<void> {
  try {
    await server.reloadTls();
    log('info', 'the files of TLS were read again');
  } catch (error) {
    log('error', 'the files of TLS were not taken; those before stay in use', { error });
  }
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
  if (error instanceof Error && error.message.startsWith('TLS: ')) return error.message;
  return `cannot listen on port ${port} of ${host}: ${String(error)}`;
}
