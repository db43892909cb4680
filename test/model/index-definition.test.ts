// Index definitions: every name and build parameter that Milvus' clients send, at its bounds and beyond them, as numbers
// and as text; what each name goes on and what it is here.

import { describe, expect, test } from 'vitest';
import { autoIndex, checkIndex, planIndex, sameIndex, type IndexedField, type IndexRequest } from '../../src/model/index-definition.js';
import { INDEX_TYPES, metricsOf, type IndexedType, type IndexMetric, type IndexType, type IndexTypeName } from '../../src/model/index-type.js';
import type { Parameter, Params } from '../../src/model/parameter.js';

const DENSE: IndexedField = { name: 'v', type: 'FloatVector', dim: 96, metric: 'COSINE' };
const FIELDS: Readonly<Record<string, IndexedField>> = {
  FloatVector: DENSE,
  Float16Vector: { ...DENSE, type: 'Float16Vector' },
  BFloat16Vector: { ...DENSE, type: 'BFloat16Vector' },
  Int8Vector: { ...DENSE, type: 'Int8Vector' },
  BinaryVector: { name: 'v', type: 'BinaryVector', dim: 96, metric: 'HAMMING' },
  SparseFloatVector: { name: 'v', type: 'SparseFloatVector', metric: 'IP' },
  Bool: { name: 'v', type: 'Bool' },
  Int64: { name: 'v', type: 'Int64' },
  Double: { name: 'v', type: 'Double' },
  VarChar: { name: 'v', type: 'VarChar' },
  JSON: { name: 'v', type: 'JSON' },
};
const FLOATS = ['FloatVector', 'Float16Vector', 'BFloat16Vector'];

/** Written down a second time, so that a slip in the table is seen. */
const EXPECTED: Readonly<Record<IndexTypeName, readonly [form: string, fields: readonly string[], build: readonly string[]]>> = {
  AUTOINDEX: ['auto', [...FLOATS, 'Int8Vector', 'BinaryVector', 'SparseFloatVector', 'Bool', 'Int64', 'Double', 'VarChar', 'JSON'], ['json_path', 'json_cast_type']],
  FLAT: ['flat', FLOATS, []],
  IVF_FLAT: ['ivf', FLOATS, ['nlist']],
  IVF_SQ8: ['ivf', FLOATS, ['nlist']],
  IVF_PQ: ['ivf', FLOATS, ['nlist', 'm', 'nbits']],
  IVF_RABITQ: ['ivf', FLOATS, ['nlist', 'refine', 'refine_type']],
  SCANN: ['ivf', FLOATS, ['nlist', 'with_raw_data', 'sub_dim']],
  HNSW: ['graph', [...FLOATS, 'Int8Vector', 'BinaryVector'], ['M', 'efConstruction']],
  HNSW_SQ: ['graph', [...FLOATS, 'Int8Vector'], ['M', 'efConstruction', 'sq_type', 'refine', 'refine_type']],
  HNSW_PQ: ['graph', [...FLOATS, 'Int8Vector'], ['M', 'efConstruction', 'm', 'nbits', 'refine', 'refine_type']],
  HNSW_PRQ: ['graph', [...FLOATS, 'Int8Vector'], ['M', 'efConstruction', 'm', 'nrq', 'nbits', 'refine', 'refine_type']],
  DISKANN: ['graph', FLOATS, ['max_degree', 'search_list_size', 'pq_code_budget_gb_ratio', 'search_cache_budget_gb_ratio']],
  BIN_FLAT: ['binary', ['BinaryVector'], []],
  BIN_IVF_FLAT: ['binary', ['BinaryVector'], ['nlist']],
  SPARSE_INVERTED_INDEX: ['sparse', ['SparseFloatVector'], ['drop_ratio_build', 'inverted_index_algo', 'bm25_k1', 'bm25_b']],
  SPARSE_WAND: ['sparse', ['SparseFloatVector'], ['drop_ratio_build', 'inverted_index_algo', 'bm25_k1', 'bm25_b']],
  INVERTED: ['scalar', ['Bool', 'Int64', 'Double', 'VarChar', 'JSON'], ['json_path', 'json_cast_type']],
  BITMAP: ['scalar', ['Bool', 'Int64', 'VarChar'], []],
  STL_SORT: ['scalar', ['Int64', 'Double', 'VarChar'], []],
  Trie: ['scalar', ['VarChar'], []],
  NGRAM: ['scalar', ['VarChar'], ['min_gram', 'max_gram']],
};

const NAMES = Object.keys(INDEX_TYPES) as readonly IndexTypeName[];
const typeOf = (name: IndexTypeName): IndexType => INDEX_TYPES[name];
/** A field that the type goes on, and the parameters without which it is refused. */
const fieldOf = (name: IndexTypeName): IndexedField => Object.values(FIELDS).find(({ type }) => typeOf(name).fields.includes(type)) ?? DENSE;
const neededBy = (name: IndexTypeName): Params => (name === 'IVF_PQ' ? { m: 8 } : {});

function create(name: string, params: Readonly<Record<string, unknown>>, field: IndexedField = DENSE, more: object = {}): ReturnType<typeof checkIndex> {
  return checkIndex(field, { fieldName: field.name, indexType: name, params: params as Params, ...more });
}

/** The message of the refusal, which must be `InvalidArgument`. */
function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toMatchObject({ name: 'ElanusError', code: 'InvalidArgument' });
    return (error as Error).message;
  }
  throw new Error('it was taken');
}

describe('an index type', () => {
  test.each(Object.entries(EXPECTED))('%s', (name, [form, fields, build]) => {
    const type = typeOf(name as IndexTypeName);
    expect(type.form).toBe(form);
    expect(Object.keys(FIELDS).filter((field) => type.fields.includes(field as IndexedType))).toEqual(Object.keys(FIELDS).filter((field) => fields.includes(field)));
    expect(Object.keys(type.build).sort()).toEqual([...build, 'mmap.enabled'].sort());
  });

  test('all that are expected are there, and no other', () => {
    expect(NAMES).toEqual(Object.keys(EXPECTED));
  });

  test.each(NAMES)('%s goes on its fields and is refused on every other', (name) => {
    for (const field of Object.values(FIELDS)) {
      if (typeOf(name).fields.includes(field.type)) expect(create(name, neededBy(name), field)).toMatchObject({ indexType: name, fieldName: 'v', indexName: 'v' });
      else expect(refusal(() => create(name, neededBy(name), field))).toMatch(new RegExp(`^index ${name} do not support data type: ${field.type}, expected one of \\[`));
    }
  });

  test.each(['hnsw', 'ANNOY', '', 'toString', 'GPU_CAGRA', 7, null])('%s is none', (name) => {
    expect(refusal(() => create(name as string, {}))).toContain(`invalid index type: ${String(name)}, expected one of [AUTOINDEX FLAT`);
  });
});

const PARAMETERS = NAMES.flatMap((name) => Object.entries(typeOf(name).build).map(([key, parameter]) => [name, key, parameter] as const));

/** Values that a parameter takes, and those that it does not. */
function valuesOf(parameter: Parameter): readonly [good: readonly unknown[], bad: readonly unknown[]] {
  const never = [null, undefined, {}, [1], Number.NaN, Number.POSITIVE_INFINITY, '', ' ', 'x'.repeat(1000)];
  if (parameter.kind === 'flag') return [[true, false, 'true', 'false', 'True'], [...never, 0, 1, '1', 'yes']];
  if (parameter.kind === 'word') return [[...parameter.words, ...parameter.words.map((word) => word.toLowerCase())], [...never, true, 8, 'SQ9', 'SQ8 ']];
  if (parameter.kind === 'text') return [['a', 'doc["a"]'], [null, undefined, {}, [1], Number.NaN, '', true, 8, 'x'.repeat(1000)]];
  const { min, max, open, kind } = parameter;
  const top = open === true ? max * 0.999 : parameter.dividesDim === true ? 96 : max;
  const good = [min, String(min), top, String(top), ...(kind === 'float' ? ['1e-1', '.5'].filter((text) => Number(text) >= min && Number(text) <= top) : [])];
  const beyond = max < 1e9 ? max + 1 : max * 2;
  return [good, [...never, min - 1, String(min - 1), beyond, String(beyond), true, `${top}x`, '0x10', ...(open === true ? [max] : []), ...(kind === 'integer' ? [min + 0.5, String(min + 0.5)] : [])]];
}

describe('a build parameter', () => {
  test.each(PARAMETERS)('%s %s is taken at its bounds and echoed as it was given', (name, key, parameter) => {
    for (const value of valuesOf(parameter)[0]) expect(create(name, { ...neededBy(name), [key]: value }, fieldOf(name)).params[key]).toBe(value);
  });

  test.each(PARAMETERS)('%s %s is refused beyond its bounds, by name, range and what was found', (name, key, parameter) => {
    for (const value of valuesOf(parameter)[1]) {
      const message = refusal(() => create(name, { ...neededBy(name), [key]: value }, fieldOf(name)));
      expect(message).toContain(`param '${key}'`);
      expect(message.length).toBeLessThan(300);
      if ('min' in parameter) expect(message).toContain(`range [${parameter.min}, ${parameter.max}`);
      if (typeof value === 'number') expect(message).toContain(`(${value})`);
    }
  });

  test.each(PARAMETERS.filter(([, , parameter]) => 'preset' in parameter))('%s %s has a preset that it takes', (name, key, parameter) => {
    const preset = parameter.kind === 'flag' || 'preset' in parameter ? parameter.preset : undefined;
    const field = fieldOf(name);
    expect(create(name, { ...neededBy(name), [key]: preset }, field).params[key]).toBe(preset);
  });

  test.each(NAMES)('%s takes no other', (name) => {
    for (const key of ['nlists', 'nprobe', '__proto__', 'toString', 'x'.repeat(1000)]) {
      const params = JSON.parse(JSON.stringify({ ...neededBy(name) }).replace(/\}$/, `${name === 'IVF_PQ' ? ',' : ''}${JSON.stringify(key)}:1}`)) as Params;
      expect(refusal(() => create(name, params, fieldOf(name)))).toContain(`for index ${name}, expected one of [`);
    }
  });

  test.each([null, 7, 'nlist=7', [['nlist', 7]]])('params that are %j are refused', (params) => {
    expect(refusal(() => create('HNSW', params as unknown as Params))).toContain('params of index HNSW: expected an object');
  });

  test('m is needed by IVF_PQ, and must divide the dimension', () => {
    expect(refusal(() => create('IVF_PQ', {}))).toContain("param 'm' not exist in json");
    for (const name of ['IVF_PQ', 'HNSW_PQ', 'HNSW_PRQ']) expect(refusal(() => create(name, { m: '7' }))).toBe("The dimension of a vector (dim) should be a multiple of param 'm'. Dimension: 96, m: 7");
    expect(refusal(() => create('SCANN', { sub_dim: 5 }))).toContain("param 'sub_dim'");
  });
});

describe('a metric', () => {
  const METRICS: readonly IndexMetric[] = ['L2', 'IP', 'COSINE', 'HAMMING', 'JACCARD', 'BM25'];
  test.each(Object.values(FIELDS).filter(({ type }) => type !== 'JSON'))('on $type must be one of its type, and that of the field', (field) => {
    for (const metricType of METRICS) {
      if (!metricsOf(field.type).includes(metricType)) expect(refusal(() => create('AUTOINDEX', {}, { ...field, metric: metricType }, { metricType }))).toContain('not found or not supported, supported: [');
      else if (metricType === field.metric) expect(create('AUTOINDEX', {}, field, { metricType })).toMatchObject({ metricType });
      else expect(refusal(() => create('AUTOINDEX', {}, field, { metricType }))).toContain(`metric type not match: invalid parameter[expected=${field.metric}][actual=${metricType}]`);
    }
  });

  test.each(['l2', '', 7, null])('%s is none', (metricType) => {
    expect(refusal(() => create('FLAT', {}, DENSE, { metricType }))).toContain(`metric type ${String(metricType)} not found or not supported, supported: [L2 IP COSINE]`);
  });
});

describe('a definition', () => {
  test('keeps what was asked for, with defaults filled in', () => {
    const request: IndexRequest = { fieldName: 'v', indexName: 'mine', indexType: 'IVF_FLAT', metricType: 'COSINE', params: { nlist: '64' } };
    expect(checkIndex(DENSE, request)).toEqual(request);
    expect(autoIndex(DENSE)).toEqual({ fieldName: 'v', indexName: 'v', indexType: 'AUTOINDEX', metricType: 'COSINE', params: {} });
    expect(checkIndex({ name: 's', type: 'VarChar' }, { fieldName: 's', indexType: 'Trie' })).toEqual({ fieldName: 's', indexName: 's', indexType: 'Trie', params: {} });
  });

  test.each(['', 'a b', '1a', 'x'.repeat(256), 7])('is not named %s', (indexName) => {
    expect(refusal(() => create('FLAT', {}, DENSE, { indexName }))).toContain('index name');
  });

  test('is the same as another if its values are, as numbers or as text, in any order', () => {
    const one = create('HNSW', { M: 16, efConstruction: '200' });
    expect(sameIndex(one, create('HNSW', { efConstruction: 200, M: '16' }))).toBe(true);
    const sq = create('HNSW_SQ', { refine: true, sq_type: 'SQ8' });
    expect(sameIndex(sq, create('HNSW_SQ', { refine: 'True', sq_type: 'sq8' }))).toBe(true);
    expect(sameIndex(sq, create('HNSW_SQ', { refine: false, sq_type: 'SQ8' }))).toBe(false);
    const disk = create('DISKANN', { pq_code_budget_gb_ratio: 0.5 });
    expect(sameIndex(disk, create('DISKANN', { pq_code_budget_gb_ratio: '.50' }))).toBe(true);
    for (const other of [create('HNSW', { M: 16 }), create('HNSW', { M: 17, efConstruction: 200 }), create('HNSW', { M: 16, efConstruction: 200, 'mmap.enabled': true }), create('HNSW', one.params, DENSE, { indexName: 'w' }), create('HNSW_SQ', one.params)]) {
      expect(sameIndex(one, other)).toBe(false);
      expect(sameIndex(other, one)).toBe(false);
    }
  });

  test.each(NAMES)('%s is planned as its form, or as its field demands', (name) => {
    for (const type of typeOf(name).fields) {
      const field = FIELDS[type];
      if (field === undefined) continue;
      const form = type === 'BinaryVector' ? 'binary' : type === 'SparseFloatVector' ? 'sparse' : type.endsWith('Vector') ? EXPECTED[name][0] : 'scalar';
      expect(planIndex(field, create(name, neededBy(name), field))).toEqual({ form });
    }
  });

  test.each([['IVF_FLAT', {}], ['IVF_SQ8', {}], ['IVF_PQ', { m: 8 }], ['IVF_RABITQ', {}], ['SCANN', {}]])('%s has the lists that were asked for', (name, needed) => {
    expect(planIndex(DENSE, create(name, { ...needed, nlist: '4096' }))).toEqual({ form: 'ivf', lists: 4096 });
  });
});
