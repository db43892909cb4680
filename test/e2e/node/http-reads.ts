// What the SDK's HttpClient reads over REST from the rows that http-changes.ts has stored, held against brute force. REST has
// no iterators: it pages by offset and limit.

import { bad, good, loose, NAME, type HttpWorld } from './http-changes.js';
import { bestOf, byCosine, byL2, byRanks, bySparse, byWeights, byWords, DIM, FILTERS, ofCosine, ofProduct, SMALL_DIM, vectorOf, type Pair } from './rows.js';
import { close, same } from './steps.js';

const collectionName = NAME;
const SPARSE_QUERY = { 1: 0.5, 17: 1, 60: 0.75, 100: 0.25, 140: 1.5, 199: 0.25 };
type Hit = Readonly<Record<string, unknown>> & { readonly id: number | string; readonly distance: number };

function agree(hits: readonly Hit[], expected: readonly Pair[], what = ''): void {
  same(hits.map(({ id }) => Number(id)), expected.map(([id]) => id), what);
  close(hits.map(({ distance }) => distance), expected.map(([, score]) => score), what);
}

export async function readHttp(world: HttpWorld): Promise<void> {
  const { client, step, stored } = world;
  const search = async (more: object): Promise<readonly Hit[]> => good(await client.search(loose({ collectionName, annsField: 'dense', outputFields: [], ...more }))).data as unknown as Hit[];
  const query = vectorOf(DIM);
  const near = byCosine(stored, query);

  await step('search', 'the nearest of several queries, with the fields that were asked for', async () => {
    const data = [vectorOf(DIM), vectorOf(DIM)];
    const answer = good(await client.search({ collectionName, data, annsField: 'dense', limit: 10, outputFields: ['title', 'year'] }));
    // The client cuts the flat answer by `topks`.
    const each = answer.data as unknown as Hit[][];
    same(answer.topks, [10, 10]);
    data.forEach((vector, at) => agree(each[at] ?? [], byCosine(stored, vector).slice(0, 10)));
    for (const hit of each.flat()) same([hit['title'], hit['year']], [stored.find(({ id }) => id === Number(hit.id))?.title, stored.find(({ id }) => id === Number(hit.id))?.year]);
  });
  await step('search', 'pages by offset; by L2 through an index; sparse ones', async () => {
    agree(await search({ data: [query], limit: 7, offset: 5 }), near.slice(5, 12));
    const small = vectorOf(SMALL_DIM);
    const hits = await search({ annsField: 'small', data: [small], limit: 10, searchParams: { params: { ef: 200 } } });
    const exact = new Map(byL2(stored, small));
    close(hits.map(({ distance }) => distance), hits.map(({ id }) => exact.get(Number(id)) ?? NaN));
    agree(await search({ annsField: 'sparse', data: [SPARSE_QUERY], limit: 10 }), bySparse(stored, SPARSE_QUERY).slice(0, 10));
  });
  await step('filter', 'each filter gives exactly the rows that it means', async () => {
    for (const [filter, keep] of FILTERS) {
      const { data } = good(await client.query({ collectionName, filter, outputFields: ['id'], limit: 1000 }));
      same(data.map(({ id }) => Number(id)), stored.filter(keep).map(({ id }) => id), filter);
      agree(await search({ data: [query], limit: 10, filter }), byCosine(stored.filter(keep), query).slice(0, 10), filter);
    }
  });
  await step('hybrid', 'two searches fused by ranks, and by weights', async () => {
    const asked = [{ data: [query], annsField: 'dense', limit: 20 }, { data: [SPARSE_QUERY], annsField: 'sparse', limit: 20 }];
    const rankings = [near.slice(0, 20), bySparse(stored, SPARSE_QUERY).slice(0, 20)];
    const hybrid = async (rerank: object): Promise<readonly Hit[]> => good(await client.hybridSearch(loose({ collectionName, search: asked, rerank, limit: 10, outputFields: ['year'] }))).data as unknown as Hit[];
    const fused = (hits: readonly Hit[], expected: readonly Pair[]): void => {
      const kept = new Map(expected);
      same(hits.length, 10);
      close(hits.map(({ distance }) => distance), expected.slice(0, 10).map(([, score]) => score));
      close(hits.map(({ distance }) => distance), hits.map(({ id }) => kept.get(Number(id)) ?? NaN));
    };
    fused(await hybrid({ strategy: 'rrf', params: { k: 60 } }), byRanks(rankings));
    fused(await hybrid({ strategy: 'weighted', params: { weights: [0.7, 0.3] } }), byWeights(rankings, [0.7, 0.3], [ofCosine, ofProduct]));
  });
  await step('range', 'only scores within the range come back', async () => {
    agree(await search({ data: [query], limit: 50, searchParams: { params: { radius: 0.2, range_filter: 0.5 } } }), near.filter(([, score]) => score > 0.2 && score <= 0.5).slice(0, 50));
  });
  await step('group', 'the best of each group', async () => {
    const yearOf = new Map(stored.map(({ id, year }) => [id, year]));
    agree(await search({ data: [query], limit: 8, groupingField: 'year', outputFields: ['year'] }), bestOf(near, (id) => yearOf.get(id)).slice(0, 8));
  });
  await step('iterate', 'pages of a query give every row once', async () => {
    const seen: unknown[] = [];
    for (let offset = 0; ; offset += 64) {
      const { data } = good(await client.query({ collectionName, filter: 'year < 2010', outputFields: ['title'], limit: 64, offset }));
      if (data.length === 0) break;
      seen.push(...data.map(({ title }) => title as unknown));
    }
    same(seen, stored.filter(({ year }) => year < 2010).map(({ title }) => title));
  });
  await step('full text', 'texts are found by BM25', async () => {
    const hits = await search({ annsField: 'words', data: ['kite talon ridge'], limit: 10 });
    const scores = new Map(byWords(stored, 'kite talon ridge'));
    close(hits.map(({ distance }) => distance), [...scores.values()].slice(0, 10), '', 1e-3);
    close(hits.map(({ distance }) => distance), hits.map(({ id }) => scores.get(Number(id)) ?? NaN), '', 1e-3);
  });
  await step('errors', "what users get wrong is told by Milvus' codes", async () => {
    bad(await client.describeCollection({ collectionName: 'http_nests' }), 100);
    bad(await client.query({ collectionName, filter: 'year >>> (', outputFields: ['id'] }), 1100);
    bad(await client.search({ collectionName, data: [[1, 2]], annsField: 'dense', limit: 3, outputFields: [] }));
    bad(await client.insert({ collectionName, data: [{ id: 7000 }] }), 1804);
    bad(await client.createCollection(loose({ collectionName: 'no good', dimension: 4 })));
    bad(await client.search(loose({ data: [query], limit: 3 })), 1802);
  });
}
