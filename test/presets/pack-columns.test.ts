// Columns on their way to a worker carry their own bytes and no others, and one buffer that can be given away.

import { expect, test } from 'vitest';
import { packColumns } from '../../src/presets/pack-columns.js';

const tensor = Float32Array.from({ length: 1_000_000 }, (_, i) => i);
const given = {
  columns: {
    id: BigInt64Array.of(1n, 2n),
    vector: tensor.subarray(4, 10),
    list: [tensor.subarray(0, 3), Float32Array.of(1), null],
    tags: { offsets: Uint32Array.of(0, 1, 3), values: Int8Array.of(1, 2, 3), valid: Uint8Array.of(1, 1) },
    title: ['a', 'b'],
    more: { texts: ['{}', null] },
  },
};

test('what arrives has the same values, in one buffer that holds nothing else', () => {
  const { columns, buffer } = packColumns(given);
  expect(columns).toEqual(given);
  expect(buffer?.byteLength).toBe(16 + 24 + 16 + 8 + 16 + 8 + 8);
  const arrived = structuredClone(columns, { transfer: [buffer as ArrayBuffer] });
  expect(arrived).toEqual(given);
  expect(buffer?.byteLength).toBe(0);
});

test('the columns that were given are left as they are', () => {
  packColumns(given);
  expect(given.columns.vector.buffer).toBe(tensor.buffer);
});

test.each([[{ columns: undefined }], [{ columns: null }], [{ columns: [] }], [{ columns: 'text' }], [{ columns: { id: [1], title: ['a'] } }], [{ columns: { id: new DataView(new ArrayBuffer(8)) } }]])('what has no typed arrays goes as it is: %j', (columns) => {
  expect(packColumns(columns as never)).toEqual({ columns, buffer: undefined });
});
