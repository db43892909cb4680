// JsonParser: JSON text (RFC 8259) to values in one pass, with every Int64 exact: an integer of 17 to 19 digits that
// a double may round becomes a bigint, any other number a double. Stricter than JSON.parse in two ways: a key may not come twice in an object, and
// nesting has a maximum. No value refers to the text, so keeping one does not keep the text in memory.

export type JsonInput = null | boolean | number | bigint | string | readonly JsonInput[] | JsonObject;
export type JsonObject = { readonly [key: string]: JsonInput };

export const JSON_DEPTH_MAX = 128;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const NINE = 0x39;
const MINUS = 0x2d;
/** No Int64 is longer; the double of a longer integer is as near as a Float or Double field can hold it. */
const INT64_LENGTH_MAX = '-9223372036854775808'.length;
const KEYWORDS: readonly (readonly [string, null | boolean])[] = [['true', true], ['false', false], ['null', null]];

const POINT = 0x2e;
const COMMA = 0x2c;
const CLOSE_LIST = 0x5d;
/** A whole number of so many digits, and its power of ten, are exact as doubles. */
const DECIMAL_DIGITS_MAX = 15;
const POWERS = Array.from({ length: DECIMAL_DIGITS_MAX + 1 }, (_, k) => Number(`1e${k}`));

/** Shorter lists are as fast one by one. */
const NUMBERS_LENGTH_MIN = 64;
const NUMBERS = /^\[[-+.\deE,\s]*\]$/;

/** Text that is read, or some of one. */
export interface Reader {
  readonly text: string;
  at: number;
  /** Characters of the whole before `text`. */
  readonly before: number;
  /** How many names of objects may still come. Default: as many as there are. */
  namesLeft?: number;
}

/** More names than may be in what is read in one go. */
export class TooManyNames extends SyntaxError {
  override readonly name = 'TooManyNames';
}

/** Errors: `SyntaxError` with the position. */
export function parseJson(text: string): JsonInput {
  const reader: Reader = { text, at: 0, before: 0 };
  const value = readValue(reader, 0);
  skipSpace(reader);
  if (reader.at < text.length) fail(reader, 'the end');
  return value;
}

export function fail({ text, at, before }: Reader, expected: string): never {
  const found = at < text.length ? JSON.stringify(text.slice(at, at + 10)) : 'the end';
  throw new SyntaxError(`position ${before + at}: expected ${expected}, found ${found}`);
}

export function skipSpace(reader: Reader): void {
  for (;;) {
    const code = reader.text.charCodeAt(reader.at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    reader.at++;
  }
}

/** Steps over `mark`, and the space before it, if it comes next. */
export function accept(reader: Reader, mark: string): boolean {
  skipSpace(reader);
  const there = reader.text[reader.at] === mark;
  if (there) reader.at++;
  return there;
}

export function readValue(reader: Reader, depth: number): JsonInput {
  skipSpace(reader);
  const code = reader.text.charCodeAt(reader.at);
  if (code === QUOTE) return readString(reader);
  if (code === MINUS || isDigit(code)) return readNumber(reader);
  if (depth === JSON_DEPTH_MAX) fail(reader, `at most ${JSON_DEPTH_MAX} levels`);
  if (accept(reader, '[')) return readArray(reader, depth + 1);
  if (accept(reader, '{')) return readObject(reader, depth + 1);
  for (const [word, value] of KEYWORDS) {
    if (!reader.text.startsWith(word, reader.at)) continue;
    reader.at += word.length;
    return value;
  }
  return fail(reader, 'a value');
}

function readArray(reader: Reader, depth: number): readonly JsonInput[] {
  const numbers = readNumbers(reader);
  if (numbers !== undefined) return numbers;
  const items: JsonInput[] = [];
  if (accept(reader, ']')) return items;
  do items.push(readValue(reader, depth));
  while (accept(reader, ','));
  if (!accept(reader, ']')) fail(reader, '"," or "]"');
  return items;
}

/**
 * A list of decimals of at most 15 digits, without exponents: each is a whole number over a power of ten, both exact, so that
 * their quotient is the nearest double. Undefined, and nothing is read, for any other.
 */
function readDecimals(reader: Reader): readonly number[] | undefined {
  const { text } = reader;
  const numbers: number[] = [];
  let at = reader.at;
  for (;;) {
    let code = text.charCodeAt(at);
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) code = text.charCodeAt(++at);
    const isNegative = code === MINUS;
    if (isNegative) code = text.charCodeAt(++at);
    const start = at;
    let whole = 0;
    for (; code >= ZERO && code <= NINE; code = text.charCodeAt(++at)) whole = whole * 10 + code - ZERO;
    const digits = at - start;
    if (digits === 0 || (digits > 1 && text.charCodeAt(start) === ZERO)) return undefined;
    let decimals = 0;
    if (code === POINT) {
      const point = at;
      code = text.charCodeAt(++at);
      for (; code >= ZERO && code <= NINE; code = text.charCodeAt(++at)) whole = whole * 10 + code - ZERO;
      decimals = at - point - 1;
      if (decimals === 0) return undefined;
    }
    if (digits + decimals > DECIMAL_DIGITS_MAX) return undefined;
    const value = decimals === 0 ? whole : whole / (POWERS[decimals] as number);
    numbers.push(isNegative ? -value : value);
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) code = text.charCodeAt(++at);
    at++;
    if (code === COMMA) continue;
    if (code !== CLOSE_LIST) return undefined;
    reader.at = at;
    return numbers;
  }
}

/** A long list of numbers that doubles hold at once, by the platform's parser; undefined, and nothing is read, for any other. */
function readNumbers(reader: Reader): readonly number[] | undefined {
  const { text, at } = reader;
  const first = text.charCodeAt(at);
  if (first !== MINUS && !isDigit(first)) return undefined;
  const decimals = readDecimals(reader);
  if (decimals !== undefined) return decimals;
  const end = text.indexOf(']', at);
  if (end - at < NUMBERS_LENGTH_MIN) return undefined;
  const list = text.slice(at - 1, end + 1);
  if (!NUMBERS.test(list)) return undefined;
  try {
    const numbers = JSON.parse(list) as readonly number[];
    for (const x of numbers) if (Math.abs(x) > Number.MAX_SAFE_INTEGER) return undefined;
    reader.at = end + 1;
    return numbers;
  } catch {
    // What is wrong, and where, is for readValue to say.
    return undefined;
  }
}

function readObject(reader: Reader, depth: number): JsonObject {
  const object: Record<string, JsonInput> = {};
  if (accept(reader, '}')) return object;
  do {
    if (reader.namesLeft !== undefined && --reader.namesLeft < 0) throw new TooManyNames(`too many names of objects before position ${reader.before + reader.at}`);
    const key = readKey(reader, object);
    setMember(object, key, readValue(reader, depth));
  } while (accept(reader, ','));
  if (!accept(reader, '}')) fail(reader, '"," or "}"');
  return object;
}

/** The next key of `object`, with its colon. */
export function readKey(reader: Reader, object: JsonObject): string {
  skipSpace(reader);
  if (reader.text.charCodeAt(reader.at) !== QUOTE) fail(reader, 'a key');
  const start = reader.at;
  const key = readString(reader);
  if (Object.hasOwn(object, key)) fail({ ...reader, at: start }, 'a key that the object does not have yet');
  if (!accept(reader, ':')) fail(reader, '":"');
  return key;
}

export function setMember(object: Record<string, JsonInput>, key: string, value: JsonInput): void {
  if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
}

function readString(reader: Reader): string {
  const { text, at: start } = reader;
  let end = start + 1;
  for (let code = text.charCodeAt(end); code !== QUOTE; code = text.charCodeAt(end)) {
    if (end >= text.length) fail(reader, 'a string with an end');
    end += code === BACKSLASH ? 2 : 1;
  }
  reader.at = end + 1;
  try {
    // Checks escapes and control characters, and copies: a slice would keep the whole text alive.
    return JSON.parse(text.slice(start, end + 1)) as string;
  } catch {
    return fail({ ...reader, at: start }, 'a string without control characters or unknown escapes');
  }
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

function readNumber(reader: Reader): number | bigint {
  const { text, at: start } = reader;
  if (text.charCodeAt(reader.at) === MINUS) reader.at++;
  if (text.charCodeAt(reader.at) === ZERO) reader.at++;
  else skipDigits(reader);
  const end = reader.at;
  if (text[reader.at] === '.') {
    reader.at++;
    skipDigits(reader);
  }
  if (text[reader.at] === 'e' || text[reader.at] === 'E') {
    reader.at++;
    if (text[reader.at] === '+' || text[reader.at] === '-') reader.at++;
    skipDigits(reader);
  }
  const digits = text.slice(start, reader.at);
  const value = Number(digits);
  const isDouble = reader.at > end || Number.isSafeInteger(value) || digits.length > INT64_LENGTH_MAX;
  return isDouble ? value : BigInt(digits);
}

function skipDigits(reader: Reader): void {
  if (!isDigit(reader.text.charCodeAt(reader.at))) fail(reader, 'a digit');
  while (isDigit(reader.text.charCodeAt(reader.at))) reader.at++;
}
