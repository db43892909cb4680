// The pieces of a log in an object store: the object under the log's key, marked as a log, then objects named
// "<key>~<tag>-<number>", where the tag is that of the first. In order of number each appends, cuts, or, if it is
// empty, only takes its number; none is ever replaced. No key has a "~", so pieces are never taken for files; a tag
// of its own keeps what an older log of the same key left behind, or still sends, out of this one.

import { ElanusError, requireIntact } from '../model/errors.js';
import type { ByteRange } from '../ports/storage.js';
import type { ObjectHead, ObjectReader } from './object-store.js';
import { rangeWithin } from './range.js';

/** Bytes of the log in an object, from `offset` on. */
export interface Piece {
  readonly name: string;
  readonly offset: number;
  readonly sizeBytes: number;
}

interface Pieces {
  /** In order; the first is the object under the log's key, which may be empty. */
  readonly pieces: readonly Piece[];
  /** The number that no piece has had yet. */
  readonly next: number;
}

/** Ten digits, so that names sort as numbers. */
const digits = 10;
const readsAtOnce = 8;

/** A piece opens with these and the size of the log after it; one that has no more than that is a cut. */
const magic = new TextEncoder().encode('ELANUSLP');
const headerBytes = 16;

/** A piece that appends `bytes`, or cuts if there are none, so that the log has `sizeBytes` then. */
export function encodePiece(sizeBytes: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const piece = new Uint8Array(headerBytes + bytes.length);
  piece.set(magic);
  new DataView(piece.buffer).setBigUint64(magic.length, BigInt(sizeBytes), true);
  piece.set(bytes, headerBytes);
  return piece;
}

function appendedPiece(name: string, sizeBytes: number): Piece {
  return { name, offset: headerBytes, sizeBytes };
}

/** `pieces` without what is behind `sizeBytes`. REQUIRES: they have as much. */
export function cutPieces(pieces: readonly Piece[], sizeBytes: number): Piece[] {
  const kept: Piece[] = [];
  let left = sizeBytes;
  for (const piece of pieces) {
    const taken = Math.min(left, piece.sizeBytes);
    if (taken > 0 || kept.length === 0) kept.push({ ...piece, sizeBytes: taken });
    left -= taken;
  }
  return kept;
}

export function pieceName(key: string, tag: string, number: number): string {
  return `${piecePrefix(key, tag)}${number.toString().padStart(digits, '0')}`;
}

/** What the names of a log's pieces but the first start with. */
export function piecePrefix(key: string, tag: string): string {
  return `${key}~${tag}-`;
}

/** Errors: `Corrupt` for what is no piece of a log. */
export async function listPieces(store: ObjectReader, key: string, head: ObjectHead): Promise<Pieces> {
  const prefix = piecePrefix(key, head.tag);
  const found = (await store.list(prefix)).filter(({ name }) => /^\d{10}$/.test(name.slice(prefix.length)));
  found.sort((a, b) => (a.name < b.name ? -1 : 1));
  let pieces: Piece[] = [{ name: key, offset: 0, sizeBytes: head.sizeBytes }];
  for (const { name, sizeBytes } of found) {
    requireIntact(sizeBytes === 0 || sizeBytes >= headerBytes, name, `expected a piece of a log, found ${sizeBytes} bytes`);
    if (sizeBytes > headerBytes) pieces.push(appendedPiece(name, sizeBytes - headerBytes));
    if (sizeBytes === headerBytes) pieces = cutPieces(pieces, decodeCut(await readObject(store, name, { offset: 0, length: headerBytes }), name, sizeOf(pieces)));
  }
  const last = found.at(-1);
  return { pieces, next: last === undefined ? 0 : Number(last.name.slice(prefix.length)) + 1 };
}

export function sizeOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** Errors: `Corrupt` if the range reaches beyond the log. */
export async function readPieces(store: ObjectReader, key: string, pieces: readonly Piece[], range: ByteRange | undefined): Promise<Uint8Array<ArrayBuffer>> {
  const { offset, length } = rangeWithin(key, sizeOf(pieces), range);
  const bytes = new Uint8Array(length);
  const reads: (() => Promise<void>)[] = [];
  let start = 0;
  for (const piece of pieces) {
    const from = Math.max(offset, start);
    const to = Math.min(offset + length, start + piece.sizeBytes);
    const within = { offset: piece.offset + from - start, length: to - from };
    if (from < to) reads.push(async () => bytes.set(await readObject(store, piece.name, within), from - offset));
    start += piece.sizeBytes;
  }
  for (let i = 0; i < reads.length; i += readsAtOnce) await Promise.all(reads.slice(i, i + readsAtOnce).map((read) => read()));
  return bytes;
}

async function readObject(store: ObjectReader, name: string, range: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
  const content = await store.get(name, range);
  const found = typeof content === 'object' ? content.bytes.length : 0;
  if (typeof content === 'object' && found === range.length) return content.bytes;
  throw new ElanusError('Network', `${name}: expected ${range.length} bytes at ${range.offset} of a piece of a log, found ${found}: the log is being removed`, { file: name });
}

function decodeCut(piece: Uint8Array<ArrayBuffer>, name: string, sizeBytesMax: number): number {
  requireIntact(magic.every((byte, i) => piece[i] === byte), name, 'expected a piece of a log');
  const sizeBytes = new DataView(piece.buffer, piece.byteOffset).getBigUint64(magic.length, true);
  requireIntact(sizeBytes <= BigInt(sizeBytesMax), name, `expected a cut of a log of ${sizeBytesMax} bytes, found one to ${sizeBytes}`);
  return Number(sizeBytes);
}
