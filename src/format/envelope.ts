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
  readonly text: string;

  constructor(value: Json) {
    this.text = canonicalJson(value);
  }
}

const FORMAT_VERSION = 1;
const DEPTH_MAX = 16;
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
  return encodeText(`,"crc32c":"${crc32c(head).toString(16).padStart(8, '0')}"}`);
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
