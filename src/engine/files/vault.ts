// Vault: what stands between a collection's bytes and the storage. The plain one changes nothing and copies nothing; the
// sealed one encrypts. File names are hashes of what is stored, so neither storages nor servers need a key.

import { LOG_HEADER_BYTES } from '../../format/log.js';
import { isSealed, readSealedHeader } from '../../format/sealed-file.js';
import { startsWithSealedKey } from '../../format/sealed-key.js';
import { ElanusError } from '../../model/errors.js';
import type { Log } from '../../ports/storage.js';

/** Which file it is. */
export interface FileIdentity {
  /** What its bytes are bound to: nothing sealed as one thing opens as another. */
  readonly about: string;
  /** For errors: its key or name. */
  readonly where: string;
  /** As `seal` gave it, where it is known: then no other file of the same kind opens either. */
  readonly salt?: string | undefined;
}

export interface SealedBytes {
  readonly bytes: Uint8Array;
  /** 64 hexadecimal digits that no other file has; undefined where nothing is encrypted. */
  readonly salt?: string | undefined;
}

/** Exactly these bytes of a stored file. */
export type ReadStored = (offset: number, length: number, room?: Uint8Array<ArrayBuffer>) => Promise<Uint8Array<ArrayBuffer>>;

/** Where a log goes on, as only its vault knows. */
export type LogEnd = object;

/** What a stored log holds. */
export interface OpenedLog {
  /** For `readLog`; zeros where an encrypted one is damaged. */
  readonly bytes: Uint8Array;
  /** For `log` of the same vault. */
  readonly end: LogEnd;
}

export interface Vault {
  readonly encrypts: boolean;
  seal(bytes: Uint8Array, about: string): Promise<SealedBytes>;
  /** What was sealed. Errors: `Corrupt`, `Unsupported`; `WrongKey` if it is encrypted and nothing here is. */
  open(stored: Uint8Array, file: FileIdentity): Promise<Uint8Array>;
  /** `length` bytes from `offset` of what was sealed, read from the stored file by `read`. Errors: `Corrupt`. */
  readRange(read: ReadStored, storedBytes: number, offset: number, length: number, file: FileIdentity, room?: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  /** Bytes of what was sealed. Errors: `Corrupt` if no sealed file has that size. */
  plainSize(storedBytes: number, where: string): number;
  /** How many bytes from the start of a stored file hold the first `end` bytes of what was sealed. */
  storedEnd(end: number, storedBytes: number): number;
  /** So many bytes of a stored log hold the header of the plain one. */
  readonly logStartBytes: number;
  /** What a stored log holds. Errors: `Corrupt`, `Unsupported`, `WrongKey`. */
  openLog(stored: Uint8Array, key: string): Promise<OpenedLog>;
  /**
   * The log that goes on from `end`, or from its beginning if that is undefined, in plain bytes and sizes. `inner` is the
   * stored one, as it was read.
   */
  log(inner: Log, key: string, end: LogEnd | undefined): Log;
}

export const plainVault: Vault = {
  encrypts: false,
  seal: async (bytes) => ({ bytes }),
  async open(stored, { where }) {
    requirePlain(stored, where);
    return stored;
  },
  readRange: (read, _storedBytes, offset, length, _file, room) => read(offset, length, room),
  plainSize: (storedBytes) => storedBytes,
  storedEnd: (end) => end,
  logStartBytes: LOG_HEADER_BYTES,
  openLog: async (stored) => ({ bytes: stored, end: {} }),
  log: (inner) => inner,
};

/** Errors: `WrongKey` if the bytes are those of an encrypted file. */
export function requirePlain(stored: Uint8Array, where: string): void {
  if (startsWithSealedKey(stored)) throw keyNeeded(where);
  if (!isSealed(stored)) return;
  readSealedHeader(stored, where);
  throw keyNeeded(where);
}

function keyNeeded(where: string): ElanusError {
  return new ElanusError('WrongKey', `${where}: it is encrypted: open the database with its key, as encryption.key`, { file: where });
}
