// Draws of the differential test: values that are likely to be equal, to be at an edge, or to be of the wrong kind.

import { randomInteger } from '../../support/random.js';
import type { Json } from './tree.js';

export type Next = () => number;

export const pick = <T>(next: Next, from: readonly T[]): T => from[randomInteger(next, from.length)] as T;

export const chance = (next: Next, share: number): boolean => next() < share;

export function several<T>(next: Next, most: number, draw: () => T): readonly T[] {
  return Array.from({ length: randomInteger(next, most + 1) }, draw);
}

const WORDS = ['a', 'b', 'ab', 'the', 'kite', 'Kite', 'straße', 'naïve', '日本', '😀', '42'];
const TEXTS = ['', 'a', 'b', 'ab', 'ba', 'aab', 'a_b', 'a%b', '50%', '\\', 'a\\b', '"', "'", 'é', '\uffee', '😀', '😀b', 'a\nb', '\t', 'null', '日本'];
const INTS = [0n, 1n, -1n, 2n, 3n, 5n, 7n, -7n, 10n, 63n, 64n, 127n, -128n, 128n, 255n, 32_767n, -32_768n, 2n ** 31n - 1n, -(2n ** 31n), 2n ** 31n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 62n, 2n ** 63n - 1n, -(2n ** 63n)];
const FLOATS = [0.5, -0.5, 1.5, 2.5, -2.5, 0.1, 0.2, 0.3, 1 / 3, 1e-300, 5e-324, 1e19, 1e300, -1e300, 1e39, -1e39, 3.4028234663852886e38, 16_777_217, Number.MAX_VALUE];
const MOMENTS = [0n, 1n, -1n, 1_709_208_000_000_000n, 1_738_281_600_000_000n, -2_208_988_800_000_000n, 253_402_300_799_999_999n, -62_167_219_200_000_000n];

export const int = (next: Next): bigint => (chance(next, 0.5) ? BigInt(randomInteger(next, 8) - 2) : pick(next, INTS));

export const small = (next: Next, bits: bigint): bigint => BigInt.asIntN(Number(bits), int(next));

/** A float that a filter can spell. */
export const float = (next: Next): number => (chance(next, 0.4) ? (randomInteger(next, 40) - 10) / 4 : pick(next, FLOATS));

/** One that only a column can hold, too. */
export const anyFloat = (next: Next): number => (chance(next, 0.1) ? pick(next, [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0]) : float(next));

export const text = (next: Next): string => (chance(next, 0.3) ? several(next, 5, () => pick(next, WORDS)).join(pick(next, [' ', ', ', '-'])) : pick(next, TEXTS));

export const words = (next: Next): readonly string[] => several(next, 4, () => pick(next, WORDS));

export const moment = (next: Next): bigint => (chance(next, 0.3) ? BigInt(randomInteger(next, 4)) * 86_400_000_000n : pick(next, MOMENTS));

export const KEYS = ['k', 'n', 's', 'x y', 'a.b', '0', 'é', 'in', 'toString'];

/** A scalar of JSON; whole doubles come back as whole numbers, so they are drawn as such. */
export function jsonScalar(next: Next): Json {
  const draw = next();
  if (draw < 0.35) return int(next);
  if (draw < 0.55) return wholeOrNot(float(next));
  if (draw < 0.8) return text(next);
  return draw < 0.9 ? chance(next, 0.5) : null;
}

/** As JSON text has it: digits alone are a whole number, which is exact where 64 bits hold it. */
function wholeOrNot(number: number): bigint | number {
  const digits = JSON.stringify(number);
  const whole = /^-?\d+$/.test(digits) ? BigInt(digits) : undefined;
  return whole !== undefined && BigInt.asIntN(64, whole) === whole ? whole : number;
}

export function json(next: Next, depth: number): Json {
  const draw = depth === 0 ? 0 : next();
  if (draw < 0.5) return jsonScalar(next);
  if (draw < 0.75) return several(next, 4, () => json(next, depth - 1));
  return jsonObject(next, depth);
}

export function jsonObject(next: Next, depth: number): { readonly [key: string]: Json } {
  return Object.fromEntries(several(next, 4, () => [pick(next, KEYS), json(next, depth - 1)] as const));
}

export function jsonText(value: Json): string {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(jsonText).join(', ')}]`;
  if (typeof value === 'object' && value !== null) return `{${Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${jsonText(member)}`).join(',')}}`;
  return JSON.stringify(value);
}
