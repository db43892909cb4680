// The bytes of a file in IndexedDB: pieces keyed [id, offset of the first byte], without gaps or overlap, none
// larger than 256 KiB: larger values and many small ones are both slow in every browser.

import type { IDBPObjectStore } from 'idb';
import { ElanusError, requireIntact } from '../model/errors.js';
import type { ByteRange } from '../ports/storage.js';
import type { IdbSchema } from './idb.js';

export const pieceBytesMax = 256 * 1024;
/** What one transaction writes at most; browsers hold all of it in memory until it commits. */
export const transactionBytesMax = 4 * 1024 * 1024;
/** What one request reads at most. */
const piecesPerRead = 64;

export type ReadPieces = IDBPObjectStore<IdbSchema, ('files' | 'pieces')[], 'pieces', IDBTransactionMode>;
export type WritePieces = IDBPObjectStore<IdbSchema, ('files' | 'pieces')[], 'pieces', 'readwrite'>;

/** The pieces of a file from this offset on. */
export function piecesFrom(id: number, offset: number): IDBKeyRange {
  return IDBKeyRange.bound([id, offset], [id, Infinity]);
}

/** Asks for `bytes` to be put at `offset`. That they are is told by the end of the transaction. */
export function putPieces(store: WritePieces, id: number, offset: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += pieceBytesMax) {
    // A copy: of a view, a browser would store all that is under it.
    const piece = new Uint8Array(bytes.subarray(at, at + pieceBytesMax));
    // Failing requests abort the transaction, whose end the caller awaits.
    store.put(piece, [id, offset + at]).catch(() => {});
  }
}

/** REQUIRES: the range lies within the file. Errors: `Corrupt` if a piece is missing or has the wrong size. */
export async function readPieces(store: ReadPieces, key: string, id: number, { offset, length }: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const first = await pieceStart(store, key, id, offset + done);
    const range = IDBKeyRange.bound([id, first], [id, offset + length], false, true);
    const pieces = await store.getAll(range, piecesPerRead);
    let skip = offset + done - first;
    for (const piece of pieces) {
      requireIntact(piece instanceof Uint8Array && piece.length > skip, key, `expected ${length} bytes at ${offset}, a piece is missing after ${done}`);
      const part = piece.subarray(skip, skip + length - done);
      bytes.set(part, done);
      done += part.length;
      skip = 0;
    }
  }
  return bytes;
}

/** Where the piece that holds byte `at` begins. */
export async function pieceStart(store: ReadPieces, key: string, id: number, at: number): Promise<number> {
  const cursor = await store.openKeyCursor(IDBKeyRange.bound([id, 0], [id, at]), 'prev');
  if (cursor === null) throw new ElanusError('Corrupt', `${key}: the piece with byte ${at} is missing`, { file: key });
  return cursor.key[1];
}
