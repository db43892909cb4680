// Data: the database that a command works on: its flags, and how it is opened.

import type { Ambient } from '../ports/ambient.js';
import { open } from '../presets/node.js';
import { UsageError } from './command.js';

export const DATA_FLAGS = {
  data: { type: 'string' },
  core: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

export interface DataSettings {
  readonly data: string;
  readonly core?: 'native' | 'wasm';
}

/** The folder of the database within --data: Milvus' name for the database that a client gets if it names none. */
const DATABASE = 'default';

/** Errors: `UsageError`. */
export function checkData({ data, core }: { readonly data?: string | undefined; readonly core?: string | undefined }): DataSettings {
  if (data === undefined || data === '') throw new UsageError('--data DIR is missing: where the database is, or shall be');
  if (core !== undefined && core !== 'native' && core !== 'wasm') throw new UsageError(`--core: expected native or wasm, found "${core}"`);
  return { data, ...(core === undefined ? {} : { core }) };
}

export function openData({ data, core }: DataSettings, ambient: Ambient): ReturnType<typeof open> {
  return open(DATABASE, { directory: data, ambient, ...(core === undefined ? {} : { core }) });
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
