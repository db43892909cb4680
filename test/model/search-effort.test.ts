// Search parameters of Milvus' clients: each at its bounds and beyond, what it means on the index that has it, and that it
// means nothing on another.

import { describe, expect, test } from 'vitest';
import { checkIndex, type IndexDefinition, type IndexedField } from '../../src/model/index-definition.js';
import { INDEX_TYPES, SEARCH_PARAMETERS, type IndexType, type IndexTypeName } from '../../src/model/index-type.js';
import type { Params } from '../../src/model/parameter.js';
import { listsToRead, searchEffort, type SearchEffort } from '../../src/model/search-effort.js';

const DENSE: IndexedField = { name: 'v', type: 'FloatVector', dim: 96, metric: 'L2' };
const SPARSE: IndexedField = { name: 'v', type: 'SparseFloatVector', metric: 'IP' };
const BINARY: IndexedField = { name: 'v', type: 'BinaryVector', dim: 96, metric: 'HAMMING' };
const TITLE: IndexedField = { name: 'v', type: 'VarChar' };

function index(indexType: string, params: Params = {}, metric?: 'IP' | 'COSINE'): IndexDefinition {
  const { fields }: IndexType = INDEX_TYPES[indexType as IndexTypeName];
  const field = [metric === undefined ? DENSE : { ...DENSE, metric }, BINARY, SPARSE, TITLE].find(({ type }) => fields.includes(type)) ?? DENSE;
  return checkIndex(field, { fieldName: 'v', indexType, params: indexType === 'IVF_PQ' ? { m: 8, ...params } : params });
}

const search = (indexType: string, params: Readonly<Record<string, unknown>>, k = 10): SearchEffort => searchEffort(index(indexType), { params: params as Params }, k);

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toMatchObject({ name: 'ElanusError', code: 'InvalidArgument' });
    return (error as Error).message;
  }
  throw new Error('it was taken');
}

const NAMES = Object.keys(INDEX_TYPES);

/** What each parameter means on the indexes that have it. */
const MEANINGS: readonly (readonly [name: string, value: number | string, on: readonly string[], effort: SearchEffort])[] = [
  ['nprobe', '16', ['IVF_FLAT', 'IVF_SQ8', 'IVF_PQ', 'IVF_RABITQ', 'SCANN', 'BIN_IVF_FLAT'], { effort: { nprobe: 16 } }],
  ['ef', 64, ['AUTOINDEX', 'HNSW', 'HNSW_SQ', 'HNSW_PQ', 'HNSW_PRQ'], { effort: { ef: 64 } }],
  ['ef', '2147483647', ['AUTOINDEX', 'HNSW', 'HNSW_SQ', 'HNSW_PQ', 'HNSW_PRQ'], { effort: { ef: 32_768 } }],
  ['search_list', 100, ['DISKANN'], { effort: { ef: 100 } }],
  ['reorder_k', 200, ['SCANN'], { effort: { rerank: 200 } }],
  ['refine_k', '2.55', ['IVF_RABITQ', 'HNSW_SQ', 'HNSW_PQ', 'HNSW_PRQ'], { effort: { rerank: 26 } }],
  ['refine_k', 1e30, ['IVF_RABITQ', 'HNSW_SQ', 'HNSW_PQ', 'HNSW_PRQ'], { effort: { rerank: 32_768 } }],
  ['drop_ratio_search', 0.25, ['SPARSE_INVERTED_INDEX', 'SPARSE_WAND'], { dropRatio: 0.25 }],
  ['level', 1, ['AUTOINDEX'], { recall: 0.9 }],
  ['level', '10', ['AUTOINDEX'], { recall: 0.995 }],
  ['rbq_query_bits', 8, [], {}],
  ['max_empty_result_buckets', 5, [], {}],
  ['dim_max_score_ratio', 1.3, [], {}],
  ['radius', 4, NAMES, { radius: 4 }],
  ['range_filter', '-0.5', NAMES, { rangeFilter: -0.5 }],
];

describe('a search parameter', () => {
  test.each(MEANINGS)('%s %s acts on %j, and changes nothing elsewhere', (name, value, on, effort) => {
    for (const indexType of NAMES) expect(search(indexType, { [name]: value }), indexType).toEqual(on.includes(indexType) ? effort : {});
  });

  test('every one is in the table above, and every index names only such', () => {
    expect(new Set(MEANINGS.map(([name]) => name))).toEqual(new Set(Object.keys(SEARCH_PARAMETERS)));
    for (const type of Object.values(INDEX_TYPES)) for (const name of type.search) expect(Object.keys(SEARCH_PARAMETERS)).toContain(name);
  });

  test.each(Object.entries(SEARCH_PARAMETERS))('%s is taken at its bounds, refused beyond, on every index', (name, { kind, min, max, ...more }) => {
    const open = 'open' in more;
    const k = 1;
    for (const indexType of NAMES) {
      for (const value of [min, String(min), open ? max * 0.999 : max]) expect(() => search(indexType, { [name]: value }, k)).not.toThrow();
      const beyond = [min > -1e9 ? min - 1 : min * 2, max < 1e9 ? max + 1 : max * 2, ...(open ? [max] : [])];
      for (const value of [...beyond, ...beyond.map(String)]) expect(refusal(() => search(indexType, { [name]: value }, k))).toContain(`param '${name}'`);
      for (const value of [null, true, {}, [], '', 'many', Number.NaN, ...(kind === 'integer' ? [min + 0.5] : [])]) {
        expect(refusal(() => search(indexType, { [name]: value }, k))).toMatch(new RegExp(`param '${name}' .* in range \\[`));
      }
    }
  });

  test.each(['nprobes', 'metric_type', '__proto__', 'M'])('%s is none', (name) => {
    const params = JSON.parse(`{${JSON.stringify(name)}:1}`) as Params;
    expect(refusal(() => search('HNSW', params))).toContain(`invalid param '${name}' (1) for search, expected one of [nprobe `);
  });

  test('levels ask for ever more recall', () => {
    const recalls = Array.from({ length: 10 }, (_, i) => search('AUTOINDEX', { level: i + 1 }).recall ?? 0);
    expect(recalls).toEqual([...recalls].sort((a, b) => a - b));
    expect(new Set(recalls).size).toBe(10);
  });

  test.each([['HNSW', 'ef'], ['DISKANN', 'search_list'], ['SCANN', 'reorder_k']])('%s: fewer than k rows kept on the way (%s) are refused', (indexType, name) => {
    expect(refusal(() => search(indexType, { [name]: 9 }, 10))).toBe(`${name}(9) should be larger than k(10)`);
    expect(search(indexType, { [name]: 10 }, 10)).not.toEqual({});
    expect(search('FLAT', { [name]: 9 }, 10)).toEqual({});
  });

  test('none given, nothing is said', () => {
    for (const indexType of NAMES) expect(searchEffort(index(indexType), {}, 10)).toEqual({});
  });
});

describe('a range', () => {
  test('may be given beside the params or in them, not twice', () => {
    expect(searchEffort(index('HNSW'), { radius: 9, rangeFilter: 1, params: { ef: 20 } }, 10)).toEqual({ radius: 9, rangeFilter: 1, effort: { ef: 20 } });
    expect(searchEffort(index('HNSW'), { radius: 9, params: { range_filter: '1' } }, 10)).toEqual({ radius: 9, rangeFilter: 1 });
    expect(refusal(() => searchEffort(index('HNSW'), { radius: 9, params: { radius: 9 } }, 10))).toContain('given twice');
    expect(refusal(() => searchEffort(index('HNSW'), { rangeFilter: 9, params: { range_filter: 9 } }, 10))).toContain('given twice');
    expect(refusal(() => searchEffort(index('HNSW'), { radius: Number.NaN }, 10))).toContain("param 'radius'");
  });

  test.each([
    ['HNSW', undefined, 20, 10, 'range_filter(20) must be less than radius(10) for L2'],
    ['HNSW', undefined, 10, 10, 'range_filter(10) must be less than radius(10) for L2'],
    ['BIN_FLAT', undefined, 8, 8, 'must be less than radius(8) for HAMMING'],
    ['HNSW', 'IP', 0.1, 0.5, 'range_filter(0.1) must be greater than radius(0.5) for IP'],
    ['HNSW', 'COSINE', 0.5, 0.5, 'must be greater than radius(0.5) for COSINE'],
    ['SPARSE_WAND', undefined, 1, 2, 'must be greater than radius(2) for IP'],
  ] as const)('that holds nothing is refused: %s %s, range_filter %d, radius %d', (indexType, metric, rangeFilter, radius, message) => {
    expect(refusal(() => searchEffort(index(indexType, {}, metric), { params: { radius, range_filter: rangeFilter } }, 10))).toContain(message);
  });
});

describe('lists to read', () => {
  test.each([
    [{ nlist: 128 }, 16, 128, 16],
    [{ nlist: '1024' }, 16, 256, 4],
    [{ nlist: 1024 }, 1, 256, 1],
    [{ nlist: 100 }, 10, 33, 4],
    [{ nlist: 16 }, 64, 300, 300],
    [{}, 8, 128, 8],
    [{}, 8, 367, 23],
    [{}, 1, 1, 1],
  ])('%j, nprobe %d of %d lists: %d', (params, nprobe, lists, expected) => {
    expect(listsToRead(index('IVF_FLAT', params as Params), nprobe, lists)).toBe(expected);
  });
});
