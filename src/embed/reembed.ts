// Re-embedding: a collection made anew beside the old one, with the vectors of another model, and an alias that is switched
// to it when it has caught up. Readers see the one or the other, whole. What is there already is not embedded again, so who
// was interrupted, or wrote meanwhile, begins where it was.

import type { Collection, CollectionDescription, Database } from '../engine/api.js';
import { ElanusError, require } from '../model/errors.js';
import type { DataType, Field } from '../model/field.js';
import type { PrimaryKey, Row } from '../model/row.js';
import type { Schema } from '../model/schema.js';
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
  readonly database: Database;
  readonly old: Collection;
  readonly next: Collection;
  readonly key: Field;
  readonly vector: Field;
  /** Left out of what is compared: the vector, as it is what differs. */
  readonly but: ReadonlySet<string>;
  /** Partitions can be named, and each row is copied into the one of its own; else the partition key says which. */
  readonly isParted: boolean;
  /** Content of each row as it was last copied, its partition with it. */
  readonly copied: Map<PrimaryKey, number>;
  embedded: number;
  pass: number;
}

/** Rows of one partition, or of a collection whose partitions nobody names. */
interface Page {
  readonly partition: string | undefined;
  readonly rows: readonly Row[];
}

/**
 * Goes through the old collection until nothing is left to copy, then switches the alias and copies what was written to the old
 * one until then; from then on only who still holds the old collection writes to it. It stays until it is dropped. The new one has
 * its schema, functions, partitions, indexes and properties; rows that expire some time after they were written count from their copying.
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
  const described = await database.describeCollection(collection);
  const { name, schema } = described;
  require(into !== name, () => `reembed: expected another name than "${name}" for the new collection`);
  const vector = vectorOf(schema, field);
  require(schema.fields.some((candidate) => candidate.name === from && candidate.type === 'VarChar'), () => `reembed: expected a VarChar field to embed, found "${from}"`);
  const model = { name: embedder.model, ...(embedder.normalized ? { normalized: true } : {}) };
  const fields = schema.fields.map((candidate) => (candidate === vector ? { ...candidate, dim: embedder.dim, model } : candidate));
  const next = await openNext(database, options, { ...described, schema: { ...schema, fields } }, vector.name);
  const key = schema.fields.find(({ primaryKey }) => primaryKey === true) as Field;
  return { ...options, database, old: await database.collection(name), next, key, vector, but: new Set([vector.name]), isParted: !hasPartitionKey(schema), copied: new Map(), embedded: 0, pass: 0 };
}

/** Errors: `InvalidArgument` unless it is one, or is named, of those that texts can be embedded into. */
function vectorOf({ fields, functions = [] }: Schema, name: string | undefined): Field {
  const made = new Set(functions.flatMap(({ outputFieldNames }) => outputFieldNames as readonly string[]));
  const vectors = fields.filter((field) => isEmbeddable(field.type) && !made.has(field.name));
  const found = name === undefined ? vectors[0] : vectors.find((field) => field.name === name);
  require(found !== undefined && (name !== undefined || vectors.length === 1), () => `reembed: expected one of the dense vector fields ${vectors.map((known) => known.name).join(', ')}, found ${String(name)}`);
  return found;
}

function isEmbeddable(type: DataType): boolean {
  return type === 'FloatVector' || type === 'Float16Vector' || type === 'BFloat16Vector';
}

function hasPartitionKey({ fields }: Schema): boolean {
  return fields.some(({ partitionKey }) => partitionKey === true);
}

async function openNext(database: Database, { into, embedder }: ReembedOptions, { schema, indexes, properties, consistencyLevel, numPartitions }: CollectionDescription, vector: string): Promise<Collection> {
  if (!(await database.hasCollection(into))) {
    return database.createCollection({ name: into, ...schema, indexParams: indexes, properties, consistencyLevel, ...(hasPartitionKey(schema) ? { numPartitions } : {}) });
  }
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
  const { old, next, copied } = work;
  work.pass++;
  let changed = 0;
  const known = new Set<PrimaryKey>(await old.keys());
  for await (const page of pages(work, known.size)) {
    const contents = contentsOf(work, page);
    const there = contentsOf(work, { ...page, rows: await next.get({ ids: [...contents.keys()], ...within(page.partition) }) });
    for (const [key, content] of contents) {
      known.add(key);
      copied.set(key, content);
    }
    changed += await put(work, { ...page, rows: page.rows.filter((row) => there.get(keyOf(row, work.key)) !== contents.get(keyOf(row, work.key))) });
  }
  const gone = Array.from<PrimaryKey>(await next.keys()).filter((id) => !known.has(id));
  for (const id of copied.keys()) if (!known.has(id)) copied.delete(id);
  return changed + (await remove(next, gone));
}

/** Copies what was written to the old collection after the last pass, unless the new one was written there meanwhile. */
async function copyLate(work: Work): Promise<void> {
  const { old, next, copied } = work;
  work.pass++;
  const known = new Set<PrimaryKey>(await old.keys());
  for await (const page of pages(work, known.size)) {
    const late = [...contentsOf(work, page)].filter(([id, content]) => copied.get(id) !== content).map(([id]) => id);
    const mayChange = await untouched(work, late);
    await put(work, { ...page, rows: page.rows.filter((row) => mayChange.has(keyOf(row, work.key))) });
  }
  const gone = [...copied.keys()].filter((id) => !known.has(id));
  for (let at = 0; at < gone.length; at += PAGE_ROWS) await remove(next, [...(await untouched(work, gone.slice(at, at + PAGE_ROWS)))]);
}

/** Those that the new collection has as they were copied, in whatever partition. */
async function untouched(work: Work, ids: readonly PrimaryKey[]): Promise<ReadonlySet<PrimaryKey>> {
  const { database, next, isParted, copied } = work;
  if (ids.length === 0) return new Set();
  const there = new Map<PrimaryKey, number>();
  for (const partition of isParted ? await database.listPartitions(next.name) : [undefined]) {
    for (const [id, content] of contentsOf(work, { partition, rows: await next.get({ ids, ...within(partition) }) })) there.set(id, content);
  }
  return new Set(ids.filter((id) => there.get(id) === copied.get(id)));
}

async function* pages(work: Work, total: number): AsyncGenerator<Page> {
  const { old, signal, onProgress } = work;
  let done = 0;
  for (const partition of await partitionsOf(work)) {
    const keys = await old.keys(within(partition));
    for (let at = 0; at < keys.length; at += PAGE_ROWS) {
      if (signal?.aborted === true) throw new ElanusError('Closed', `reembed: aborted after ${done} of ${total} rows`, { cause: signal.reason });
      const ids = Array.from({ length: Math.min(PAGE_ROWS, keys.length - at) }, (_, i) => keys[at + i] as PrimaryKey);
      yield { partition, rows: await old.get({ ids, ...within(partition) }) };
      done += ids.length;
      onProgress?.({ pass: work.pass, done, total: Math.max(done, total), embedded: work.embedded });
    }
  }
}

/** The names of the old collection's partitions, all of which the new one has. */
async function partitionsOf({ database, old, next, isParted }: Work): Promise<readonly (string | undefined)[]> {
  if (!isParted) return [undefined];
  const names = await database.listPartitions(old.name);
  for (const name of names) if (!(await database.hasPartition(next.name, name))) await database.createPartition(next.name, name);
  return names;
}

function within(partition: string | undefined): { readonly partitionNames?: readonly string[] } {
  return partition === undefined ? {} : { partitionNames: [partition] };
}

function contentsOf({ key, but }: Work, { partition, rows }: Page): ReadonlyMap<PrimaryKey, number> {
  return new Map(rows.map((row) => [keyOf(row, key), contentOf(row, but, partition)]));
}

async function put(work: Work, { partition, rows }: Page): Promise<number> {
  if (rows.length === 0) return 0;
  const { next, vector, from, embedder, signal } = work;
  const texts = rows.map((row) => row[from]);
  const withText = rows.flatMap((_, at) => (typeof texts[at] === 'string' ? [at] : []));
  require(withText.length === rows.length || vector.nullable === true, () => `reembed: a row has no text in "${from}", and "${vector.name}" may not be null`);
  const vectors = await embedder.embed(withText.map((at) => texts[at] as string), signal === undefined ? {} : { signal });
  work.embedded += vectors.length;
  const given = rows.map((row) => ({ ...row, [vector.name]: null as Float32Array | null }));
  withText.forEach((at, i) => ((given[at] as { [name: string]: unknown })[vector.name] = vectors[i]));
  await next.upsert(given, { model: { [vector.name]: embedder.model }, ...(partition === undefined ? {} : { partitionName: partition }) });
  return rows.length;
}

async function remove(next: Collection, ids: readonly PrimaryKey[]): Promise<number> {
  return ids.length === 0 ? 0 : (await next.delete({ ids })).count;
}

function keyOf(row: Row, { name }: Field): PrimaryKey {
  return row[name] as PrimaryKey;
}
