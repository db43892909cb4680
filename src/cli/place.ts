// Place: where a command works: on a data directory that no server has open, or on a server by its address. Flags of both are the
// same in all commands that take either.

import { DEFAULT_DATABASE } from '../format/catalog.js';
import type { Database } from '../engine/api.js';
import { nodeAmbient } from '../platform/node-ambient.js';
import { UsageError } from './command.js';
import { variableOf } from './config/options.js';
import { checkData, DATA_FLAGS, KEY_FILE_HELP, openData } from './data.js';
import { createLog } from './log.js';
import { remoteServer, type RemoteServer } from './remote.js';

export const PLACE_FLAGS = {
  ...DATA_FLAGS,
  url: { type: 'string' },
  token: { type: 'string' },
  database: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

export const PLACE_HELP = `  --data DIR           where the databases are, or the folder of one that a program opened; nobody may have it open
  --url URL            or a server, e.g. http://localhost:19530 (or ELANUS_URL)
  --token TEXT         user:password, or an API key, of a server that asks for it (better by ELANUS_TOKEN)
  --database NAME      which database (default ${DEFAULT_DATABASE})
  --core native|wasm   the core to compute with, on a data directory
  ${KEY_FILE_HELP}
  --json               print JSON
  --help               this text`;

type PlaceFlags = { readonly [Name in 'data' | 'core' | 'key-file' | 'url' | 'token' | 'database']?: string | undefined };

export interface LocalPlace {
  readonly kind: 'local';
  /** The one that was named. */
  readonly database: Database;
}

export interface RemotePlace {
  readonly kind: 'remote';
  readonly server: RemoteServer;
  readonly databaseName: string;
}

export type Place = LocalPlace | RemotePlace;

/** Runs `work` where the flags say, and closes what it opened. Errors: `UsageError`, those of opening and of `work`. */
export async function atPlace<T>(flags: PlaceFlags, work: (place: Place) => Promise<T>): Promise<T> {
  const url = flags.url ?? (flags.data === undefined ? process.env[variableOf('url')] : undefined);
  const databaseName = flags.database ?? DEFAULT_DATABASE;
  if (url !== undefined && url !== '') {
    if (flags.data !== undefined) throw new UsageError('--data and --url: expected one of them');
    return work({ kind: 'remote', server: remoteServer(url, flags.token ?? process.env[variableOf('token')]), databaseName });
  }
  if (flags.data === undefined) throw new UsageError('--data DIR or --url URL is missing: where the database is');
  const opened = await openData(checkData(flags), nodeAmbient(createLog('text', (line) => process.stderr.write(line), 'warn')));
  try {
    return await work({ kind: 'local', database: await opened.useDatabase(databaseName) });
  } finally {
    await opened.close();
  }
}

/** Words in columns. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) => `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()}\n`).join('');
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** For people. */
export function bytesText(bytes: number): string {
  const unit = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  return `${unit === 0 ? bytes : (bytes / 1024 ** unit).toFixed(1)} ${UNITS[unit]}`;
}

/** JSON of whatever the engine gives: an Int64 is a number with all its digits, a vector an array. */
export { toJson } from '../server/json.js';
