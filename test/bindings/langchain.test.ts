// ElanusVectorStore against what LangChain's own store in memory answers, and what a store of ours promises beyond that.

import { Document } from '@langchain/core/documents';
import { Embeddings } from '@langchain/core/embeddings';
import { beforeEach, describe, expect, test } from 'vitest';
import { ElanusVectorStore } from '../../src/bindings/langchain.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testDatabase } from '../support/database.js';

const DIM = 16;

/** Counts letters, so that texts of like letters are near. */
class Letters extends Embeddings {
  constructor() {
    super({});
  }

  embedQuery(text: string): Promise<number[]> {
    const counts = new Array<number>(DIM).fill(0.01);
    for (const letter of text.toLowerCase()) counts[letter.charCodeAt(0) % DIM]! += 1;
    return Promise.resolve(counts);
  }

  embedDocuments(texts: string[]): Promise<number[][]> {
    return Promise.all(texts.map((text) => this.embedQuery(text)));
  }
}

const TEXTS = ['a kite hovers over the field', 'the kestrel hovers too', 'ships carry salt', 'salt ships carried', 'an unread letter', 'the field of salt', 'zebra crossing'];
const documents = TEXTS.map((pageContent, at) => new Document({ id: `n${at}`, pageContent, metadata: { page: at, loc: { from: at * 10 }, tags: ['all', at % 2 === 0 ? 'even' : 'odd'] } }));

function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]): number => x.reduce((sum, value, at) => sum + value * (y[at] as number), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

/** Pages of the nearest documents, by brute force. */
async function nearest(query: string, among: readonly Document[]): Promise<readonly [number, number][]> {
  const embeddings = new Letters();
  const asked = await embeddings.embedQuery(query);
  const scored = await Promise.all(among.map(async ({ pageContent, metadata }) => [metadata['page'] as number, cosine(asked, await embeddings.embedQuery(pageContent))] as [number, number]));
  return scored.sort((a, b) => b[1] - a[1]);
}

describe('a vector store of LangChain', () => {
  let db: SyncDatabase;
  let store: ElanusVectorStore;
  beforeEach(async () => {
    db = await testDatabase();
    store = await ElanusVectorStore.fromDocuments(documents, new Letters(), { db, collectionName: 'notes' });
  });

  test('finds the nearest documents with their scores, ids and metadata', async () => {
    for (const query of ['hovering kites', 'salt', 'zzz']) {
      const found = await store.similaritySearchWithScore(query, 4);
      const expected = (await nearest(query, documents)).slice(0, 4);
      expect(found.map(([{ metadata }]) => metadata['page'])).toEqual(expected.map(([page]) => page));
      found.forEach(([, score], at) => expect(score).toBeCloseTo((expected[at] as [number, number])[1], 5));
    }
    const [best] = await store.similaritySearch(TEXTS[4] as string, 1);
    expect(best).toEqual(documents[4]);
  });

  test('filters by metadata, as text and as an object, also as a retriever', async () => {
    const odd = documents.filter(({ metadata }) => metadata.page % 2 === 1);
    const expected = (await nearest('salt', odd)).map(([page]) => page);
    for (const filter of ['array_contains(tags, "odd")', { page: { $in: [1, 3, 5] } }, 'loc["from"] in [10, 30, 50]']) {
      expect((await store.similaritySearch('salt', 10, filter)).map(({ metadata }) => metadata['page'])).toEqual(expected);
      expect((await store.asRetriever({ k: 2, filter }).invoke('salt')).map(({ metadata }) => metadata['page'])).toEqual(expected.slice(0, 2));
    }
    await expect(store.similaritySearch('salt', 1, 'page >')).rejects.toMatchObject({ code: 'InvalidFilter' });
  });

  test('replaces what has the id, makes ids where there are none, and deletes by ids or a filter', async () => {
    await store.addDocuments([new Document({ id: 'n2', pageContent: 'quartz', metadata: { page: 20 } })]);
    expect(await store.similaritySearch('quartz', 1)).toEqual([new Document({ id: 'n2', pageContent: 'quartz', metadata: { page: 20 } })]);
    const ids = await store.addDocuments([new Document({ pageContent: 'new one', metadata: { page: 21 } }), new Document({ pageContent: 'other', metadata: { page: 22 } })], { ids: ['given', 'also'] });
    expect(ids).toEqual(['given', 'also']);
    const [made] = await store.addDocuments([new Document({ pageContent: 'without an id', metadata: { page: 23 } })]);
    expect(made).toMatch(/^[0-9a-f-]{36}$/);
    await store.delete({ ids: ['given', made as string] });
    await store.delete({ filter: 'page < 3 or page == 22' });
    const left = (await store.similaritySearch('a', 100)).map(({ metadata }) => metadata['page'] as number);
    expect(left.sort((a, b) => a - b)).toEqual([3, 4, 5, 6, 20]);
    await expect(store.delete({} as never)).rejects.toMatchObject({ code: 'InvalidArgument' });
  });

  test('chooses documents that are near and unlike each other', async () => {
    const [first, second] = await store.maxMarginalRelevanceSearch('salt ships', { k: 2, fetchK: 7, lambda: 0.1 });
    const [nearestPage, nextPage] = (await nearest('salt ships', documents)).map(([page]) => page);
    expect(first?.metadata['page']).toBe(nearestPage);
    expect(second?.metadata['page']).not.toBe(nextPage);
    const alike = await store.maxMarginalRelevanceSearch('salt ships', { k: 3, lambda: 1 });
    expect(alike.map(({ metadata }) => metadata['page'])).toEqual((await nearest('salt ships', documents)).slice(0, 3).map(([page]) => page));
  });

  test('refuses what does not fit: a key of its own in metadata, a vector of another dimension, as many ids as there are no documents', async () => {
    await expect(store.addDocuments([new Document({ pageContent: 'a', metadata: { text: 1 } })])).rejects.toThrow('metadata: "text" is a field of the store');
    await expect(store.addVectors([[1, 2]], [new Document({ pageContent: 'a' })])).rejects.toMatchObject({ code: 'InvalidArgument' });
    await expect(store.addVectors([[1, 2]], [])).rejects.toThrow('expected one vector for each of 0 documents, found 1');
    await expect(store.addDocuments(documents, { ids: ['one'] })).rejects.toThrow('expected one id for each of 7 documents, found 1');
    expect(await db.collection('notes').then((notes) => notes.count())).toBe(documents.length);
  });

  test('is empty before the first documents, and two of them make one collection', async () => {
    const options = { db, collectionName: 'fresh', fields: { text: 'body' } };
    const [one, other] = [new ElanusVectorStore(new Letters(), options), new ElanusVectorStore(new Letters(), options)];
    expect(await one.similaritySearch('a', 3)).toEqual([]);
    await Promise.all([one.addDocuments([new Document({ pageContent: 'one', metadata: { text: 'is free here' } })]), other.addDocuments([new Document({ pageContent: 'other' })])]);
    expect((await one.similaritySearch('one', 5)).map(({ pageContent }) => pageContent)).toEqual(['one', 'other']);
  });

  test('stands on a collection that is there, with integer keys that it makes', async () => {
    await db.createCollection({
      name: 'books',
      enableDynamicField: true,
      fields: [
        { name: 'isbn', type: 'Int64', primaryKey: true, autoId: true },
        { name: 'title', type: 'VarChar', maxLength: 200 },
        { name: 'meaning', type: 'FloatVector', dim: DIM, metric: 'L2' },
      ],
    });
    const books = await ElanusVectorStore.fromExistingCollection(new Letters(), { db, collectionName: 'books', fields: { id: 'isbn', text: 'title', vector: 'meaning' } });
    const ids = await books.addDocuments([new Document({ pageContent: 'abc', metadata: { year: 1999 } }), new Document({ pageContent: 'xyz', metadata: { year: 2000 } })]);
    const [[best, distance]] = (await books.similaritySearchWithScore('abc', 1)) as [[Document, number]];
    expect(best).toEqual(new Document({ id: ids[0] as string, pageContent: 'abc', metadata: { year: 1999 } }));
    expect(distance).toBeCloseTo(0, 6);
    await books.delete({ ids: [ids[0] as string] });
    await expect(books.delete({ ids: ['x'] })).rejects.toThrow('isbn: expected an integer as text, found "x"');
    expect((await books.similaritySearch('abc', 5)).map(({ pageContent }) => pageContent)).toEqual(['xyz']);
    await expect(ElanusVectorStore.fromExistingCollection(new Letters(), { db, collectionName: 'books' })).rejects.toThrow('its primary key is "isbn", not "id"');
    await expect(ElanusVectorStore.fromExistingCollection(new Letters(), { db, collectionName: 'none' })).rejects.toMatchObject({ code: 'NotFound' });
  });
});
