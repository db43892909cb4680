// A collection that takes texts: over a real database, by an embedder that counts letters.

import { beforeEach, describe, expect, it } from 'vitest';
import { withEmbedder } from '../../src/embed/embedded-collection.js';
import { embedderOf, type Embedder } from '../../src/embed/embedder.js';
import type { Collection } from '../../src/engine/api.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testDatabase } from '../support/database.js';

const DIM = 26;

/** Letters of a text, as a vector of length 1. */
function letters(text: string): Float32Array {
  const counts = new Float32Array(DIM);
  for (const letter of text.toLowerCase()) if (letter >= 'a' && letter <= 'z') (counts[letter.charCodeAt(0) - 97] as number) += 1;
  const length = Math.hypot(...counts);
  return counts.map((count) => count / length);
}

let embedded: string[];
let db: SyncDatabase;
let books: Collection;
let embedder: Embedder;

const embedderNamed = (model: string, normalized = true): Embedder => embedderOf({ model, dim: DIM, normalized, embed: async (texts) => (embedded.push(...texts), texts.map(letters)) });

beforeEach(async () => {
  embedded = [];
  db = await testDatabase();
  embedder = embedderNamed('letters');
  const collection = await db.createCollection({
    name: 'books',
    fields: [
      { name: 'id', type: 'Int64', primaryKey: true },
      { name: 'title', type: 'VarChar', maxLength: 200 },
      { name: 'meaning', type: 'FloatVector', dim: DIM, metric: 'COSINE', model: { name: 'letters', normalized: true } },
    ],
  });
  books = withEmbedder(collection, { embedder, from: 'title' });
});

describe('a collection over an embedder', () => {
  it('takes rows without a vector and is searched by a text', async () => {
    await books.insert([{ id: 1, title: 'The Kite' }, { id: 2, title: 'Buzzards' }, { id: 3, title: 'given', meaning: letters('zzz') }]);
    expect(embedded).toEqual(['The Kite', 'Buzzards']);
    const { hits } = await books.search({ data: 'kite' as never, limit: 1, outputFields: ['title'] });
    expect(hits.map(({ fields }) => fields['title'])).toEqual(['The Kite']);
    expect((await books.search({ data: letters('z'), limit: 1 })).hits[0]?.id).toBe(3n);
  });
  it('takes several texts, and answers each', async () => {
    await books.upsert([{ id: 1, title: 'abc' }, { id: 2, title: 'xyz' }]);
    const { hits } = await books.search({ data: ['xy', 'ab'] as never, limit: 1 });
    expect((hits as unknown as readonly (readonly { readonly id: bigint }[])[]).map((of) => of[0]?.id)).toEqual([2n, 1n]);
  });
  it('takes texts in walks and in hybrid searches too', async () => {
    await books.insert([{ id: 1, title: 'abc' }, { id: 2, title: 'xyz' }, { id: 3, title: 'ab' }]);
    const walk = await books.searchIterator({ data: 'abc' as never, batchSize: 2 });
    const seen: unknown[] = [];
    for await (const batch of walk) seen.push(...batch.map(({ id }) => id));
    expect(seen).toEqual([1n, 3n, 2n]);
    const { hits } = await books.hybridSearch({ searches: [{ data: 'xyz' as never, annsField: 'meaning', limit: 1 }], rerank: { kind: 'rrf' }, limit: 1 });
    expect(hits.map(({ id }) => id)).toEqual([2n]);
  });
  it('passes every other verb on', async () => {
    await books.insert([{ id: 1, title: 'abc' }]);
    expect(await books.count()).toBe(1);
    expect(books.name).toBe('books');
    expect(await books.get({ ids: [1], outputFields: ['title'] })).toEqual([{ id: 1n, title: 'abc' }]);
  });
  it('refuses a row with neither text nor vector', async () => {
    await expect(books.insert([{ id: 1, title: 'a' }, { id: 2 }])).rejects.toThrow('row 1: expected a text in "title", or a vector in "meaning"');
    expect(await books.count()).toBe(0);
  });
  it('refuses an embedder of another model, dimension or normalisation', async () => {
    const collection = await db.collection('books');
    expect(() => withEmbedder(collection, { embedder: embedderNamed('words'), from: 'title' })).toThrow(/model "letters", not of "words"/);
    expect(() => withEmbedder(collection, { embedder: embedderNamed('letters', false), from: 'title' })).toThrow(/length 1/);
    const short = embedderOf({ model: 'letters', dim: 3, embed: async () => [] });
    expect(() => withEmbedder(collection, { embedder: short, from: 'title' })).toThrow(/dimension 3/);
    expect(() => withEmbedder(collection, { embedder: short, from: 'title', field: 'meaning' })).toThrow(/has dimension 26, the model "letters" gives 3/);
    expect(() => withEmbedder(collection, { embedder, from: 'id' })).toThrow(/expected a VarChar field/);
    expect(() => withEmbedder(collection, { embedder, from: 'none' })).toThrow(/no field "none"/);
  });
});

describe('a collection that records a model', () => {
  it('refuses rows and queries that are declared with another, and writes nothing', async () => {
    const collection = await db.collection('books');
    const row = { id: 1, title: 'a', meaning: letters('a') };
    await expect(collection.insert([row], { model: 'words' })).rejects.toMatchObject({ code: 'InvalidArgument', message: expect.stringContaining('not comparable') as string });
    await expect(collection.upsert([row], { model: { meaning: 'words' } })).rejects.toMatchObject({ code: 'InvalidArgument' });
    expect(await collection.count()).toBe(0);
    await collection.insert([row], { model: 'letters' });
    await expect(collection.search({ data: letters('a'), model: 'words' })).rejects.toMatchObject({ code: 'InvalidArgument' });
    expect((await collection.search({ data: letters('a'), model: 'letters' })).hits).toHaveLength(1);
  });
  it('refuses vectors of another length where the model is normalised', async () => {
    const collection = await db.collection('books');
    const long = letters('a').map((x) => 3 * x);
    await expect(collection.insert([{ id: 1, title: 'a', meaning: long }])).rejects.toThrow('row 0, field "meaning": expected a vector of length 1');
    await expect(collection.search({ data: long })).rejects.toThrow('data: expected a vector of length 1');
  });
});
