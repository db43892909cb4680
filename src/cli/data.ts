// Data: the database that a command works on: its flags, and how it is opened.

import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Ambient } from '../ports/ambient.js';
import { open, type EncryptionOptions } from '../presets/node.js';
import { UsageError } from './command.js';

export const DATA_FLAGS = {
  data: { type: 'string' },
  core: { type: 'string' },
  'key-file': { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

export interface DataSettings {
  readonly data: string;
  /** Of the database in it; by default that of a server, or the one whose folder it is itself. */
  readonly name?: string;
  readonly core?: 'native' | 'wasm';
  /** Of the key of an encrypted database. */
  readonly keyFile?: string;
  /** Of the core. */
  readonly threads?: number;
  readonly maxMemoryMB?: number;
  /** Many callers search at once. */
  readonly concurrent?: boolean;
}

/** The line of a command's help. */
export const KEY_FILE_HELP = '--key-file FILE      the key of an encrypted database: 32 bytes, or 64 hexadecimal digits';

const KEY_BYTES = 32;
const KEY_DIGITS = /^[0-9a-f]{64}\s*$/i;

/** The folder of a server's database within --data: Milvus' name for the database that a client gets if it names none. */
export const DATABASE = 'default';
/** In the folder of every database. */
const CATALOG = 'catalog';

/** Errors: `UsageError`. */
export function checkData({ data, core, 'key-file': keyFile }: { readonly data?: string | undefined; readonly core?: string | undefined; readonly 'key-file'?: string | undefined }): DataSettings {
  if (data === undefined || data === '') throw new UsageError('--data DIR is missing: where the database is, or shall be');
  if (core !== undefined && core !== 'native' && core !== 'wasm') throw new UsageError(`--core: expected native or wasm, found "${core}"`);
  return { data, ...(core === undefined ? {} : { core }), ...(keyFile === undefined ? {} : { keyFile }) };
}

export async function openData({ data, name: given, core, keyFile, threads, maxMemoryMB, concurrent = false }: DataSettings, ambient: Ambient): Promise<Awaited<ReturnType<typeof open>>> {
  const { name, directory } = given === undefined ? await databaseAt(data) : { name: given, directory: data };
  return open(name, { directory, ambient, concurrent, ...(core === undefined ? {} : { core }), ...(threads === undefined ? {} : { threads }), ...(maxMemoryMB === undefined ? {} : { maxMemoryMB }), ...(await encryptionIn(keyFile)) });
}

/** `data` holds the database of a server, or shall hold one, or it is the folder of one that a program has opened by a name of its own. */
async function databaseAt(data: string): Promise<{ readonly name: string; readonly directory: string }> {
  const folder = resolve(data);
  const isOwn = (await isFolder(join(folder, CATALOG))) && !(await isFolder(join(folder, DATABASE, CATALOG)));
  return isOwn ? { name: basename(folder), directory: dirname(folder) } : { name: DATABASE, directory: data };
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

/** The option `encryption` with the key in that file; none without a file. Errors: `UsageError`. */
export async function encryptionIn(keyFile: string | undefined): Promise<{ readonly encryption?: EncryptionOptions }> {
  if (keyFile === undefined) return {};
  const bytes = await readFile(keyFile).catch((error: unknown) => {
    throw new UsageError(`--key-file: ${error instanceof Error ? error.message : String(error)}`);
  });
  const text = bytes.toString('latin1');
  const key = bytes.length !== KEY_BYTES && KEY_DIGITS.test(text) ? Buffer.from(text.trim(), 'hex') : bytes;
  if (key.length !== KEY_BYTES) throw new UsageError(`--key-file ${keyFile}: expected ${KEY_BYTES} bytes or ${KEY_BYTES * 2} hexadecimal digits, found ${bytes.length} bytes`);
  return { encryption: { key: Uint8Array.from(key) } };
}

/** The value as one of `known`. Errors: `UsageError`. */
export function oneOf<const T extends string>(flag: string, value: string | undefined, known: readonly T[]): T | undefined {
  const found = known.find((candidate) => candidate === value);
  if (value !== undefined && found === undefined) throw new UsageError(`--${flag}: expected ${known.join(', ')}, found "${value}"`);
  return found;
}

/** Aborts at SIGINT or SIGTERM while `work` runs; a second signal ends the process. */
export async function untilStopped<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const stop = (): void => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    abort.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    return await work(abort.signal);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}
