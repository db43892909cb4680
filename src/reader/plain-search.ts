// PlainSearch: a search as its caller gave it, of the kind that the reader knows: one or a few vectors by recall, with
// a filter and output fields.

import type { SearchOptions } from '../engine/api/search.js';
import type { Field } from '../model/field.js';
import type { FilterInput } from '../model/filter-object.js';
import { LIMITS } from '../model/limits.js';
import { primaryField, type DenseField, type Schema } from '../model/schema.js';
import { within } from './beyond.js';
import { isScalar } from './plain-schema.js';

const LIMIT_DEFAULT = 10;
const RECALL_DEFAULT = 0.95;
const RECALL_MIN = 0.5;
/** More at once are for the engine, which may have a GPU for them. */
const QUERIES_MAX = 15;

export interface PlainSearch {
  readonly field: DenseField;
  /** Row-major. */
  readonly queries: Float32Array;
  readonly queryCount: number;
  /** One vector was given, so one list of hits is answered. */
  readonly single: boolean;
  readonly limit: number;
  readonly offset: number;
  readonly recall: number;
  readonly key: Field;
  readonly output: readonly Field[];
  readonly filter: FilterInput | undefined;
}

/** Errors: `Beyond`. */
export function plainSearch(schema: Schema, request: SearchOptions & { readonly data?: unknown }): PlainSearch {
  within(typeof request === 'object' && request !== null, 'search');
  const { data, annsField, limit = LIMIT_DEFAULT, offset = 0, recall = RECALL_DEFAULT, outputFields = [], filter, ...rest } = request;
  within(Object.values(rest).every((option) => option === undefined), 'options');
  const fields = schema.fields.filter(({ dim }) => dim !== undefined);
  const field = annsField === undefined && fields.length === 1 ? fields[0] : fields.find(({ name }) => name === annsField);
  within(field !== undefined, 'annsField');
  within(Number.isInteger(limit) && limit >= 1 && Number.isInteger(offset) && offset >= 0 && limit + offset <= LIMITS.topKMax && typeof recall === 'number' && recall >= RECALL_MIN && recall <= 1, 'numbers');
  const single = ArrayBuffer.isView(data) || (Array.isArray(data) && typeof data[0] === 'number');
  const given: unknown = single ? [data] : data;
  within(Array.isArray(given) && given.length >= 1 && given.length <= QUERIES_MAX, 'data');
  return { field: field as DenseField, queries: queriesOf(field as DenseField, given), queryCount: given.length, single, limit, offset, recall, key: primaryField(schema), output: outputOf(schema, outputFields), filter: filter === '' ? undefined : filter };
}

function queriesOf({ dim, metric }: DenseField, given: readonly unknown[]): Float32Array {
  const queries = new Float32Array(given.length * dim);
  given.forEach((vector, at) => {
    within(vector instanceof Float32Array || vector instanceof Float64Array || (Array.isArray(vector) && vector.every((value) => typeof value === 'number')), 'vector');
    within(vector.length === dim && (metric !== 'COSINE' || (vector as readonly number[]).some((value) => Math.fround(value) !== 0)), 'vector');
    queries.set(vector, at * dim);
  });
  within(queries.every(Number.isFinite), 'vector');
  return queries;
}

function outputOf({ fields, enableDynamicField }: Schema, names: unknown): readonly Field[] {
  within(Array.isArray(names) && (names.length === 0 || !enableDynamicField), 'outputFields');
  const all = names.includes('*');
  within(names.every((name) => name === '*' || fields.some((field) => field.name === name)), 'outputFields');
  const output = fields.filter(({ name }) => all || names.includes(name));
  within(output.every((field) => isScalar(field) || field.type === 'FloatVector'), 'output');
  return output;
}
