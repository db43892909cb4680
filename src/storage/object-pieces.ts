// The pieces of a log in an object store: the object under the log's key, marked as a log, then objects named
// "<key>~<tag>-<number>", where the tag is that of the first. Their contents in order of number are the log's.
// No key has a "~", so pieces are never taken for files; a tag of its own keeps what an older log of the same key
// left behind, or still sends, out of this one.

import { ElanusError } from '../model/errors.js';
import type { ByteRange } from '../ports/storage.js';
import type { ObjectHead, ObjectReader } from './object-store.js';
import { rangeWithin } from './range.js';

export interface Piece {
  readonly name: string;
  readonly sizeBytes: number;
}

export interface Pieces {
  /** In order; empty ones are left out, except for the first. */
  readonly pieces: readonly Piece[];
  /** The number that no piece has had yet. */
  readonly next: number;
}

/** Ten digits, so that names sort as numbers. */
const digits = 10;
const readsAtOnce = 8;

export function pieceName(key: string, tag: string, number: number): string {
  return `${piecePrefix(key, tag)}${number.toString().padStart(digits, '0')}`;
}

export async function listPieces(store: ObjectReader, key: string, head: ObjectHead): Promise<Pieces> {
  const prefix = piecePrefix(key, head.tag);
  const found = (await store.list(prefix)).filter(({ name }) => /^\d{10}$/.test(name.slice(prefix.length)));
  found.sort((a, b) => (a.name < b.name ? -1 : 1));
  const last = found.at(-1);
  const next = last === undefined ? 0 : Number(last.name.slice(prefix.length)) + 1;
  return { pieces: [{ name: key, sizeBytes: head.sizeBytes }, ...found.filter(({ sizeBytes }) => sizeBytes > 0)], next };
}

export function sizeOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** Errors: `Corrupt` if the range reaches beyond the log; `Network` if the log is cut meanwhile. */
export async function readPieces(store: ObjectReader, key: string, pieces: readonly Piece[], range: ByteRange | undefined): Promise<Uint8Array<ArrayBuffer>> {
  const { offset, length } = rangeWithin(key, sizeOf(pieces), range);
  const bytes = new Uint8Array(length);
  const reads: (() => Promise<void>)[] = [];
  let start = 0;
  for (const { name, sizeBytes } of pieces) {
    const from = Math.max(offset, start);
    const to = Math.min(offset + length, start + sizeBytes);
    const within = { offset: from - start, length: to - from };
    if (from < to) reads.push(async () => bytes.set(await readPiece(store, name, within), from - offset));
    start += sizeBytes;
  }
  for (let i = 0; i < reads.length; i += readsAtOnce) await Promise.all(reads.slice(i, i + readsAtOnce).map((read) => read()));
  return bytes;
}

export async function readPiece(store: ObjectReader, name: string, range: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
  if (range.length === 0) return new Uint8Array(0);
  const content = await store.get(name, range);
  const found = typeof content === 'object' ? content.bytes.length : 0;
  if (typeof content === 'object' && found === range.length) return content.bytes;
  throw new ElanusError('Network', `${name}: expected ${range.length} bytes at ${range.offset} of a piece of a log, found ${found}: another writer is at work`, { file: name });
}

/** What the names of a log's pieces but the first start with. */
export function piecePrefix(key: string, tag: string): string {
  return `${key}~${tag}-`;
}
