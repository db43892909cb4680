// Re-embedding beside a collection that is in use: what ends up in the new one is what the old one has, whatever was
// written meanwhile, and nothing is embedded twice.

import { beforeEach, describe, expect, it } from 'vitest';
import { embedderOf, type Embedder } from '../../src/embed/embedder.js';
import { reembed } from '../../src/embed/reembed.js';
import { contentOf } from '../../src/embed/row-content.js';
import type { Collection } from '../../src/engine/api.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testDatabase } from '../support/database.js';

const ROWS = 600;
const DIM = 3;
/** The vector of the new model: the length of the text, and two numbers. */
const vectorOf = (text: string): Float32Array => Float32Array.of(text.length, 1, 0);

let db: SyncDatabase;
let old: Collection;
let embedded: string[];

const embedder = (during: () => Promise<void> = async () => {}): Embedder =>
  embedderOf({ model: 'new', dim: DIM, embed: async (texts) => (await during(), embedded.push(...texts), texts.map(vectorOf)) });
const options = { collection: 'notes', into: 'notes_new', from: 'text' } as const;
const row = (id: number, text = `text ${id}`) => ({ id, text, rank: id % 7, meaning: [1, 2] });

beforeEach(async () => {
  embedded = [];
  db = await testDatabase();
  old = await db.createCollection({
    name: 'notes',
    fields: [
      { name: 'id', type: 'Int64', primaryKey: true },
      { name: 'text', type: 'VarChar' },
      { name: 'rank', type: 'Int16', nullable: true },
      { name: 'meaning', type: 'FloatVector', dim: 2, metric: 'L2', model: { name: 'old' } },
    ],
  });
  await old.insert(Array.from({ length: ROWS }, (_, id) => row(id)));
});

/** Both have the same rows but for the vector, and that is the new model's. */
async function expectCaughtUp(): Promise<void> {
  const next = await db.collection('notes_new');
  const rows = await next.query();
  expect(rows.map(({ id, text, rank }) => ({ id, text, rank }))).toEqual((await old.query({ outputFields: ['text', 'rank'] })).map(({ id, text, rank }) => ({ id, text, rank })));
  for (const { text, meaning } of rows) expect(meaning).toEqual(vectorOf(text as string));
}

describe('re-embedding', () => {
  it('makes the collection anew with the vectors of another model, and tells how far it is', async () => {
    const progress: number[] = [];
    const result = await reembed(db, { ...options, embedder: embedder(), onProgress: ({ done, embedded: so }) => progress.push(done, so) });
    expect(result).toEqual({ rows: ROWS, embedded: ROWS, passes: 2 });
    expect(progress).toEqual([256, 256, 512, 512, 600, 600, 256, 600, 512, 600, 600, 600]);
    expect((await db.collection('notes_new')).schema.fields[3]).toMatchObject({ dim: DIM, metric: 'L2', model: { name: 'new' } });
    await expectCaughtUp();
  });
  it('goes on where it was, and embeds only what changed', async () => {
    const abort = new AbortController();
    const stopped = embedder(async () => void (embedded.length >= 256 && abort.abort()));
    await expect(reembed(db, { ...options, embedder: stopped, signal: abort.signal })).rejects.toMatchObject({ code: 'Closed' });
    const before = embedded.length;
    await old.upsert([row(3, 'changed')]);
    await old.delete({ ids: [5] });
    await reembed(db, { ...options, embedder: embedder() });
    expect(before).toBeLessThan(ROWS);
    expect(embedded.filter((text) => text === 'text 100')).toHaveLength(1);
    await expectCaughtUp();
  });
  it('takes what is written, changed and deleted meanwhile', async () => {
    let batch = 0;
    const busy = embedder(async () => {
      if (++batch > 6) return;
      await old.upsert([row(batch, `changed ${batch}`), row(1000 + batch), { ...row(20 + batch), rank: null as never }]);
      await old.delete({ ids: [100 + batch] });
    });
    await reembed(db, { ...options, embedder: busy });
    await expectCaughtUp();
  });
  it('switches an alias when it has caught up, and brings what was written to the old one until then', async () => {
    await db.createAlias('notes', 'current');
    const database = new Proxy(db, {
      get(target, key) {
        if (key === 'alterAlias') {
          return async (collection: string, alias: string) => {
            await old.upsert([row(7, 'late')]);
            await old.delete({ ids: [8] });
            await target.alterAlias(collection, alias);
            // From now on writers write here, and what they write stays.
            await (await target.collection('current')).upsert([{ ...row(9, 'newer'), meaning: vectorOf('newer') }]);
            await old.upsert([row(9, 'overtaken')]);
          };
        }
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
      },
    });
    await reembed(database, { ...options, collection: 'current', alias: 'current', embedder: embedder() });
    expect((await db.describeAlias('current')).collection).toBe('notes_new');
    const found = await (await db.collection('current')).get({ ids: [7, 8, 9], outputFields: ['text'] });
    expect(found).toEqual([{ id: 7n, text: 'late' }, { id: 9n, text: 'newer' }]);
  });
  it('keeps partitions, functions, indexes and properties, also of rows that change their partition meanwhile', async () => {
    const from = await db.createCollection({
      name: 'texts',
      fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'text', type: 'VarChar', enableAnalyzer: true }, { name: 'terms', type: 'SparseFloatVector' }, { name: 'meaning', type: 'FloatVector', dim: 2, metric: 'L2' }, { name: 'other', type: 'Int8Vector', dim: 2, metric: 'L2' }],
      functions: [{ name: 'f', type: 'BM25', inputFieldNames: ['text'], outputFieldNames: ['terms'] }],
      enableDynamicField: true,
      properties: { 'collection.ttl.seconds': 1000, mine: 'x' },
      consistencyLevel: 'Strong',
      indexParams: [{ fieldName: 'terms', indexType: 'SPARSE_INVERTED_INDEX', metricType: 'BM25', params: { bm25_k1: 1.5 } }],
    });
    const given = (id: number) => ({ id, text: `kite ${id}`, meaning: [1, 2], other: [id, 1], big: 2n ** 60n + 1n });
    for (const field of ['terms', 'other']) await expect(reembed(db, { collection: 'texts', into: 'texts_new', from: 'text', field, embedder: embedder() })).rejects.toThrow(`dense vector fields meaning, found ${field}`);
    expect(await db.hasCollection('texts_new')).toBe(false);
    await db.createPartition('texts', 'p');
    await from.insert([given(1), given(2)]);
    await from.insert([given(3), given(4)], { partitionName: 'p' });
    let moved = false;
    const moving = embedder(async () => {
      if (moved) return;
      moved = true;
      await db.createPartition('texts', 'late');
      await from.upsert([given(1)], { partitionName: 'p' });
      await from.upsert([given(5)], { partitionName: 'late' });
    });
    expect(await reembed(db, { collection: 'texts', into: 'texts_new', from: 'text', embedder: moving })).toMatchObject({ rows: 5 });
    const into = await db.collection('texts_new');
    const parts = async (c: Collection) => Promise.all(['_default', 'p', 'late'].map(async (name) => c.query({ partitionNames: [name], outputFields: ['text', 'other', 'big'] })));
    expect(await parts(into)).toEqual(await parts(from));
    expect((await into.search({ data: 'kite', annsField: 'terms', limit: 9, partitionNames: ['p'] })).hits).toHaveLength(3);
    const [before, after] = [await db.describeCollection('texts'), await db.describeCollection('texts_new')];
    expect(after).toMatchObject({ properties: before.properties, consistencyLevel: 'Strong', numPartitions: 3, indexes: before.indexes });
    expect(after.schema.functions).toEqual(before.schema.functions);
    expect(after.schema.fields).toEqual(before.schema.fields.map((field) => (field.name === 'meaning' ? { ...field, dim: DIM, model: { name: 'new' } } : field)));
  });
  it('keeps a partition key and as many partitions', async () => {
    const from = await db.createCollection({ name: 'keyed', fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'text', type: 'VarChar', partitionKey: true }, { name: 'meaning', type: 'FloatVector', dim: 2, metric: 'L2' }], numPartitions: 3 });
    await from.insert([1, 2, 3].map((id) => ({ id, text: `t${id}`, meaning: [1, 2] })));
    await reembed(db, { collection: 'keyed', into: 'keyed_new', from: 'text', embedder: embedder() });
    expect(await db.describeCollection('keyed_new')).toMatchObject({ rows: 3, numPartitions: 3 });
  });
  it('brings rows that changed their partition when the alias is switched', async () => {
    await db.createPartition('notes', 'p');
    const database = new Proxy(db, {
      get(target, key) {
        if (key === 'createAlias') return async (...names: [string, string]) => (await old.upsert([row(7)], { partitionName: 'p' }), target.createAlias(...names));
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
      },
    });
    await reembed(database, { ...options, alias: 'current', embedder: embedder() });
    expect((await (await db.collection('current')).query({ partitionNames: ['p'] })).map(({ id }) => id)).toEqual([7n]);
  });
  it.each<[string, Partial<Parameters<typeof reembed>[1]>, RegExp]>([
    ['into itself', { into: 'notes' }, /another name/],
    ['of a field that is no vector', { field: 'rank' }, /dense vector fields meaning/],
    ['from a field that is no text', { from: 'rank' }, /VarChar field/],
    ['of a collection that is not there', { collection: 'none' }, /none/],
  ])('refuses %s', async (_, wrong, message) => {
    await expect(reembed(db, { ...options, embedder: embedder(), ...wrong })).rejects.toThrow(message);
  });
  it('refuses a new collection that is there with another model', async () => {
    await db.createCollection({ name: 'notes_new', fields: old.schema.fields });
    await expect(reembed(db, { ...options, embedder: embedder() })).rejects.toMatchObject({ code: 'AlreadyExists' });
  });
});

describe('the content of a row', () => {
  it('differs where a value, its type or its place does, and not by the order of names', () => {
    const none = new Set<string>();
    const rows = [{ a: 1 }, { a: 1n }, { a: '1' }, { a: [1] }, { a: null }, { b: 1 }, { a: { b: 1 } }, { a: { b: '1' } }, { a: Float32Array.of(1, 2) }, { a: Float32Array.of(2, 1) }, { a: Number.NaN }];
    expect(new Set(rows.map((given) => contentOf(given as never, none))).size).toBe(rows.length);
    expect(contentOf({ a: 1, b: 2 }, none)).toBe(contentOf({ b: 2, a: 1 }, none));
    expect(contentOf({ a: 1, v: 2 }, new Set(['v']))).toBe(contentOf({ a: 1, v: 3 }, new Set(['v'])));
  });
});
