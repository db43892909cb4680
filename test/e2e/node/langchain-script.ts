// langchain-script.ts ADDRESS [USER PASSWORD]: the vector store of LangChain.js, unmodified, as an application would use it. Its
// embedder is made up: a text's vector is the sum of fixed vectors of its words. What it has no verb for it is asked through its own client.

import { Milvus } from '@langchain/community/vectorstores/milvus';
import { Document } from '@langchain/core/documents';
import { Embeddings } from '@langchain/core/embeddings';
import { random } from '../../support/random.js';
import { rowOf, squared } from './rows.js';
import { close, fine, refused, same, stepsOf, thrown, whereOf } from './steps.js';

const { address, username, password } = whereOf();
const DIM = 24;
const NAME = 'lcjs_birds';
const step = stepsOf('LangChain.js');

class WordSums extends Embeddings {
  constructor() {
    super({});
  }

  vectorOf(text: string): number[] {
    const sum = new Array<number>(DIM).fill(0);
    for (const word of text.split(' ')) {
      const next = random([...word].reduce((seed, character) => seed * 31 + (character.codePointAt(0) ?? 0), 7));
      for (let at = 0; at < DIM; at++) sum[at] = (sum[at] as number) + next() - 0.5;
    }
    const norm = Math.hypot(...sum);
    return sum.map((value) => Math.fround(value / norm));
  }

  override embedQuery(text: string): Promise<number[]> {
    return Promise.resolve(this.vectorOf(text));
  }

  override embedDocuments(texts: string[]): Promise<number[][]> {
    return Promise.resolve(texts.map((text) => this.vectorOf(text)));
  }
}

const embeddings = new WordSums();
const options = { collectionName: NAME, clientConfig: { address, username, password, logLevel: 'error' }, autoId: false, primaryField: 'key', textFieldMaxLength: 500, indexCreateOptions: { index_type: 'FLAT' as const, metric_type: 'L2' as const } };
const texts = new Map<string, string>(Array.from({ length: 80 }, (_, at) => [`d${String(at).padStart(3, '0')}`, rowOf(at).body]));
const documentOf = (key: string): Document => new Document({ pageContent: texts.get(key) ?? '', metadata: { key, year: 1980 + (Number(key.slice(1)) % 40) } });

function nearest(query: string, keep = (_key: string): boolean => true): (readonly [string, number])[] {
  const vector = embeddings.vectorOf(query);
  return [...texts].filter(([key]) => keep(key)).map(([key, text]) => [key, squared(vector, embeddings.vectorOf(text))] as const).sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1));
}

type Found = readonly (readonly [{ readonly pageContent: string; readonly metadata: Readonly<Record<string, unknown>> }, number])[];

function agree(found: Found, expected: readonly (readonly [string, number])[]): void {
  close(found.map(([, score]) => score), expected.map(([, score]) => score), 'scores', 1e-3);
  for (const [{ pageContent, metadata }] of found) same(pageContent, texts.get(String(metadata['key'])));
  same(new Set(found.map(([{ metadata }]) => metadata['key'])).size, found.length);
}

let store!: Milvus;
await step('create', 'fromDocuments makes the collection, its index and its rows', async () => {
  store = await Milvus.fromDocuments([...texts.keys()].map(documentOf), embeddings, options);
  same((await store.client.hasCollection({ collection_name: NAME })).value, true);
});
await step('index', 'its index is the one that was asked for', async () => {
  const [index] = (await store.client.describeIndex({ collection_name: NAME })).index_descriptions;
  same(index?.params.find(({ key }) => key === 'index_type')?.value, 'FLAT');
});
await step('load', 'a store that is opened again loads itself and searches', async () => {
  const again = await Milvus.fromExistingCollection(embeddings, options);
  agree(await again.similaritySearchWithScore('owl ridge', 3), nearest('owl ridge').slice(0, 3));
});
await step('insert', 'documents are added', async () => {
  texts.set('d900', 'hover talon');
  await store.addDocuments([documentOf('d900')]);
  agree(await store.similaritySearchWithScore('hover talon', 1), nearest('hover talon').slice(0, 1));
});
await step('upsert', 'a document of the same key is replaced', async () => {
  texts.set('d900', 'beak beak river');
  await store.addDocuments([documentOf('d900')]);
  same(Number((await store.client.count({ collection_name: NAME })).data), texts.size);
  agree(await store.similaritySearchWithScore('beak beak river', 1), nearest('beak beak river').slice(0, 1));
});
await step('delete', 'documents go by their keys and by a filter', async () => {
  await store.delete({ ids: ['d900', 'd003'] });
  await store.delete({ filter: 'year == 1990' });
  for (const key of ['d900', 'd003', 'd010', 'd050']) texts.delete(key);
  same(Number((await store.client.count({ collection_name: NAME })).data), texts.size);
});
await step('search', 'the nearest documents, with their scores, contents and metadata', async () => {
  for (const query of ['raptor', 'owl ridge', 'kite hover prey']) {
    const found = await store.similaritySearchWithScore(query, 8);
    agree(found, nearest(query).slice(0, 8));
    for (const [{ metadata }] of found) same(Number(metadata['year']), 1980 + (Number(String(metadata['key']).slice(1)) % 40));
  }
});
await step('filter', 'by metadata', async () => {
  agree(await store.similaritySearchWithScore('owl ridge', 5, 'year >= 2000'), nearest('owl ridge', (key) => Number(key.slice(1)) % 40 >= 20).slice(0, 5));
});
await step('partitions', 'a store of one partition has only what was put there', async () => {
  const part = new Milvus(embeddings, { ...options, partitionName: 'night' });
  await part.addDocuments([new Document({ pageContent: 'owl owl', metadata: { key: 'n1', year: 2000 } })]);
  same((await part.similaritySearch('owl', 5)).map(({ pageContent }) => pageContent), ['owl owl']);
  await store.delete({ ids: ['n1'] });
});
await step('iterate', 'its client walks through the store', async () => {
  const seen: string[] = [];
  for await (const batch of await store.client.queryIterator({ collection_name: NAME, filter: 'key >= ""', output_fields: ['key'], batchSize: 30 })) seen.push(...(batch as unknown as { key: string }[]).map(({ key }) => key));
  same(seen, [...texts.keys()].sort());
});
await step('aliases', 'a store by an alias', async () => {
  fine(await store.client.createAlias({ collection_name: NAME, alias: 'lcjs_alias' }));
  agree(await (await Milvus.fromExistingCollection(embeddings, { ...options, collectionName: 'lcjs_alias' })).similaritySearchWithScore('owl', 3), nearest('owl').slice(0, 3));
  fine(await store.client.dropAlias({ alias: 'lcjs_alias' }));
});
await step('databases', 'a store in a database of its own', async () => {
  fine(await store.client.createDatabase({ db_name: 'lcjs_apart' }));
  const apart = await Milvus.fromTexts(['one bird'], [{ key: 'a' }], embeddings, { ...options, clientConfig: { ...options.clientConfig, database: 'lcjs_apart' } });
  same((await apart.similaritySearch('bird', 5)).map(({ pageContent }) => pageContent), ['one bird']);
  fine(await apart.client.dropCollection({ collection_name: NAME }));
  fine(await store.client.dropDatabase({ db_name: 'lcjs_apart' }));
});
await step('users and roles', 'a wrong password is refused', async () => {
  // The store does not wait for its clients to connect: that one could not is nobody's.
  process.on('unhandledRejection', () => undefined);
  const error = await thrown(async () => Milvus.fromExistingCollection(embeddings, { ...options, clientConfig: { ...options.clientConfig, username: username || 'root', password: 'wrong' } }));
  same(/auth|unauthenticated/i.test(error.message), true, error.message);
});
await step('errors', 'a bad filter is told, and a collection that is not there', async () => {
  same((await thrown(() => store.similaritySearch('owl', 3, 'year >>> ('))).message.includes('1100'), true);
  await thrown(() => Milvus.fromExistingCollection(embeddings, { ...options, collectionName: 'lcjs_nests' }));
  refused((await store.client.describeCollection({ collection_name: 'lcjs_nests' })).status, 100);
});
await step('drop', 'the collection goes', async () => {
  fine(await store.client.dropCollection({ collection_name: NAME }));
  same((await store.client.hasCollection({ collection_name: NAME })).value, false);
});
process.exit(0);
