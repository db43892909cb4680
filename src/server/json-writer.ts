// JsonWriter: an answer as the bytes of its JSON, without texts of its parts in between. An Int64 keeps all its digits, as a
// number or as text; the components of a Float32Array have the fewest digits that read as the same f32; bytes are base64.

import { exactNumber } from '../format/exact-json.js';

const SIZE_FIRST = 1024;
const [MINUS, POINT, ZERO, QUOTE, COMMA] = [0x2d, 0x2e, 0x30, 0x22, 0x2c] as const;
/** Longest text of an f32, with its comma. */
const FLOAT_BYTES_MAX = 32;
/** Texts up to this are copied here, longer ones by the platform. */
const SHORT_TEXT = 64;
const ENCODER = new TextEncoder();
/** Powers of ten that are exact as doubles. */
const POWERS = Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));
const DIGITS_MIN = 6;
const DIGITS_MAX = 9;

export class JsonWriter {
  readonly #int64AsText: boolean;
  #bytes = new Uint8Array(SIZE_FIRST);
  #length = 0;

  constructor(int64AsText: boolean) {
    this.#int64AsText = int64AsText;
  }

  get length(): number {
    return this.#length;
  }

  /** What was written; nothing more may be. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Plain ASCII. */
  raw(text: string): void {
    this.#room(text.length);
    for (let i = 0; i < text.length; i++) this.#bytes[this.#length++] = text.charCodeAt(i);
  }

  /** Plain data, less cycles and functions. Members with an undefined value are left out. */
  value(value: unknown): void {
    if (typeof value === 'string') this.text(value);
    else if (typeof value === 'number') this.raw(Number.isFinite(value) ? exactNumber(value) : 'null');
    else if (typeof value === 'bigint') this.raw(this.#int64AsText ? `"${value}"` : value.toString());
    else if (typeof value !== 'object' || value === null) this.raw(JSON.stringify(value) ?? 'null');
    else if (value instanceof Float32Array) this.#floats(value);
    else if (value instanceof Uint8Array) this.raw(`"${base64Of(value)}"`);
    else if (ArrayBuffer.isView(value)) this.raw(`[${(value as Int8Array).join()}]`);
    else if (Array.isArray(value)) this.#list(value);
    else this.#object(value as Readonly<Record<string, unknown>>);
  }

  text(text: string): void {
    if (text.length <= SHORT_TEXT && this.#plain(text)) return;
    const escaped = JSON.stringify(text);
    this.#room(escaped.length * 3);
    this.#length += ENCODER.encodeInto(escaped, this.#bytes.subarray(this.#length)).written;
  }

  #list(items: readonly unknown[]): void {
    this.raw('[');
    for (let i = 0; i < items.length; i++) {
      if (i > 0) this.raw(',');
      this.value(items[i]);
    }
    this.raw(']');
  }

  #object(object: Readonly<Record<string, unknown>>): void {
    let isFirst = true;
    this.raw('{');
    for (const key of Object.keys(object)) {
      const value = object[key];
      if (value === undefined) continue;
      if (!isFirst) this.raw(',');
      isFirst = false;
      this.text(key);
      this.raw(':');
      this.value(value);
    }
    this.raw('}');
  }

  /** False, and nothing is written, if it has characters that are escaped or take several bytes. */
  #plain(text: string): boolean {
    this.#room(text.length + 2);
    let at = this.#length;
    this.#bytes[at++] = QUOTE;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code < 0x20 || code > 0x7e || code === QUOTE || code === 0x5c) return false;
      this.#bytes[at++] = code;
    }
    this.#bytes[at++] = QUOTE;
    this.#length = at;
    return true;
  }

  #floats(values: Float32Array): void {
    this.#room(values.length * FLOAT_BYTES_MAX + 2);
    this.raw('[');
    for (let i = 0; i < values.length; i++) {
      if (i > 0) this.#bytes[this.#length++] = COMMA;
      this.#float(values[i] as number);
    }
    this.raw(']');
  }

  // REQUIRES: room. The shortest of 6 to 9 significant digits that reads as the same f32; 9 always do (IEEE 754). A whole number
  // m over an exact power of ten is rounded once, as a reader rounds the decimal.
  #float(x: number): void {
    const positive = Math.abs(x);
    if (!(positive >= 1e-4 && positive < 1e9)) return this.raw(farFloat(x));
    if (x < 0) this.#bytes[this.#length++] = MINUS;
    const whole = wholeDigits(positive);
    for (let digits = DIGITS_MIN; digits <= DIGITS_MAX; digits++) {
      const decimals = Math.max(0, digits - whole);
      const power = POWERS[decimals] as number;
      const scaled = Math.round(positive * power);
      if (Math.fround(scaled / power) === positive) return this.#decimal(scaled, decimals);
    }
    this.raw(String(positive));
  }

  /** The number `scaled` with its last `decimals` digits behind the point. */
  #decimal(scaled: number, decimals: number): void {
    let rest = scaled;
    let left = decimals;
    while (left > 0 && rest % 10 === 0) {
      rest /= 10;
      left--;
    }
    const length = Math.max(left + 1, digitsOf(rest)) + (left > 0 ? 1 : 0);
    const start = this.#length;
    for (let at = start + length - 1; at >= start; at--) {
      if (left > 0 && at === start + length - 1 - left) {
        this.#bytes[at] = POINT;
        continue;
      }
      const next = Math.floor(rest / 10);
      this.#bytes[at] = ZERO + rest - next * 10;
      rest = next;
    }
    this.#length += length;
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + bytes));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

/** Digits before the point; of a number below 0.1, 0.01 and so on less than 0, as its digits begin later. */
function wholeDigits(x: number): number {
  if (x >= 1) return digitsOf(Math.floor(x));
  if (x >= 0.1) return 0;
  if (x >= 0.01) return -1;
  return x >= 0.001 ? -2 : -3;
}

/** REQUIRES: whole, below 1e15. */
function digitsOf(whole: number): number {
  let digits = 1;
  while (digits < POWERS.length && whole >= (POWERS[digits] as number)) digits++;
  return digits;
}

/** One that is large, small or 0. */
function farFloat(x: number): string {
  if (x === 0) return Object.is(x, -0) ? '-0.0' : '0';
  for (let digits = DIGITS_MIN; digits <= DIGITS_MAX; digits++) {
    const text = x.toPrecision(digits);
    if (Math.fround(Number(text)) === x) return exactNumber(Number(text));
  }
  return exactNumber(x);
}

const BASE64_CHUNK = 0x2000;

function base64Of(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += BASE64_CHUNK) binary += String.fromCharCode(...bytes.subarray(at, at + BASE64_CHUNK));
  return btoa(binary);
}
