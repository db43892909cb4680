// Search plan: a search as its caller gave it, checked.

import { ElanusError, require } from '../../model/errors.js';
import { autoIndex, type IndexDefinition } from '../../model/index-definition.js';
import { INDEX_TYPES } from '../../model/index-type.js';
import { isDenseVector } from '../../model/field.js';
import { LIMITS } from '../../model/limits.js';
import type { VectorMetric } from '../../model/metric.js';
import { functionOf, primaryField, vectorFields, type Schema, type VectorField } from '../../model/schema.js';
import { searchEffort, type SearchEffort } from '../../model/search-effort.js';
import { requireModel, requireNormalized } from '../../model/vector-model.js';
import type { ScoreRange } from '../../ports/core.js';
import type { CheckedFilter } from '../../query/check.js';
import { fieldsOf } from '../../query/fields.js';
import type { SearchOptions } from '../api.js';
import { textRows, type TextVector } from '../../text/frequencies.js';
import { columnsOf } from '../read/fetch.js';
import type { Definitions } from '../collection/indexes.js';
import { planOutput, type Output } from '../read/output.js';
import { compileFiltered, type Filtered } from '../collection/scope.js';
import type { SearchTrace } from './search-trace.js';
import { isSparse, oneSparse, sparseColumn, sparseRows, type SparseQueries } from '../write/sparse-vector.js';
import { queryTexts } from '../write/text-vectors.js';
import { vectorQueries } from '../write/vector.js';

export const LIMIT_DEFAULT = 10;
const RECALL_DEFAULT = 0.95;
const RECALL_MIN = 0.5;

/** A checked search. */
export interface SearchPlan {
  /** Of dense vectors, row-major: f32, or bits. */
  readonly queries: Float32Array | Uint8Array;
  /** Of sparse vectors; of texts not before they are weighed. */
  readonly sparse: SparseQueries | undefined;
  /** Of texts that are not weighed yet. */
  readonly texts: readonly TextVector[] | undefined;
  readonly queryCount: number;
  /** One vector was given, so one list of hits is answered. */
  readonly single: boolean;
  readonly limit: number;
  readonly offset: number;
  readonly recall: number;
  /** Given by hand; counts for indexes of its kind instead of the recall. */
  readonly effort: SearchEffort['effort'];
  /** The index of the vectors as it was asked for. */
  readonly index: IndexDefinition;
  readonly range: ScoreRange | undefined;
  readonly filter: CheckedFilter | undefined;
  readonly output: Output;
  /** `output` with the primary key. */
  readonly hitOutput: Output;
  readonly schema: Schema;
  /** Whose vectors are searched. */
  readonly field: VectorField;
  /** 0 of sparse vectors. */
  readonly dim: number;
  readonly metric: VectorMetric;
  /** Stored columns that the filter reads. */
  readonly filterColumns: ReadonlySet<string>;
  /** Stored columns that filter and output read. */
  readonly columns: ReadonlySet<string>;
  /** Dense vector fields of the output. */
  readonly outputVectors: readonly string[];
  /** Told of what is done, if somebody wants to know. */
  readonly trace?: SearchTrace;
}

/** `definitions`: the indexes that were asked for. Errors: `InvalidArgument`, `InvalidFilter`. */
export function planSearch(schema: Schema, definitions: Definitions, request: SearchOptions & Filtered & { readonly data: unknown }): SearchPlan {
  require(typeof request === 'object' && request !== null, () => 'search: expected an object with data');
  const field = annsField(schema, request.annsField);
  const index = definitions.find(({ fieldName }) => fieldName === field.name) ?? autoIndex(field);
  const { data, limit = LIMIT_DEFAULT, offset = 0, recall, ef, outputFields = [] } = request;
  checkWindow(limit, offset);
  require(recall === undefined || (typeof recall === 'number' && recall >= RECALL_MIN && recall <= 1), () => `recall: expected ${RECALL_MIN} to 1, found ${String(recall)}`);
  require(ef === undefined || (Number.isInteger(ef) && ef >= 1 && ef <= LIMITS.efMax), () => `ef: expected 1 to ${LIMITS.efMax}, found ${String(ef)}`);
  const asked = searchEffort(index, request, limit + offset);
  const exact = INDEX_TYPES[index.indexType].form === 'flat';
  const made = functionOf(schema, field.name);
  const single = made !== undefined ? typeof data === 'string' : field.type === 'SparseFloatVector' ? isSparse(data) : isVector(data);
  const vectors: readonly unknown[] = single ? [data] : checkVectors(data);
  requireModel([field], request.model);
  const placeOf = (at: number): string => (single ? 'data' : `data[${at}]`);
  const texts = made && queryTexts(schema, made, vectors, placeOf);
  const queries = texts === undefined ? readQueries(field, vectors, placeOf, asked.dropRatio) : textsUnweighed(texts, asked.dropRatio);
  const checked = compileFiltered(request, schema);
  const filterColumns = fieldsOf(checked);
  const output = planOutput(schema, outputFields, false);
  const hitOutput = output.fields.some(({ name: field }) => field === primaryField(schema).name) ? output : planOutput(schema, outputFields, true);
  return {
    ...queries,
    texts,
    queryCount: vectors.length,
    single,
    limit,
    offset,
    recall: exact ? 1 : (recall ?? asked.recall ?? RECALL_DEFAULT),
    effort: exact ? undefined : ef === undefined ? asked.effort : { ...asked.effort, ef },
    index,
    range: rangeOf(asked),
    filter: checked,
    output,
    hitOutput,
    schema,
    field,
    dim: field.dim ?? 0,
    metric: field.metric,
    filterColumns,
    columns: new Set([...filterColumns, ...columnsOf(hitOutput)]),
    outputVectors: output.fields.filter(({ type }) => isDenseVector(type)).map((dense) => dense.name),
  };
}

function readQueries(field: VectorField, given: readonly unknown[], placeOf: (at: number) => string, dropRatio = 0): Pick<SearchPlan, 'queries' | 'sparse'> {
  const whereOf = (at: number): string => `${placeOf(at)} for "${field.name}"`;
  if (field.type === 'SparseFloatVector') return { queries: new Float32Array(0), sparse: { rows: sparseRows(sparseColumn(given, whereOf)), dropRatio } };
  const queries = vectorQueries(field, given, whereOf);
  if (queries instanceof Float32Array) requireNormalized(field, queries, placeOf);
  return { queries, sparse: undefined };
}

function textsUnweighed(texts: readonly TextVector[], dropRatio = 0): Pick<SearchPlan, 'queries' | 'sparse'> {
  const { lengths: _, ...rows } = textRows(texts);
  return { queries: new Float32Array(0), sparse: { rows, dropRatio } };
}

/** The field that is searched: the one named, which may be left out where there is one. Errors: `InvalidArgument`. */
export function annsField(schema: Schema, name: unknown): VectorField {
  const fields = vectorFields(schema);
  const choices = (): string => fields.map((field) => field.name).join(', ');
  require(name !== undefined || fields.length === 1, () => `annsField: the collection has several vector fields, expected one of ${choices()}`);
  const field = name === undefined ? fields[0] : fields.find((candidate) => candidate.name === name);
  require(field !== undefined, () => `annsField: expected a vector field, one of ${choices()}, found ${JSON.stringify(name)}`);
  return field;
}

/** Checks limit and offset of a search or query. */
export function checkWindow(limit: unknown, offset: unknown): void {
  require(Number.isInteger(limit) && (limit as number) >= 1 && (limit as number) <= LIMITS.topKMax, () => `limit: expected 1 to ${LIMITS.topKMax}, found ${String(limit)}`);
  require(Number.isInteger(offset) && (offset as number) >= 0, () => `offset: expected 0 or more, found ${String(offset)}`);
  require((limit as number) + (offset as number) <= LIMITS.topKMax, () => `limit + offset: at most ${LIMITS.topKMax}, found ${String(limit)} + ${String(offset)}`);
}

function rangeOf({ radius, rangeFilter }: SearchEffort): ScoreRange | undefined {
  if (radius === undefined && rangeFilter === undefined) return undefined;
  return { ...(radius === undefined ? {} : { radius }), ...(rangeFilter === undefined ? {} : { rangeFilter }) };
}

function isVector(data: unknown): boolean {
  return ArrayBuffer.isView(data) || (Array.isArray(data) && typeof data[0] === 'number');
}

function checkVectors(data: unknown): readonly unknown[] {
  if (!Array.isArray(data)) throw new ElanusError('InvalidArgument', `data: expected a vector or an array of vectors, found ${typeof data}`);
  require(data.length >= 1 && data.length <= LIMITS.queriesMax, () => `data: expected 1 to ${LIMITS.queriesMax} vectors, found ${data.length}`);
  return data;
}

/** The plan for one of its queries alone. */
export function oneQuery(plan: SearchPlan, query: number): SearchPlan {
  const width = plan.queries.length / plan.queryCount;
  return { ...plan, queries: plan.queries.subarray(query * width, (query + 1) * width), sparse: plan.sparse && oneSparse(plan.sparse, query), texts: plan.texts?.slice(query, query + 1), queryCount: 1 };
}
