// Sealed log: how the bytes of an encrypted log lie: a header with a salt, then frames, each with a random nonce and bound to
// the nonce of the frame before. What a log held is cut either where an append began or by a frame that says so.

import { requireIntact } from '../model/errors.js';
import { concatBytes, dataViewOf } from './bytes.js';
import { LOG_HEADER_BYTES } from './log.js';
import { NONCE_BYTES, SEALED_HEADER_BYTES, TAG_BYTES } from './sealed-file.js';

/** What a frame holds at most. */
export const FRAME_BYTES_MAX = 1024 * 1024;
/** Frames of one log: the limit of NIST SP 800-38D for random nonces under one key. */
export const FRAMES_MAX = 2 ** 32;
/** In front of the first frame there is none. */
export const FIRST_NONCE = new Uint8Array(NONCE_BYTES);

const FRAME_HEADER_BYTES = 20;
const KINDS = { data: 0, cut: 1 } as const;
const CUT_BYTES = 8;

/** The first append is synced before the next: a file of no more bytes than these may have been torn at its creation. */
export const SEALED_LOG_START_BYTES = SEALED_HEADER_BYTES + FRAME_HEADER_BYTES + LOG_HEADER_BYTES + TAG_BYTES;

export type FrameKind = keyof typeof KINDS;

export interface Frame {
  readonly kind: FrameKind;
  readonly nonce: Uint8Array;
  /** Encrypted, with its tag. */
  readonly sealed: Uint8Array;
  /** Where the next frame begins. */
  readonly end: number;
}

export function encodeFrame(kind: FrameKind, nonce: Uint8Array, sealed: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes([sizeAndKind(kind, sealed.length), nonce, sealed]);
}

/** What the tag of a frame covers besides its content. */
export function frameContext(kind: FrameKind, sealedBytes: number, nonceBefore: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes([sizeAndKind(kind, sealedBytes), nonceBefore]);
}

/** The frame at `start`, not yet decrypted, or why there is none. */
export function readFrame(bytes: Uint8Array, start: number): Frame | string {
  const at = start + FRAME_HEADER_BYTES;
  if (at > bytes.length) return `expected a frame header of ${FRAME_HEADER_BYTES} bytes, found ${bytes.length - start}`;
  const view = dataViewOf(bytes);
  const length = view.getUint32(start, true);
  const number = view.getUint32(start + 4, true);
  const kind = (Object.keys(KINDS) as FrameKind[]).find((name) => KINDS[name] === number);
  if (kind === undefined) return `expected a kind of frame, found ${number}`;
  if (length < TAG_BYTES || length > FRAME_BYTES_MAX + TAG_BYTES) return `expected ${TAG_BYTES} to ${FRAME_BYTES_MAX + TAG_BYTES} bytes, found ${length}`;
  if (at + length > bytes.length) return `expected ${length} bytes, found ${bytes.length - at}`;
  return { kind, nonce: bytes.subarray(at - NONCE_BYTES, at), sealed: bytes.subarray(at, at + length), end: at + length };
}

/** The content of a frame of kind cut: the log ends at `plainBytes` of what it holds. */
export function encodeCut(plainBytes: number): Uint8Array<ArrayBuffer> {
  const cut = new Uint8Array(CUT_BYTES);
  dataViewOf(cut).setBigUint64(0, BigInt(plainBytes), true);
  return cut;
}

/** Errors: `Corrupt` if it is no cut within `plainBytesMax`. */
export function decodeCut(cut: Uint8Array, plainBytesMax: number, where: string): number {
  requireIntact(cut.length === CUT_BYTES, where, `a cut: expected ${CUT_BYTES} bytes, found ${cut.length}`);
  const plainBytes = dataViewOf(cut).getBigUint64(0, true);
  requireIntact(plainBytes <= BigInt(plainBytesMax), where, `a cut at ${plainBytes} of ${plainBytesMax} bytes`);
  return Number(plainBytes);
}

function sizeAndKind(kind: FrameKind, sealedBytes: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(FRAME_HEADER_BYTES - NONCE_BYTES);
  const view = dataViewOf(header);
  view.setUint32(0, sealedBytes, true);
  view.setUint32(4, KINDS[kind], true);
  return header;
}
