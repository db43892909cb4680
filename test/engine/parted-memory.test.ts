// Memory of a batch that is made in parts: what is joined, and what cannot be.

import { expect, test } from 'vitest';
import { freshArray } from '../../src/engine/write/batch-room.js';
import { PartedMemory } from '../../src/engine/write/parted-memory.js';

test('arrays of parts lie one behind the other, and are joined without a copy', () => {
  const memory = new PartedMemory(5, freshArray);
  const parts = [memory.part(0, 2), memory.part(2, 2), memory.part(4, 1)].map((make, at) => {
    const rows = at === 2 ? 1 : 2;
    return { floats: make(Float32Array, rows * 3).fill(at), bytes: make(Uint8Array, rows * 2).fill(at + 10) };
  });
  const floats = memory.joined(parts.map((part) => part.floats));
  expect(floats).toEqual(Float32Array.of(0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2));
  expect(floats?.buffer).toBe(parts[0]?.floats.buffer);
  expect(memory.joined(parts.map((part) => part.bytes))).toEqual(Uint8Array.of(10, 10, 10, 10, 11, 11, 11, 11, 12, 12));
});

test('what one part alone asked for, or asked for in another order, is no part of a whole and touches none', () => {
  const memory = new PartedMemory(4, freshArray);
  const [first, second] = [memory.part(0, 2), memory.part(2, 2)];
  const floats = [first(Float32Array, 4).fill(1)];
  const bytes = [first(Uint8Array, 4).fill(2)];
  // Half of the rows are null.
  const odd = second(Float32Array, 3).fill(3);
  bytes.push(second(Uint8Array, 4).fill(4));
  floats.push(second(Float32Array, 4).fill(5));
  expect(memory.joined([floats[0] as Float32Array, odd])).toBeUndefined();
  expect(memory.joined(floats)).toBeUndefined();
  expect(memory.joined(bytes)).toEqual(Uint8Array.of(2, 2, 2, 2, 4, 4, 4, 4));
  expect([...floats, odd]).toEqual([new Float32Array(4).fill(1), new Float32Array(4).fill(5), new Float32Array(3).fill(3)]);
});
