// Rows on their way to a worker carry their own bytes and no others.

import { expect, test } from 'vitest';
import { packRows } from '../../src/presets/pack-rows.js';

const tensor = Float32Array.from({ length: 1_000_000 }, (_, i) => i);
const rows = Array.from({ length: 10 }, (_, id) => ({ id, vector: tensor.subarray(id * 3, (id + 1) * 3), tags: ['a', String(id)], big: BigInt(id), wide: Float32Array.of(id, 0.5) }));

test('what arrives has the same values, in buffers that hold nothing else', () => {
  const arrived = structuredClone(packRows(rows)) as unknown as typeof rows;
  expect(arrived).toEqual(rows);
  const buffers = new Set(arrived.flatMap(({ vector, wide }) => [vector.buffer, wide.buffer]));
  const bytes = [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
  // Without packing it is the tensor: 4,000,000.
  expect(bytes).toBe(10 * (16 + 8));
});

test('the rows that were given are left as they are', () => {
  const [packed] = packRows(rows);
  expect(rows[0]?.vector.buffer).toBe(tensor.buffer);
  expect((packed?.['vector'] as Float32Array).buffer).not.toBe(tensor.buffer);
});

test.each([[undefined], ['text'], [[]], [[null, 5, 'x']], [[{ id: 1, vector: [1, 2] }]]])('what has no views goes as it is: %j', (given) => {
  expect(packRows(given as never)).toBe(given);
});
