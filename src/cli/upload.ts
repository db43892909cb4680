// elanus upload: a collection that was built in a data directory, sent to one of a server as whole segments. What the server has is not
// sent again, so an upload that was cut off is carried on by the same command.

import type { UploadProgress, UploadResult } from '../engine/api.js';
import { DEFAULT_DATABASE } from '../format/catalog.js';
import { nodeAmbient } from '../platform/node-ambient.js';
import { parseWords, UsageError, type Command } from './command.js';
import { variableOf } from './config/options.js';
import { checkData, DATA_FLAGS, KEY_FILE_HELP, openData, untilStopped } from './data.js';
import { createLog } from './log.js';
import { bytesText, toJson } from './place.js';
import { Progress } from './progress.js';
import { remoteServer } from './remote.js';

const HELP = `Usage: elanus upload COLLECTION --data DIR --url URL [options]

Sends the rows of a collection to one of a server, as segments that the server takes whole: no row is inserted again. The server's
collection must be there, with the property sync.push, and its schema must take the rows; a row whose primary key is there
replaces it. What the server has is not sent again: after a failure, or when rows were added, give the same command.

  --data DIR           where the databases are; no server may have them open
  --database NAME      which database (default ${DEFAULT_DATABASE})
  --url URL            the server, e.g. http://localhost:19530 (or ELANUS_URL)
  --token TEXT         user:password, or an API key, of a server that asks for it (better by ELANUS_TOKEN)
  --as NAME            what the collection is called there (default: as here)
  --to-database NAME   which database of the server (default: as here)
  --core native|wasm   the core to compute with
  ${KEY_FILE_HELP};
                       encrypted collections are not sent, as the server would have them in clear
  --json               print {"collection", "segments", "segmentsKnown", "rows", "replaced", "bytesSent"}
  --help               this text

Examples:
  elanus upload books --data ./data --url http://localhost:19530
  ELANUS_TOKEN=ada:secret elanus upload books --data ./data --url https://db.example --as library --json
`;

const FLAGS = {
  ...DATA_FLAGS,
  database: { type: 'string', default: DEFAULT_DATABASE },
  url: { type: 'string' },
  token: { type: 'string' },
  as: { type: 'string' },
  'to-database': { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

export const upload: Command = { help: HELP, flags: FLAGS, run };

type Flags = ReturnType<typeof parseWords<typeof FLAGS>>['values'];

async function run(words: readonly string[]): Promise<number> {
  const { values: flags, others } = parseWords(words, FLAGS, 1);
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const [collection] = others;
  if (collection === undefined) throw new UsageError('COLLECTION is missing: what to send');
  const result = await uploaded(collection, flags);
  process.stdout.write(flags.json ? `${toJson({ collection: flags.as ?? collection, ...result }, false)}\n` : resultText(flags.as ?? collection, result));
  return 0;
}

async function uploaded(collection: string, flags: Flags): Promise<UploadResult> {
  const { as, database: name, 'to-database': database } = flags;
  const data = checkData(flags);
  const address = flags.url ?? process.env[variableOf('url')] ?? '';
  if (address === '') throw new UsageError('--url URL is missing: the server to send to');
  const { url } = remoteServer(address, undefined);
  const token = flags.token ?? process.env[variableOf('token')] ?? '';
  const opened = await openData(data, nodeAmbient(createLog('text', (line) => process.stderr.write(line), 'warn')));
  const progress = new Progress(process.stderr);
  const onProgress = ({ rows, rowsTotal, bytes }: UploadProgress): void => progress.show(rowsTotal === 0 ? 1 : rows / rowsTotal, `${rows} of ${rowsTotal} rows, ${bytesText(bytes)} sent`);
  try {
    const within = await opened.useDatabase(name);
    return await untilStopped((signal) => within.upload(collection, url, { signal, onProgress, ...(as === undefined ? {} : { as }), ...(database === undefined ? {} : { database }), ...(token === '' ? {} : { token }) }));
  } finally {
    progress.end();
    await opened.close();
  }
}

function resultText(collection: string, { segments, segmentsKnown, rows, replaced, bytesSent }: UploadResult): string {
  const known = segmentsKnown === 0 ? '' : `, ${segmentsKnown} of which it had already`;
  return `${collection}: ${segments} segments${known}; ${rows} rows, of which ${replaced} replaced others; ${bytesText(bytesSent)} sent\n`;
}
