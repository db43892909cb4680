// Envelope: one canonical JSON object (keys sorted, no spaces) whose last member is a CRC-32C of all before it.
// Manifest and catalog are written in it. The checksum is looked at first, then size, depth and shape.

import { ElanusError, require, requireIntact } from '../model/errors.js';
import { concatBytes, decodeText, encodeText, sameBytes } from './bytes.js';
import { crc32c } from './crc.js';

/** What an envelope may hold. Members that are undefined are left out. */
export type Json = null | boolean | number | string | Rendered | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/** A value by its canonical text, which was made before and serves again. */
export class Rendered {
  private constructor(readonly text: string) {}

  static of(value: Json): Rendered {
    return new Rendered(canonicalJson(value));
  }

  /** Several items of a list, which stand in it as if they were one. REQUIRES: at least one. */
  static items(values: readonly Json[]): Rendered {
    return new Rendered(values.map(canonicalJson).join(','));
  }
}

const FORMAT_VERSION = 1;
const DEPTH_MAX = 16;
/** Characters of a piece: less than a millisecond of work. */
const PIECE_LENGTH = 256 * 1024;
const TAIL_LENGTH = ',"crc32c":"00000000"}'.length;

/** Canonical text of `value`: members in order of their names' code units, no spaces. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (value instanceof Rendered) return value.text;
  const object = value as JsonObject;
  const members = Object.keys(object).sort().flatMap((key) => {
    const member = object[key];
    return member === undefined ? [] : [`${JSON.stringify(key)}:${canonicalJson(member)}`];
  });
  return `{${members.join(',')}}`;
}

/** Errors: `InvalidArgument` if it would be longer than `bytesMax`, so that nothing unreadable is ever written. */
export function encodeEnvelope(value: JsonObject, bytesMax: number, what: string): Uint8Array<ArrayBuffer> {
  const head = encodeText(canonicalJson({ ...value, formatVersion: FORMAT_VERSION }).slice(0, -1));
  const bytes = concatBytes([head, tailOf(head)]);
  require(bytes.length <= bytesMax, () => `${what}: at most ${bytesMax} bytes, found ${bytes.length}`);
  return bytes;
}

/** The same bytes, made a piece at a time, with `pause` before each but the first; no piece ends within an item of a list. */
export async function encodeEnvelopeInTurns(value: JsonObject, bytesMax: number, what: string, pause: () => Promise<void>): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let crc = 0;
  let bytes = 0;
  for (const text of piecesOf({ ...value, formatVersion: FORMAT_VERSION })) {
    if (pieces.length > 0) await pause();
    const piece = encodeText(text);
    crc = crc32c(piece, crc);
    pieces.push(piece);
    bytes += piece.length;
  }
  bytes += TAIL_LENGTH;
  require(bytes <= bytesMax, () => `${what}: at most ${bytesMax} bytes, found ${bytes}`);
  return concatBytes([...pieces, tailWith(crc)]);
}

/** Canonical text without its last character, in pieces. */
function* piecesOf(object: JsonObject): Generator<string> {
  let text = '{';
  let isFirst = true;
  for (const key of Object.keys(object).sort()) {
    const member = object[key];
    if (member === undefined) continue;
    text += `${isFirst ? '' : ','}${JSON.stringify(key)}:`;
    isFirst = false;
    if (!Array.isArray(member)) {
      text += canonicalJson(member);
      continue;
    }
    text += '[';
    for (let at = 0; at < member.length; at++) {
      text += `${at === 0 ? '' : ','}${canonicalJson(member[at] as Json)}`;
      if (text.length < PIECE_LENGTH) continue;
      yield text;
      text = '';
    }
    text += ']';
  }
  yield text;
}

/** The object in an envelope, its shape not yet checked. Errors: `Corrupt`; `Unsupported` if it is of a newer format. */
export function decodeEnvelope(bytes: Uint8Array, bytesMax: number, where: string): Readonly<Record<string, unknown>> {
  requireIntact(bytes.length > TAIL_LENGTH && bytes.length <= bytesMax, where, `expected ${TAIL_LENGTH + 1} to ${bytesMax} bytes, found ${bytes.length}`);
  const head = bytes.subarray(0, bytes.length - TAIL_LENGTH);
  requireIntact(sameBytes(tailOf(head), bytes.subarray(head.length)), where, 'checksum does not match');
  requireIntact(depthOf(head) <= DEPTH_MAX, where, `nested deeper than ${DEPTH_MAX}`);
  const value = parse(`${decodeText(head, where, 'JSON')}}`, where);
  requireIntact(typeof value === 'object' && value !== null && !Array.isArray(value), where, 'expected a JSON object');
  const object = value as Readonly<Record<string, unknown>>;
  const version = object['formatVersion'];
  requireIntact(Number.isSafeInteger(version) && (version as number) >= 1, where, `expected a formatVersion, found ${String(version)}`);
  if (version !== FORMAT_VERSION) {
    throw new ElanusError('Unsupported', `${where}: format version ${String(version)} is newer than ${FORMAT_VERSION}, the newest that this release reads`, { file: where });
  }
  return object;
}

function tailOf(head: Uint8Array): Uint8Array {
  return tailWith(crc32c(head));
}

function tailWith(crc: number): Uint8Array {
  return encodeText(`,"crc32c":"${crc.toString(16).padStart(8, '0')}"}`);
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ElanusError('Corrupt', `${where}: expected JSON`, { file: where, cause });
  }
}

/** Deepest nesting of [ and {, looked at before any parser may recurse. */
function depthOf(json: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < json.length; i++) {
    const byte = json[i] as number;
    if (inString) {
      if (byte === 0x5c) i++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x5b || byte === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (byte === 0x5d || byte === 0x7d) depth--;
  }
  return deepest;
}
