// Sorted texts: by code point, in steps of a few milliseconds: chunks are sorted, then merged.

import { compareText } from '../../model/text-order.js';

const CHUNK = 8192;
/** Texts that are merged between two steps. */
const STEP = 65_536;
/** UTF-16 units in whose order characters are not. */
const BEYOND = /[\ud800-\uffff]/;

type Order = (a: string, b: string) => number;

export function* sortedTexts(texts: readonly string[]): Generator<void, readonly string[]> {
  const isPlain = !texts.some((text) => BEYOND.test(text));
  const order: Order = isPlain ? (a, b) => (a < b ? -1 : a > b ? 1 : 0) : compareText;
  let from = [...texts];
  let to = new Array<string>(texts.length);
  for (let first = 0; first < from.length; first += CHUNK) {
    const chunk = from.slice(first, first + CHUNK);
    // Without an order it goes by units, and much faster.
    if (isPlain) chunk.sort();
    else chunk.sort(order);
    for (let at = 0; at < chunk.length; at++) from[first + at] = chunk[at] as string;
    yield;
  }
  for (let width = CHUNK; width < from.length; width *= 2) {
    for (let first = 0; first < from.length; first += 2 * width) yield* mergeRuns(from, to, first, width, order);
    [from, to] = [to, from];
  }
  return from;
}

/** The runs of `width` texts at `first` and behind it, into one. */
function* mergeRuns(from: readonly string[], to: string[], first: number, width: number, order: Order): Generator<void> {
  const middle = Math.min(first + width, from.length);
  const end = Math.min(first + 2 * width, from.length);
  let left = first;
  let right = middle;
  for (let at = first; at < end; at++) {
    const takesLeft = left < middle && (right >= end || order(from[left] as string, from[right] as string) <= 0);
    to[at] = from[takesLeft ? left++ : right++] as string;
    if ((at - first) % STEP === STEP - 1) yield;
  }
}
