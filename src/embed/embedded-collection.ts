// Embedded collection: a collection whose vectors of one field come from the texts of another. Rows without the vector
// get it as they are written, and a text may stand wherever that field is searched by a vector; all else is passed on.

import type { Collection, MutationResult, WriteOptions } from '../engine/api.js';
import { require } from '../model/errors.js';
import { isVector, type Field } from '../model/field.js';
import { areColumns, type ColumnInput, type ColumnsInput } from '../model/column-input.js';
import type { RowInput } from '../model/row.js';
import type { Embedder } from './embedder.js';

export interface EmbeddedOptions {
  readonly embedder: Embedder;
  /** The field, or dynamic key, whose text is embedded. */
  readonly from: string;
  /** The vector field. Default: the only one that takes what the embedder gives. */
  readonly field?: string;
}

type Search = Readonly<Record<string, unknown>>;

/**
 * `collection` over `embedder`. `insert` and `upsert` embed the text of rows that lack the vector, of columns where that of vectors is left out; `search`, `hybridSearch`
 * and `searchIterator` take a text, or several, as `data` where they search the field. Vectors that are given stay as they are.
 * Errors: `InvalidArgument` if the field records another model, dimension or normalisation than the embedder has.
 */
export function withEmbedder<C extends Collection>(collection: C, { embedder, from, field: name }: EmbeddedOptions): C {
  const field = fieldFor(collection, embedder, name);
  requireText(collection, from);
  const write = (verb: 'insert' | 'upsert') => async (rows: readonly RowInput[] | ColumnsInput, options?: WriteOptions): Promise<MutationResult> =>
    collection[verb](areColumns(rows) ? await completedColumns(rows, field, from, embedder) : await completed(rows, field, from, embedder), { ...options, model: { [field.name]: embedder.model } });
  const embedQuery = (request: Search): Promise<Search> => withVector(request, collection, field, embedder);
  const overrides: Record<string, unknown> = {
    insert: write('insert'),
    upsert: write('upsert'),
    search: async (request: Search) => collection.search((await embedQuery(request)) as never),
    searchIterator: async (request: Search) => collection.searchIterator((await embedQuery(request)) as never),
    hybridSearch: async (request: Search) => {
      require(Array.isArray(request?.['searches']), () => 'hybridSearch: expected an array of searches');
      const searches = await Promise.all((request['searches'] as readonly Search[]).map(embedQuery));
      return collection.hybridSearch({ ...request, searches } as never);
    },
  };
  return new Proxy(collection, {
    get(target, key) {
      if (typeof key === 'string' && Object.hasOwn(overrides, key)) return overrides[key];
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function fieldFor({ name: collection, schema }: Collection, embedder: Embedder, name: string | undefined): Field {
  const takes = schema.fields.filter(({ type, dim }) => isVector(type) && type !== 'BinaryVector' && type !== 'SparseFloatVector' && dim === embedder.dim);
  const named = name === undefined ? undefined : schema.fields.find((field) => field.name === name);
  require(name === undefined || (named !== undefined && isVector(named.type)), () => `collection "${collection}" has no vector field "${String(name)}"`);
  require(named === undefined || named.dim === embedder.dim, () => `field "${String(name)}" has dimension ${String(named?.dim)}, the model "${embedder.model}" gives ${embedder.dim}`);
  const fitting = named === undefined ? takes.filter(({ model }) => model === undefined || model.name === embedder.model) : [named];
  const [field] = fitting.length === 0 ? takes : fitting;
  require(fitting.length <= 1 && field !== undefined, () => `collection "${collection}": expected one vector field of dimension ${embedder.dim}, found ${fitting.length}${fitting.length > 1 ? ': say which by field' : ''}`);
  const { model } = field;
  require(model === undefined || model.name === embedder.model, () => `field "${field.name}" holds vectors of the model ${JSON.stringify(model?.name)}, not of ${JSON.stringify(embedder.model)}`);
  require(model?.normalized !== true || embedder.normalized, () => `field "${field.name}" holds vectors of length 1, which the embedder of "${embedder.model}" does not promise`);
  return field;
}

function requireText({ name, schema }: Collection, from: string): void {
  const field = schema.fields.find((candidate) => candidate.name === from);
  require(field === undefined ? schema.enableDynamicField : field.type === 'VarChar', () => `collection "${name}": expected a VarChar field to embed, found ${field === undefined ? `no field "${from}"` : `${from}, which is ${field.type}`}`);
}

/** `rows`, with the vector where they lack it. Errors: `InvalidArgument` for one with neither vector nor text. */
async function completed(rows: readonly RowInput[], { name, nullable }: Field, from: string, embedder: Embedder): Promise<readonly RowInput[]> {
  require(Array.isArray(rows), () => 'rows: expected an array of objects');
  const without = rows.flatMap((row: RowInput, at) => {
    if ((row as RowInput | null)?.[name] !== undefined && row[name] !== null) return [];
    const text = (row as RowInput | null)?.[from];
    if (typeof text === 'string') return [{ at, text }];
    require(nullable === true && (text === undefined || text === null), () => `row ${at}: expected a text in "${from}", or a vector in "${name}"`);
    return [];
  });
  if (without.length === 0) return rows;
  const vectors = await embedder.embed(without.map(({ text }) => text));
  const given = [...rows];
  for (const [i, { at }] of without.entries()) given[at] = { ...(rows[at] as RowInput), [name]: vectors[i] as Float32Array };
  return given;
}

/** `given`, with the column of vectors if it lacks it. Errors: `InvalidArgument` if there are no texts for it. */
async function completedColumns(given: ColumnsInput, { name, nullable }: Field, from: string, embedder: Embedder): Promise<ColumnsInput> {
  const columns = given.columns as Readonly<Record<string, unknown>> | null | undefined;
  if (columns?.[name] !== undefined || typeof columns !== 'object' || columns === null) return given;
  const texts = columns[from];
  const isWhole = Array.isArray(texts) && texts.every((text) => typeof text === 'string');
  require(isWhole || (nullable === true && texts === undefined), () => `columns: expected a text for every row in a list "${from}", or vectors in "${name}"`);
  if (!isWhole || texts.length === 0) return given;
  const vectors: ColumnInput = await embedder.embed(texts);
  return { ...given, columns: { ...given.columns, [name]: vectors } };
}

async function withVector(request: Search, { schema }: Collection, field: Field, embedder: Embedder): Promise<Search> {
  require(typeof request === 'object' && request !== null, () => 'search: expected an object with data');
  const { data, annsField } = request;
  const only = schema.fields.filter(({ type }) => isVector(type)).length === 1;
  if (annsField === undefined ? !only : annsField !== field.name) return request;
  const texts = typeof data === 'string' ? [data] : data;
  if (!Array.isArray(texts) || texts.length === 0 || !texts.every((text) => typeof text === 'string')) return request;
  const vectors = await embedder.embed(texts, { kind: 'query' });
  return { ...request, data: typeof data === 'string' ? vectors[0] : vectors, model: embedder.model };
}
