// Text order: the places of texts in order of their code points, equal ones in order of places. In steps of a few
// milliseconds: chunks are sorted, then merged.

import { compareText } from '../../model/text-order.js';

const CHUNK = 4096;
/** Places that are merged between two steps. */
const STEP = 16_384;
/** UTF-16 units in whose order characters are not. */
const BEYOND = /[\ud800-\uffff]/;

type Order = (a: number, b: number) => number;

export function* textOrder(texts: readonly string[]): Generator<void, Uint32Array> {
  let from = new Uint32Array(texts.length);
  for (let at = 0; at < from.length; at++) from[at] = at;
  let isPlain = true;
  for (let first = 0; first < from.length; first += CHUNK) {
    const end = Math.min(first + CHUNK, from.length);
    for (let at = first; isPlain && at < end; at++) isPlain = !BEYOND.test(texts[at] as string);
    from.subarray(first, end).sort(orderOf(texts, isPlain));
    yield;
  }
  const order = orderOf(texts, isPlain);
  let to = new Uint32Array(texts.length);
  for (let width = CHUNK; width < from.length; width *= 2) {
    for (let first = 0; first < from.length; first += 2 * width) yield* mergeRuns(from, to, first, width, order);
    [from, to] = [to, from];
  }
  return from;
}

/** By code units where that is the order of characters, which is much faster. */
function orderOf(texts: readonly string[], isPlain: boolean): Order {
  if (!isPlain) return (a, b) => compareText(texts[a] as string, texts[b] as string) || a - b;
  return (a, b) => {
    const x = texts[a] as string;
    const y = texts[b] as string;
    return x < y ? -1 : x > y ? 1 : a - b;
  };
}

/** The runs of `width` places at `first` and behind it, into one. */
function* mergeRuns(from: Uint32Array, to: Uint32Array, first: number, width: number, order: Order): Generator<void> {
  const middle = Math.min(first + width, from.length);
  const end = Math.min(first + 2 * width, from.length);
  let left = first;
  let right = middle;
  for (let at = first; at < end; at++) {
    const takesLeft = left < middle && (right >= end || order(from[left] as number, from[right] as number) < 0);
    to[at] = from[takesLeft ? left++ : right++] as number;
    if ((at - first) % STEP === STEP - 1) yield;
  }
}
