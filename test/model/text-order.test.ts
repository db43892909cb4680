// Text is ordered as its UTF-8 bytes are.

import { expect, it } from 'vitest';
import { compareText } from '../../src/model/text-order.js';

const samples = ['', 'a', 'aa', 'ab', 'b', '\u007f', 'é', '\ud7ff', '\ue000', '\uffee', '\uffff', '😀', '😁', '\u{10ffff}', 'a😀', 'a\uffff', '😀a'];

it('every pair of samples is ordered as its UTF-8 bytes', () => {
  const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');
  for (const a of samples) {
    for (const b of samples) {
      expect(Math.sign(compareText(a, b)), `${JSON.stringify(a)} and ${JSON.stringify(b)}`).toBe(Buffer.compare(bytes(a), bytes(b)));
    }
  }
});

it('the order differs from that of UTF-16 where it should', () => {
  expect('😀' < '\uffff').toBe(true);
  expect(compareText('😀', '\uffff')).toBeGreaterThan(0);
});
