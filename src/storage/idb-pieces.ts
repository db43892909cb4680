// The bytes of a file in IndexedDB: pieces keyed [id, offset of the first byte], without gaps or overlap, none
// larger than 256 KiB: larger values and many small ones are both slow in every browser.

import type { IDBPObjectStore } from 'idb';
import { ElanusError, requireIntact } from '../model/errors.js';
import type { ByteRange } from '../ports/storage.js';
import type { IdbSchema } from './idb.js';
import type { WriteStores } from './idb-write.js';

const pieceBytesMax = 256 * 1024;
/** What one transaction writes at most; browsers hold all of it in memory until it commits. */
export const transactionBytesMax = 4 * 1024 * 1024;
/** What one request reads at most. */
const piecesPerRead = 64;

type ReadPieces = IDBPObjectStore<IdbSchema, ('files' | 'pieces')[], 'pieces', IDBTransactionMode>;

/** The pieces of a file from this offset on. */
export function piecesFrom(id: number, offset: number): IDBKeyRange {
  return IDBKeyRange.bound([id, offset], [id, Infinity]);
}

/** REQUIRES: no piece lies at or after `offset`. */
export async function putPieces(store: WriteStores['pieces'], id: number, offset: number, bytes: Uint8Array): Promise<void> {
  const puts: Promise<unknown>[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytesMax) {
    // A copy: of a view, a browser would store all that is under it.
    const piece = new Uint8Array(bytes.subarray(at, at + pieceBytesMax));
    puts.push(store.put(piece, [id, offset + at]));
  }
  await Promise.all(puts);
}

/** REQUIRES: the range lies within the file. Errors: `Corrupt` if a piece is missing or has the wrong size. */
export async function readPieces(store: ReadPieces, key: string, id: number, { offset, length }: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  const end = offset + length;
  for (let at = offset; at < end; ) {
    const range = IDBKeyRange.bound([id, await pieceStart(store, key, id, at)], [id, end], false, true);
    const [starts, pieces] = await Promise.all([store.getAllKeys(range, piecesPerRead), store.getAll(range, piecesPerRead)]);
    for (const [i, piece] of pieces.entries()) {
      const start = starts[i]?.[1] ?? end;
      requireIntact(start <= at && piece instanceof Uint8Array && start + piece.length > at, key, `the piece with byte ${at} is missing`);
      const part = piece.subarray(at - start, end - start);
      bytes.set(part, at - offset);
      at += part.length;
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
