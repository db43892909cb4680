// Infer: a collection for the rows of a file, from the file's own types, else from its first rows. A column of one type becomes
// a field, nullable if rows lack it or the file says that they may; in JSONL, which has no columns, what is not in every row is
// left to dynamic fields, as is a column without a type.

import type { CollectionDefinition } from '../engine/api.js';
import { ElanusError, require } from '../model/errors.js';
import { DYNAMIC_FIELD, type DataType, type Field } from '../model/field.js';
import { LIMITS } from '../model/limits.js';
import type { Metric } from '../model/metric.js';
import { firstVector, primaryField, type Schema } from '../model/schema.js';
import type { ColumnNames } from './mapping.js';
import type { Reader, SourceValues } from './reader.js';
import { jsonOfText, readsAs } from './typed.js';

export interface InferOptions extends ColumnNames {
  /** Default COSINE. */
  readonly metric?: Metric | undefined;
}

export type InferredDefinition = Extract<CollectionDefinition, { readonly fields: readonly Field[] }>;

const KEY_NAMES = ['id', 'pk', '_id', 'key'];
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/;

/** Errors: `InvalidArgument` if no column holds vectors, or a named one is not there. */
export function inferDefinition(name: string, rows: readonly SourceValues[], reader: Pick<Reader, 'fields' | 'untyped' | 'numbered' | 'vectorColumn'> & { readonly schema?: Schema }, options: InferOptions): InferredDefinition {
  const { schema } = reader;
  if (schema !== undefined && fits(schema, options)) return { name, ...schema };
  const columns = columnsOf(rows, reader);
  const vector = vectorOf(columns, reader.vectorColumn, options);
  const key = keyOf(columns, options.key ?? reader.numbered, vector.name);
  const rest = columns.filter(({ name: column }) => column !== vector.name && column !== key.name);
  // JSONL has no columns that all rows share.
  const free = reader.fields === undefined && reader.untyped !== true && reader.numbered === undefined;
  const fields = rest.filter(({ name: column, type, everywhere }) => (everywhere || !free) && type !== undefined && NAME.test(column)).slice(0, LIMITS.fieldsMax - 2);
  const typed = fields.map(({ name: column, type, nullable }): Field => ({ name: column, type: type as DataType, ...(nullable ? { nullable } : {}) }));
  const gathered = rows.some((row) => Object.hasOwn(row, DYNAMIC_FIELD));
  return { name, fields: [key, vector, ...typed], enableDynamicField: free || gathered || fields.length < rest.length };
}

/** The file's own schema holds unless other columns, or another metric, are asked for. */
function fits(schema: Schema, { key, vector, metric }: InferOptions): boolean {
  const field = firstVector(schema);
  return (key ?? primaryField(schema).name) === primaryField(schema).name && (vector ?? field.name) === field.name && (metric ?? field.metric) === field.metric;
}

interface Column {
  readonly name: string;
  /** Undefined if its values have no type in common. */
  readonly type: DataType | undefined;
  /** In no sampled row null or absent. */
  readonly everywhere: boolean;
  /** In a row it is, or may be, null or absent. */
  readonly nullable: boolean;
  /** Components of each value if all are lists of as many numbers. */
  readonly dim: number | undefined;
}

function columnsOf(rows: readonly SourceValues[], { fields = [], untyped = false }: Pick<Reader, 'fields' | 'untyped'>): readonly Column[] {
  const values = new Map<string, unknown[]>(fields.map(({ name }) => [name, []]));
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) {
      const list = values.get(name) ?? [];
      values.set(name, list);
      if (value !== null) list.push(value);
    }
  }
  values.delete(DYNAMIC_FIELD);
  const mayBeNull = new Set(fields.flatMap(({ name, nullable }) => (nullable === true ? [name] : [])));
  const typeOf = (name: string, list: readonly unknown[]): DataType | undefined => fields.find((field) => field.name === name)?.type ?? (untyped ? typeOfTexts(list as readonly string[]) : typeOfValues(list));
  return [...values].map(([name, list]) => ({
    name,
    type: typeOf(name, list),
    everywhere: list.length === rows.length && list.length > 0,
    nullable: mayBeNull.has(name) || list.length < rows.length,
    dim: dimOf(list, untyped),
  }));
}

function typeOfValues(values: readonly unknown[]): DataType | undefined {
  const every = (test: (value: unknown) => boolean): boolean => values.length > 0 && values.every(test);
  if (every((value) => typeof value === 'boolean')) return 'Bool';
  if (every((value) => typeof value === 'bigint' || Number.isSafeInteger(value))) return 'Int64';
  if (every((value) => typeof value === 'bigint' || typeof value === 'number')) return 'Double';
  if (every((value) => typeof value === 'string')) return 'VarChar';
  return every((value) => typeof value === 'object' && !(value instanceof Uint8Array)) ? 'JSON' : undefined;
}

function typeOfTexts(values: readonly string[]): DataType | undefined {
  if (values.length === 0) return undefined;
  for (const type of ['Int64', 'Double', 'Bool'] as const) if (values.every((text) => readsAs(text, type))) return type;
  return values.every((text) => /^\s*[[{]/.test(text) && jsonOfText(text) !== undefined) ? 'JSON' : 'VarChar';
}

function dimOf(values: readonly unknown[], untyped: boolean): number | undefined {
  let dim: number | undefined;
  for (const value of values) {
    const length = componentsOf(untyped && typeof value === 'string' && value.trimStart().startsWith('[') ? jsonOfText(value) : value);
    if (length === undefined || (dim !== undefined && length !== dim)) return undefined;
    dim = length;
  }
  return dim;
}

/** Of a list of numbers, or of bytes that are taken for float32. */
function componentsOf(value: unknown): number | undefined {
  if (value instanceof Uint8Array) return value.length >= 8 && value.length % 4 === 0 ? value.length / 4 : undefined;
  if (ArrayBuffer.isView(value)) return (value as Float32Array).length >= 2 ? (value as Float32Array).length : undefined;
  const numbers = Array.isArray(value) && value.length >= 2 && value.every((x) => typeof x === 'number' || typeof x === 'bigint');
  return numbers ? value.length : undefined;
}

function vectorOf(columns: readonly Column[], column: string | undefined, { vector = column, metric = 'COSINE' }: InferOptions): Field {
  const candidates = columns.filter(({ dim, everywhere }) => dim !== undefined && everywhere);
  const found = vector === undefined ? (candidates.find(({ name }) => name === 'vector') ?? candidates[0]) : candidates.find(({ name }) => name === vector);
  if (found === undefined) {
    const what = vector === undefined ? 'no column holds vectors: lists of as many numbers in every row' : `column "${vector}" does not hold a vector in every row`;
    throw new ElanusError('InvalidArgument', `${what}; the columns are ${columns.map(({ name }) => name).join(', ') || 'none, for there are no rows'}`);
  }
  return { name: found.name, type: 'FloatVector', dim: found.dim as number, metric };
}

/** The named column, else one that is named as keys are, else a key that is generated. */
function keyOf(columns: readonly Column[], key: string | undefined, vector: string): Field {
  const isKey = ({ type, everywhere }: Column): boolean => everywhere && (type === 'Int64' || type === 'Int32' || type === 'Int16' || type === 'Int8' || type === 'VarChar');
  const named = columns.find(({ name }) => name === key);
  require(key === undefined || (named !== undefined && isKey(named)), () => `column "${key}" does not hold a key, an integer or a text, in every row`);
  const found = named ?? columns.find((column) => KEY_NAMES.includes(column.name) && isKey(column));
  if (found !== undefined) return { name: found.name, type: found.type === 'VarChar' ? 'VarChar' : 'Int64', primaryKey: true };
  const free = KEY_NAMES.find((name) => name !== vector && !columns.some((column) => column.name === name)) as string | undefined;
  return { name: free ?? 'generated_id', type: 'Int64', primaryKey: true, autoId: true };
}
