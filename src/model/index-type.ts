// IndexType: every index name of Milvus that we take, as data: the fields that it goes on, its build parameters, the
// search parameters that act on it, and what it becomes here. Names, ranges and presets are those of Milvus 2.6 and of its
// engine, knowhere (`*_config.h`, `index_table.h`). Why each becomes what it becomes: docs/decisions/0017.

import type { DataType } from './field.js';
import type { Metric } from './metric.js';
import type { NumberParameter, Parameter, Parameters } from './parameter.js';

/** Types of fields that an index can be made on. */
export type IndexedType = DataType | 'BinaryVector' | 'Float16Vector' | 'BFloat16Vector' | 'SparseFloatVector' | 'Int8Vector';
export type IndexMetric = Metric | 'HAMMING' | 'JACCARD' | 'BM25';

/**
 * What an index is here. 'flat': none, every row is looked at. 'auto': the engine chooses. 'graph' and 'ivf': an
 * index of that kind in every segment that is worth one. 'binary', 'sparse': the way of that type of column, whatever
 * the name. 'scalar': what answers filters on that column, made in memory when one asks.
 */
export type IndexForm = 'flat' | 'auto' | 'graph' | 'ivf' | 'binary' | 'sparse' | 'scalar';

export interface IndexType {
  readonly form: IndexForm;
  readonly fields: readonly IndexedType[];
  readonly build: Parameters;
  /** Names in SEARCH_PARAMETERS. */
  readonly search: readonly string[];
}

const INT32_MAX = 0x7fff_ffff;
const FLOAT_MAX = 3.4028234663852886e38;

const DENSE = ['FloatVector', 'Float16Vector', 'BFloat16Vector'] as const;
const GRAPH_FIELDS = [...DENSE, 'Int8Vector'] as const;
const NUMERIC = ['Int8', 'Int16', 'Int32', 'Int64', 'Float', 'Double'] as const;

/** What a field of that type can be compared by; nothing for one that is no vector. */
export function metricsOf(type: IndexedType): readonly IndexMetric[] {
  if (type === 'BinaryVector') return ['HAMMING', 'JACCARD'];
  if (type === 'SparseFloatVector') return ['IP', 'BM25'];
  return GRAPH_FIELDS.some((dense) => dense === type) ? ['L2', 'IP', 'COSINE'] : [];
}

const integer = (min: number, max: number, preset: number): NumberParameter => ({ kind: 'integer', min, max, preset });
const flag = (preset: boolean): Parameter => ({ kind: 'flag', preset });

/** The preset of `nlist`: what a `nprobe` is a share of where none was given. */
export const NLIST_PRESET = 128;

const ANY: Parameters = { 'mmap.enabled': flag(false) };
const NLIST: Parameters = { ...ANY, nlist: integer(1, 65_536, NLIST_PRESET) };
const REFINE: Parameters = { refine: flag(false), refine_type: { kind: 'word', words: ['SQ4U', 'SQ6', 'SQ8', 'FP16', 'BF16', 'FP32', 'FLAT'] } };
const HNSW: Parameters = { ...ANY, M: integer(2, 2048, 30), efConstruction: integer(1, INT32_MAX, 360) };
const SPARSE: Parameters = {
  ...ANY,
  drop_ratio_build: { kind: 'float', min: 0, max: 1, open: true, preset: 0 },
  inverted_index_algo: { kind: 'word', words: ['DAAT_MAXSCORE', 'DAAT_WAND', 'TAAT_NAIVE', 'DSP', 'SINDI'], preset: 'DAAT_MAXSCORE' },
  bm25_k1: { kind: 'float', min: 0, max: 3, preset: 1.2 },
  bm25_b: { kind: 'float', min: 0, max: 1, preset: 0.75 },
};
const SUBQUANTIZERS = { kind: 'integer', min: 1, max: 65_536, dividesDim: true } as const;
const NBITS = integer(1, 24, 8);

const graph = (build: Parameters, search: readonly string[]): IndexType => ({ form: 'graph', fields: GRAPH_FIELDS, build, search });
const ivf = (build: Parameters, search: readonly string[] = []): IndexType => ({ form: 'ivf', fields: DENSE, build: { ...NLIST, ...build }, search: ['nprobe', 'max_empty_result_buckets', ...search] });
const sparse: IndexType = { form: 'sparse', fields: ['SparseFloatVector'], build: SPARSE, search: ['drop_ratio_search', 'dim_max_score_ratio'] };
const scalar = (fields: readonly IndexedType[], build: Parameters = {}): IndexType => ({ form: 'scalar', fields, build: { ...ANY, ...build }, search: [] });
/** Of a JSON field: what its filters go into. What lies there is indexed by what it is, whatever it is cast to in Milvus. */
const JSON_PATH: Parameters = { json_path: { kind: 'text', lengthMax: 255 }, json_cast_type: { kind: 'word', words: ['BOOL', 'DOUBLE', 'VARCHAR', 'ARRAY_BOOL', 'ARRAY_DOUBLE', 'ARRAY_VARCHAR', 'JSON'] } };

export const INDEX_TYPES = {
  AUTOINDEX: { form: 'auto', fields: [...GRAPH_FIELDS, 'BinaryVector', 'SparseFloatVector', 'Bool', ...NUMERIC, 'Timestamptz', 'VarChar', 'JSON'], build: { ...ANY, ...JSON_PATH }, search: ['level', 'ef'] },
  FLAT: { form: 'flat', fields: DENSE, build: ANY, search: [] },
  IVF_FLAT: ivf({}),
  IVF_SQ8: ivf({}),
  IVF_PQ: ivf({ m: { ...SUBQUANTIZERS, required: true }, nbits: NBITS }),
  IVF_RABITQ: ivf(REFINE, ['rbq_query_bits', 'refine_k']),
  SCANN: ivf({ with_raw_data: flag(true), sub_dim: { ...SUBQUANTIZERS, preset: 2 } }, ['reorder_k']),
  HNSW: { ...graph(HNSW, ['ef']), fields: [...GRAPH_FIELDS, 'BinaryVector'] },
  HNSW_SQ: graph({ ...HNSW, ...REFINE, sq_type: { kind: 'word', words: ['SQ4U', 'SQ6', 'SQ8', 'FP16', 'BF16'], preset: 'SQ8' } }, ['ef', 'refine_k']),
  HNSW_PQ: graph({ ...HNSW, ...REFINE, m: { ...SUBQUANTIZERS, preset: 32 }, nbits: NBITS }, ['ef', 'refine_k']),
  HNSW_PRQ: graph({ ...HNSW, ...REFINE, m: { ...SUBQUANTIZERS, preset: 2 }, nrq: integer(1, 16, 2), nbits: NBITS }, ['ef', 'refine_k']),
  DISKANN: {
    form: 'graph',
    fields: DENSE,
    build: {
      ...ANY,
      max_degree: integer(1, 2048, 56),
      search_list_size: integer(1, INT32_MAX, 100),
      pq_code_budget_gb_ratio: { kind: 'float', min: 0, max: FLOAT_MAX, preset: 0.125 },
      search_cache_budget_gb_ratio: { kind: 'float', min: 0, max: FLOAT_MAX, preset: 0.1 },
    },
    search: ['search_list'],
  },
  BIN_FLAT: { form: 'binary', fields: ['BinaryVector'], build: ANY, search: [] },
  BIN_IVF_FLAT: { form: 'binary', fields: ['BinaryVector'], build: NLIST, search: ['nprobe', 'max_empty_result_buckets'] },
  SPARSE_INVERTED_INDEX: sparse,
  SPARSE_WAND: sparse,
  INVERTED: scalar(['Bool', ...NUMERIC, 'Timestamptz', 'VarChar', 'JSON'], JSON_PATH),
  BITMAP: scalar(['Bool', 'Int8', 'Int16', 'Int32', 'Int64', 'VarChar']),
  STL_SORT: scalar([...NUMERIC, 'Timestamptz', 'VarChar']),
  Trie: scalar(['VarChar']),
  NGRAM: scalar(['VarChar'], { min_gram: integer(1, 8, 2), max_gram: integer(1, 64, 3) }),
} as const satisfies Readonly<Record<string, IndexType>>;

export type IndexTypeName = keyof typeof INDEX_TYPES;

/** Every search parameter that some index has; it means the same on each. */
export const SEARCH_PARAMETERS = {
  nprobe: integer(1, 65_536, 8),
  max_empty_result_buckets: integer(1, 65_536, 2),
  ef: { kind: 'integer', min: 1, max: INT32_MAX },
  search_list: { kind: 'integer', min: 1, max: INT32_MAX },
  reorder_k: { kind: 'integer', min: 1, max: INT32_MAX },
  refine_k: { kind: 'float', min: 1, max: FLOAT_MAX, preset: 1 },
  rbq_query_bits: integer(0, 8, 0),
  drop_ratio_search: { kind: 'float', min: 0, max: 1, open: true, preset: 0 },
  dim_max_score_ratio: { kind: 'float', min: 0.5, max: 1.3, preset: 1.05 },
  level: integer(1, 10, 1),
  radius: { kind: 'float', min: -FLOAT_MAX, max: FLOAT_MAX },
  range_filter: { kind: 'float', min: -FLOAT_MAX, max: FLOAT_MAX },
} as const satisfies Readonly<Record<string, NumberParameter>>;

export type SearchParameterName = keyof typeof SEARCH_PARAMETERS;
