// Re-embedding: a collection made anew beside the old one, with the vectors of another model, and an alias that is switched
// to it when it has caught up. Readers see the one or the other, whole. What is there already is not embedded again, so who
// was interrupted, or wrote meanwhile, begins where it was.

import type { Collection, Database } from '../engine/api.js';
import { ElanusError, require } from '../model/errors.js';
import { isVector, type DataType, type Field } from '../model/field.js';
import type { PrimaryKey, Row } from '../model/row.js';
import type { Embedder } from './embedder.js';
import { contentOf } from './row-content.js';

export interface ReembedOptions {
  /** The collection, or an alias of it, as it is. */
  readonly collection: string;
  /** Name of the new one; one that is there must be of this model, and is completed. */
  readonly into: string;
  readonly embedder: Embedder;
  /** The VarChar field whose text is embedded. */
  readonly from: string;
  /** The vector field. Default: the only one. */
  readonly field?: string;
  /** Stands for the new collection when it has caught up; made if it is not there. Without it nothing is switched. */
  readonly alias?: string;
  readonly signal?: AbortSignal;
  /** Rows of the old collection that were looked at, in the pass that goes on, and texts embedded so far. */
  readonly onProgress?: (progress: { readonly pass: number; readonly done: number; readonly total: number; readonly embedded: number }) => void;
}

export interface ReembedResult {
  /** Rows of the new collection. */
  readonly rows: number;
  readonly embedded: number;
  readonly passes: number;
}

const PAGE_ROWS = 256;
/** Passes until the alias is switched, whatever is still being written. */
const PASSES_MAX = 8;

interface Work extends ReembedOptions {
  readonly old: Collection;
  readonly next: Collection;
  readonly key: Field;
  readonly vector: Field;
  /** Left out of what is compared: the vector, as it is what differs. */
  readonly but: ReadonlySet<string>;
  /** Content of each row as it was last copied. */
  readonly copied: Map<PrimaryKey, number>;
  embedded: number;
  pass: number;
}

/**
 * Goes through the old collection until nothing is left to copy, then switches the alias and copies what was written to the old
 * one until then; from then on only who still holds the old collection writes to it. It stays until it is dropped.
 * It holds a number for each row. Errors: `InvalidArgument`, `AlreadyExists` if `into` is of another kind, `Closed` if aborted.
 */
export async function reembed(database: Database, options: ReembedOptions): Promise<ReembedResult> {
  const work = await begin(database, options);
  for (let changed = 1; changed > 0 && work.pass < PASSES_MAX; ) changed = await copyAll(work);
  if (options.alias !== undefined) {
    await pointAlias(database, options.alias, options.into);
    await copyLate(work);
  }
  return { rows: await work.next.count(), embedded: work.embedded, passes: work.pass };
}

async function begin(database: Database, options: ReembedOptions): Promise<Work> {
  const { collection, into, embedder, from, field } = options;
  const { name, schema, indexes } = await database.describeCollection(collection);
  require(into !== name, () => `reembed: expected another name than "${name}" for the new collection`);
  const vectors = schema.fields.filter(({ type }) => isVector(type));
  const vector = field === undefined ? vectors[0] : vectors.find((candidate) => candidate.name === field);
  require(vector !== undefined && (field !== undefined || vectors.length === 1), () => `reembed: expected one of the vector fields ${vectors.map((known) => known.name).join(', ')}, found ${String(field)}`);
  require(embeddable(vector.type), () => `reembed: "${vector.name}" is ${vector.type}: expected a dense vector`);
  require(schema.fields.some((candidate) => candidate.name === from && candidate.type === 'VarChar'), () => `reembed: expected a VarChar field to embed, found "${from}"`);
  const model = { name: embedder.model, ...(embedder.normalized ? { normalized: true } : {}) };
  const fields = schema.fields.map((candidate) => (candidate === vector ? { ...candidate, dim: embedder.dim, model } : candidate));
  const next = await openNext(database, options, { ...schema, fields }, indexes, vector.name);
  const key = schema.fields.find(({ primaryKey }) => primaryKey === true) as Field;
  return { ...options, old: await database.collection(name), next, key, vector, but: new Set([vector.name]), copied: new Map(), embedded: 0, pass: 0 };
}

function embeddable(type: DataType): boolean {
  return type === 'FloatVector' || type === 'Float16Vector' || type === 'BFloat16Vector';
}

async function openNext(database: Database, { into, embedder }: ReembedOptions, schema: Collection['schema'], indexes: Awaited<ReturnType<Database['describeCollection']>>['indexes'], vector: string): Promise<Collection> {
  if (!(await database.hasCollection(into))) return database.createCollection({ name: into, ...schema, indexParams: indexes });
  const there = await database.collection(into);
  const field = there.schema.fields.find(({ name }) => name === vector);
  if (field?.model?.name !== embedder.model || field.dim !== embedder.dim) throw new ElanusError('AlreadyExists', `collection "${into}" exists already, and its "${vector}" is not of the model "${embedder.model}"`);
  return there;
}

async function pointAlias(database: Database, alias: string, collection: string): Promise<void> {
  if ((await database.listAliases()).includes(alias)) await database.alterAlias(collection, alias);
  else await database.createAlias(collection, alias);
}

/** Copies what differs, and removes what is gone. Gives how many rows that were. */
async function copyAll(work: Work): Promise<number> {
  const { old, next, key, but, copied } = work;
  work.pass++;
  let changed = 0;
  const keys = await old.keys();
  for await (const rows of pages(work, keys)) {
    const there = new Map((await next.get({ ids: rows.map((row) => keyOf(row, key)) })).map((row) => [keyOf(row, key), contentOf(row, but)]));
    const stale = rows.filter((row) => there.get(keyOf(row, key)) !== contentOf(row, but));
    for (const row of rows) copied.set(keyOf(row, key), contentOf(row, but));
    changed += await put(work, stale);
  }
  const known = new Set<PrimaryKey>(keys);
  const gone = Array.from<PrimaryKey>(await next.keys()).filter((id) => !known.has(id));
  for (const id of copied.keys()) if (!known.has(id)) copied.delete(id);
  return changed + (await remove(next, gone));
}

/** Copies what was written to the old collection after the last pass, unless the new one was written there meanwhile. */
async function copyLate(work: Work): Promise<void> {
  const { old, next, key, but, copied } = work;
  work.pass++;
  const keys = await old.keys();
  const untouched = async (ids: readonly PrimaryKey[]): Promise<ReadonlySet<PrimaryKey>> => {
    const there = new Map((await next.get({ ids })).map((row) => [keyOf(row, key), contentOf(row, but)]));
    return new Set(ids.filter((id) => there.get(id) === copied.get(id)));
  };
  for await (const rows of pages(work, keys)) {
    const late = rows.filter((row) => copied.get(keyOf(row, key)) !== contentOf(row, but));
    if (late.length === 0) continue;
    const mayChange = await untouched(late.map((row) => keyOf(row, key)));
    await put(work, late.filter((row) => mayChange.has(keyOf(row, key))));
  }
  const known = new Set<PrimaryKey>(keys);
  const gone = [...copied.keys()].filter((id) => !known.has(id));
  for (let at = 0; at < gone.length; at += PAGE_ROWS) await remove(next, [...(await untouched(gone.slice(at, at + PAGE_ROWS)))]);
}

async function* pages(work: Work, keys: ArrayLike<PrimaryKey>): AsyncGenerator<readonly Row[]> {
  const { old, signal, onProgress } = work;
  const total = keys.length;
  for (let at = 0; at < total; at += PAGE_ROWS) {
    if (signal?.aborted === true) throw new ElanusError('Closed', `reembed: aborted after ${at} of ${total} rows`, { cause: signal.reason });
    yield await old.get({ ids: Array.from({ length: Math.min(PAGE_ROWS, total - at) }, (_, i) => keys[at + i] as PrimaryKey) });
    onProgress?.({ pass: work.pass, done: Math.min(total, at + PAGE_ROWS), total, embedded: work.embedded });
  }
}

async function put(work: Work, rows: readonly Row[]): Promise<number> {
  if (rows.length === 0) return 0;
  const { next, vector, from, embedder, signal } = work;
  const texts = rows.map((row) => row[from]);
  const withText = rows.flatMap((_, at) => (typeof texts[at] === 'string' ? [at] : []));
  require(withText.length === rows.length || vector.nullable === true, () => `reembed: a row has no text in "${from}", and "${vector.name}" may not be null`);
  const vectors = await embedder.embed(withText.map((at) => texts[at] as string), signal === undefined ? {} : { signal });
  work.embedded += vectors.length;
  const given = rows.map((row) => ({ ...row, [vector.name]: null as Float32Array | null }));
  withText.forEach((at, i) => ((given[at] as { [name: string]: unknown })[vector.name] = vectors[i]));
  await next.upsert(given, { model: { [vector.name]: embedder.model } });
  return rows.length;
}

async function remove(next: Collection, ids: readonly PrimaryKey[]): Promise<number> {
  return ids.length === 0 ? 0 : (await next.delete({ ids })).count;
}

function keyOf(row: Row, { name }: Field): PrimaryKey {
  return row[name] as PrimaryKey;
}
