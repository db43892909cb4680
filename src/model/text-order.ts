// Text order: strings by Unicode code point, which is the order of their UTF-8 bytes. JavaScript's `<` goes by
// UTF-16 code units and puts characters beyond U+FFFF before U+E000..U+FFFF.

import type { PrimaryKey } from '../model/row.js';

/** Negative, zero or positive as `a` is before, equal to or after `b`. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at++) {
    const x = a.charCodeAt(at);
    const y = b.charCodeAt(at);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Code units in the order of the characters they begin: surrogates last. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** The same of two primary keys of one collection. */
export function compareKeys(a: PrimaryKey, b: PrimaryKey): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}
