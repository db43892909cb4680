// The sink against the platform's encoder, over texts short and long, of one to four bytes a character.

import { expect, test } from 'vitest';
import { TextSink } from '../../src/format/text-sink.js';
import { randomOf } from './samples.js';

const SEED = 20_261;
const ALPHABETS = ['abc {}"', 'aé', '漢字a', '🙂a', '\u0000\u007f\u0080\u07ff\u0800\uffff'].map((text) => [...text]);

test.each([0, 10_000])('texts lie one behind the other, expected to take %i bytes', (expected) => {
  const random = randomOf(SEED);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const texts = Array.from({ length: 300 }, () => {
    const alphabet = pick(ALPHABETS);
    return Array.from({ length: Math.floor(random() * 150) }, () => pick(alphabet)).join('');
  });
  const sink = new TextSink(expected);
  let whole = '';
  for (const text of texts) {
    whole += text;
    expect(sink.add(text), `seed ${SEED}`).toBe(new TextEncoder().encode(whole).length);
  }
  expect(sink.bytes).toEqual(new TextEncoder().encode(whole));
});
