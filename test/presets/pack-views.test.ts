// What a page sends to a worker carries its own bytes and no others, in one buffer that can be given away.

import { describe, expect, test } from 'vitest';
import type { Caller } from '../../src/presets/pending.js';
import { packViews } from '../../src/presets/pack-views.js';
import { RemoteDatabase } from '../../src/presets/remote.js';

const tensor = Float32Array.from({ length: 1_000_000 }, (_, i) => i);
const terms = { indices: Uint32Array.from({ length: 1000 }, (_, i) => i), values: new Float32Array(1000) };

/** Of all buffers behind the typed arrays of what arrives, each once. */
function bytesBehind(arrived: unknown, seen = new Set<ArrayBufferLike>()): number {
  if (ArrayBuffer.isView(arrived)) return seen.has(arrived.buffer) ? 0 : (seen.add(arrived.buffer), arrived.buffer.byteLength);
  if (typeof arrived !== 'object' || arrived === null) return 0;
  return Object.values(arrived).reduce((sum: number, member) => sum + bytesBehind(member, seen), 0);
}

describe('rows', () => {
  const rows = Array.from({ length: 10 }, (_, id) => ({
    id,
    vector: tensor.subarray(id * 3, (id + 1) * 3),
    words: { indices: terms.indices.subarray(id, id + 1), values: terms.values.subarray(id, id + 1) },
    few: { 3: 0.5, 7: 0.25 },
    tags: ['a', String(id)],
    clips: [{ clip: tensor.subarray(id, id + 2) }],
    big: BigInt(id),
    wide: Float32Array.of(id, 0.5),
  }));

  test('arrive with the same values, in a buffer that holds nothing else', () => {
    const arrived = structuredClone(packViews(rows).packed);
    expect(arrived).toEqual(rows);
    // Without packing it is the tensor: 4,000,000.
    expect(bytesBehind(arrived)).toBe(10 * (16 + 8 + 8 + 8 + 8));
  });

  test('that were given are left as they are', () => {
    const { packed } = packViews(rows);
    expect(rows[0]?.vector.buffer).toBe(tensor.buffer);
    expect(packed[0]?.vector.buffer).not.toBe(tensor.buffer);
  });

  test.each([[undefined], ['text'], [[]], [[null, 5, 'x']], [[{ id: 1, vector: [1, 2], words: { 1: 0.5 }, json: { a: [{ b: null }] } }]]])('without views go as they are: %j', (given) => {
    expect(packViews(given).packed).toBe(given);
  });
});

describe('columns', () => {
  const given = {
    columns: {
      id: BigInt64Array.of(1n, 2n),
      vector: tensor.subarray(4, 10),
      list: [null, tensor.subarray(0, 3), Float32Array.of(1)],
      tags: { offsets: Uint32Array.of(0, 1, 3), values: Int8Array.of(1, 2, 3), valid: Uint8Array.of(1, 1) },
      title: ['a', 'b'],
      more: { texts: ['{}', null] },
    },
  };

  test('arrive with the same values, in one buffer that holds nothing else', () => {
    const { packed, buffer } = packViews(given);
    expect(packed).toEqual(given);
    expect(buffer?.byteLength).toBe(16 + 24 + 16 + 8 + 16 + 8 + 8);
    const arrived = structuredClone(packed, { transfer: [buffer as ArrayBuffer] });
    expect(arrived).toEqual(given);
    expect(buffer?.byteLength).toBe(0);
  });

  test('that were given are left as they are', () => {
    packViews(given);
    expect(given.columns.vector.buffer).toBe(tensor.buffer);
  });

  test.each([[{ columns: undefined }], [{ columns: null }], [{ columns: [] }], [{ columns: 'text' }], [{ columns: { id: [1], title: ['a'] } }], [{ columns: { id: new DataView(new ArrayBuffer(8)) } }]])('without typed arrays go as they are: %j', (columns) => {
    expect(packViews(columns)).toEqual({ packed: columns, buffer: undefined });
  });
});

describe('requests', () => {
  const query = tensor.subarray(3, 6);
  const sparse = { indices: terms.indices.subarray(1, 3), values: terms.values.subarray(1, 3) };
  const keys = BigInt64Array.from({ length: 1000 }, (_, i) => BigInt(i)).subarray(0, 2) as never;
  const search = { data: query, limit: 1 };

  test.each([
    ['search', 'a vector', [search], 16],
    ['search', 'vectors', [{ data: [query, tensor.subarray(6, 9)], limit: 1 }], 32],
    ['search', 'terms', [{ data: sparse, limit: 1 }], 16],
    ['search', 'a list of terms, and a filter', [{ data: [sparse], limit: 1, filter: { id: { $in: keys } } }], 32],
    ['search', 'ids', [{ ids: keys, limit: 1 }], 16],
    ['hybridSearch', 'searches', [{ searches: [{ annsField: 'a', ...search, filterParams: { keys } }, { annsField: 'b', data: [sparse] }], limit: 1 }], 48],
    ['searchPage', 'a vector', [{ data: query, batchSize: 5 }], 16],
    ['explain', 'a search', [{ search }], 16],
    ['query', 'filterParams', [{ filter: 'id in {keys}', filterParams: { keys } }], 16],
    ['keys', 'filterParams', [{ filter: 'id in {keys}', filterParams: { keys } }], 16],
    ['count', 'filterParams', ['id in {keys}', { keys }], 16],
    ['get', 'ids', [{ ids: keys }], 16],
    ['delete', 'ids', [{ ids: keys }], 16],
  ] as const)('of %s arrive with the same values and no bytes but their own: %s', async (verb, _, given, bytes) => {
    let posted: readonly unknown[] = [];
    const call = async (called: string, args: readonly unknown[]): Promise<unknown> => (called === 'collection' ? { name: 'c', schema: { fields: [] } } : void (posted = structuredClone(args)));
    const collection = await new RemoteDatabase('x', { call, storage: 'memory' } as unknown as Caller).collection('c');
    await (collection[verb] as (...args: readonly unknown[]) => Promise<unknown>)(...given);
    expect(posted.slice(1, 1 + given.length)).toEqual(given);
    expect(bytesBehind(posted)).toBe(bytes);
  });
});
