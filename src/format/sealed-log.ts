// Sealed log: how the bytes of an encrypted log lie: a header with a salt, then frames, each with a random nonce, the place
// of what it holds, and the nonce of the frame before. A frame is told from what is around it by its header alone, so that
// those behind damage are found.

import { requireIntact } from '../model/errors.js';
import { concatBytes, dataViewOf, paddingFor, sameBytes } from './bytes.js';
import { crc32c } from './crc.js';
import { LOG_HEADER_BYTES } from './log.js';
import { NONCE_BYTES, SEALED_HEADER_BYTES, TAG_BYTES } from './sealed-file.js';

/** What a frame holds at most. */
export const FRAME_BYTES_MAX = 1024 * 1024;
/** Frames of one log: the limit of NIST SP 800-38D for random nonces under one key. */
export const FRAMES_MAX = 2 ** 32;
/** In front of the first frame there is none. */
export const FIRST_NONCE = new Uint8Array(NONCE_BYTES);

const FRAME_HEADER_BYTES = 48;
const ALIGNMENT = 8;
const KINDS = { data: 1, cut: 2 } as const;
const AT = { length: 0, kind: 4, place: 8, nonce: 16, before: 28, zero: 40, crc: 44 } as const;
const CUT_BYTES = 8;

/** The first append, of the log's header alone, is synced before the next: a file of no more bytes may have been torn at its creation. */
export const SEALED_LOG_START_BYTES = SEALED_HEADER_BYTES + FRAME_HEADER_BYTES + LOG_HEADER_BYTES + TAG_BYTES;

export type FrameKind = keyof typeof KINDS;

export interface FrameHeader {
  readonly kind: FrameKind;
  /** Bytes that the log held before this frame. */
  readonly place: number;
  readonly nonce: Uint8Array;
  /** Of the frame before. */
  readonly before: Uint8Array;
}

export interface Frame extends FrameHeader {
  /** What its tag covers besides its content. */
  readonly authentic: Uint8Array;
  /** Encrypted, with its tag. */
  readonly sealed: Uint8Array;
  readonly start: number;
  /** Where the next frame begins. */
  readonly end: number;
}

/** The header of a frame that holds `plainBytes`; the part of it that the frame's tag covers is all but the last 4 bytes. */
export function encodeFrameHeader({ kind, place, nonce, before }: FrameHeader, plainBytes: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(FRAME_HEADER_BYTES);
  const view = dataViewOf(header);
  view.setUint32(AT.length, plainBytes + TAG_BYTES, true);
  view.setUint32(AT.kind, KINDS[kind], true);
  view.setBigUint64(AT.place, BigInt(place), true);
  header.set(nonce, AT.nonce);
  header.set(before, AT.before);
  view.setUint32(AT.crc, crc32c(header.subarray(0, AT.crc)), true);
  return header;
}

export function authenticOf(header: Uint8Array): Uint8Array {
  return header.subarray(0, AT.crc);
}

export function encodeFrame(header: Uint8Array, sealed: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes([header, sealed, new Uint8Array(paddingFor(sealed.length, ALIGNMENT))]);
}

/** Every frame whose header is intact and that is not cut off: each is looked for behind the one before, then at every multiple of 8. */
export function framesIn(stored: Uint8Array): readonly Frame[] {
  const view = dataViewOf(stored);
  const frames: Frame[] = [];
  let at = SEALED_HEADER_BYTES;
  while (at + FRAME_HEADER_BYTES <= stored.length) {
    const frame = frameAt(stored, view, at);
    if (frame !== undefined) frames.push(frame);
    at = frame?.end ?? at + ALIGNMENT;
  }
  return frames;
}

function frameAt(stored: Uint8Array, view: DataView, start: number): Frame | undefined {
  const length = view.getUint32(start + AT.length, true);
  const number = view.getUint32(start + AT.kind, true);
  if (length <= TAG_BYTES || length > FRAME_BYTES_MAX + TAG_BYTES || (number !== KINDS.data && number !== KINDS.cut)) return undefined;
  const header = stored.subarray(start, start + FRAME_HEADER_BYTES);
  if (view.getUint32(start + AT.crc, true) !== crc32c(authenticOf(header))) return undefined;
  const place = view.getBigUint64(start + AT.place, true);
  const end = start + FRAME_HEADER_BYTES + length + paddingFor(length, ALIGNMENT);
  if (place > BigInt(Number.MAX_SAFE_INTEGER) || end > stored.length) return undefined;
  const sealed = stored.subarray(start + FRAME_HEADER_BYTES, start + FRAME_HEADER_BYTES + length);
  if (stored.subarray(sealed.byteOffset - stored.byteOffset + length, end).some((byte) => byte !== 0)) return undefined;
  return {
    kind: number === KINDS.data ? 'data' : 'cut',
    place: Number(place),
    nonce: stored.slice(start + AT.nonce, start + AT.before),
    before: stored.slice(start + AT.before, start + AT.zero),
    authentic: authenticOf(header),
    sealed,
    start,
    end,
  };
}

/** True if nothing was between two frames when they were written. */
export function follows(frame: FrameHeader, before: FrameHeader | undefined): boolean {
  return sameBytes(frame.before, before?.nonce ?? FIRST_NONCE);
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
