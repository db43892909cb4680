// What the Node SDK reads over gRPC from the rows that grpc-changes.ts has stored: every answer is held against brute force.

import { WeightedRanker, RRFRanker } from '@zilliz/milvus2-sdk-node';
import { NAME, type World } from './grpc-changes.js';
import { bestOf, byCosine, byL2, byRanks, bySparse, byWeights, byWords, DIM, FILTERS, ofCosine, ofProduct, SMALL_DIM, vectorOf, type Pair, type Row } from './rows.js';
import { close, fine, refused, same } from './steps.js';

const collection_name = NAME;
const SPARSE_QUERY = { 1: 0.5, 17: 1, 60: 0.75, 100: 0.25, 140: 1.5, 199: 0.25 };
type Hits = readonly { readonly id: string; readonly score: number }[];

function agree(hits: Hits, expected: readonly Pair[], what = ''): void {
  same(hits.map(({ id }) => Number(id)), expected.map(([id]) => id), what);
  close(hits.map(({ score }) => score), expected.map(([, score]) => score), what);
}

export async function readRows(world: World): Promise<void> {
  const { client, step, stored } = world;
  const rowBy = (id: string): Row => stored.find((row) => String(row.id) === id) as Row;

  await step('search', 'the nearest of several queries, with the fields that were asked for', async () => {
    const data = [vectorOf(DIM), vectorOf(DIM), vectorOf(DIM)];
    const { status, results } = await client.search({ collection_name, data, anns_field: 'dense', limit: 10, output_fields: ['id', 'title', 'info', 'price'] });
    fine(status);
    (results as unknown as (Hits[number] & Record<string, unknown>)[][]).forEach((hits, at) => {
      agree(hits, byCosine(stored, data[at] as number[]).slice(0, 10));
      for (const hit of hits) same([hit['title'], hit['info'], hit['price']], [rowBy(hit.id).title, rowBy(hit.id).info, rowBy(hit.id).price]);
    });
  });
  await step('search', 'pages by offset; the nearest by L2 through an index, and sparse ones', async () => {
    const query = vectorOf(DIM);
    agree((await client.search({ collection_name, data: query, anns_field: 'dense', limit: 7, offset: 5 })).results, byCosine(stored, query).slice(5, 12));
    const small = vectorOf(SMALL_DIM);
    const { results } = await client.search({ collection_name, data: small, anns_field: 'small', limit: 10, params: { ef: 200 } });
    const near = byL2(stored, small);
    const exact = new Map(near);
    same(near.slice(0, 10).filter(([id]) => results.some((hit) => Number(hit.id) === id)).length >= 9, true, 'recall@10 >= 0.9');
    close(results.map(({ score }) => score), results.map(({ id }) => exact.get(Number(id)) ?? NaN));
    agree((await client.search({ collection_name, data: SPARSE_QUERY, anns_field: 'sparse', limit: 10 })).results, bySparse(stored, SPARSE_QUERY).slice(0, 10));
  });
  await step('filter', 'each filter gives exactly the rows that it means, in queries and in searches', async () => {
    for (const [filter, keep] of FILTERS) {
      const { status, data } = await client.query({ collection_name, filter, output_fields: ['id'] });
      fine(status);
      same(data.map(({ id }) => Number(id)), stored.filter(keep).map(({ id }) => id), filter);
      const query = vectorOf(DIM);
      agree((await client.search({ collection_name, data: query, anns_field: 'dense', limit: 10, filter })).results, byCosine(stored.filter(keep), query).slice(0, 10), filter);
    }
    const { data } = await client.query({ collection_name, filter: 'year in {years}', exprValues: { years: [1985, 1986] }, output_fields: ['id'], limit: 5 });
    same(data.map(({ id }) => Number(id)), stored.filter(({ year }) => year === 1985 || year === 1986).slice(0, 5).map(({ id }) => id));
  });
  await hybridAndGroups(world);
  await step('iterate', 'a search iterator gives every row once, nearest first', async () => {
    const query = vectorOf(DIM);
    const hits: Hits[number][] = [];
    for await (const batch of await client.searchIterator({ collection_name, data: query, anns_field: 'dense', batchSize: 64, limit: 300, output_fields: ['id'] })) hits.push(...(batch as unknown as Hits));
    agree(hits, byCosine(stored, query).slice(0, 300));
  });
  await step('iterate', 'a query iterator gives every row once, in order of its key', async () => {
    const seen: unknown[] = [];
    for await (const batch of await client.queryIterator({ collection_name, filter: 'year < 2010', output_fields: ['title'], batchSize: 50 })) seen.push(...(batch as unknown as { title: string }[]).map(({ title }) => title));
    same(seen, stored.filter(({ year }) => year < 2010).map(({ title }) => title));
  });
  await step('full text', 'texts are found by BM25', async () => {
    const { status, results } = await client.search({ collection_name, data: 'kite talon ridge', anns_field: 'words', limit: 10 });
    fine(status);
    const expected = byWords(stored, 'kite talon ridge');
    const scores = new Map(expected);
    close(results.map(({ score }) => score), expected.slice(0, 10).map(([, score]) => score), '', 1e-3);
    close(results.map(({ score }) => score), results.map(({ id }) => scores.get(Number(id)) ?? NaN), '', 1e-3);
    const analyzed = await client.runAnalyzer({ text: ['Kites hovering'], analyzer_params: { type: 'english' } });
    same(analyzed.results.map(({ tokens }) => tokens.map(({ token }) => token)), [['kite', 'hover']]);
  });
}

async function hybridAndGroups({ client, step, stored }: World): Promise<void> {
  const query = vectorOf(DIM);
  const near = byCosine(stored, query);
  const data = [{ anns_field: 'dense', data: query }, { anns_field: 'sparse', data: SPARSE_QUERY }];
  const rankings = [near.slice(0, 20), bySparse(stored, SPARSE_QUERY).slice(0, 20)];
  const fused = (hits: Hits, expected: readonly Pair[]): void => {
    const kept = new Map(expected);
    close(hits.map(({ score }) => score), expected.slice(0, hits.length).map(([, score]) => score));
    close(hits.map(({ score }) => score), hits.map(({ id }) => kept.get(Number(id)) ?? NaN));
  };
  await step('hybrid', 'two searches fused by ranks, and by weights', async () => {
    const byRank = await client.hybridSearch({ collection_name, data, rerank: RRFRanker(60), limit: 20, output_fields: ['id', 'year'] });
    fine(byRank.status);
    fused(byRank.results as unknown as Hits, byRanks(rankings));
    const byWeight = await client.hybridSearch({ collection_name, data, rerank: WeightedRanker([0.7, 0.3]), limit: 20 });
    fused(byWeight.results as unknown as Hits, byWeights(rankings, [0.7, 0.3], [ofCosine, ofProduct]));
  });
  await step('range', 'only scores within the range come back', async () => {
    const { results } = await client.search({ collection_name, data: query, anns_field: 'dense', limit: 50, params: { radius: 0.2, range_filter: 0.5 } });
    agree(results, near.filter(([, score]) => score > 0.2 && score <= 0.5).slice(0, 50));
  });
  await step('group', 'the best of each group, then as many as asked for', async () => {
    const yearOf = new Map(stored.map(({ id, year }) => [id, year]));
    const { results } = await client.search({ collection_name, data: query, anns_field: 'dense', limit: 8, group_by_field: 'year', output_fields: ['id', 'year'] });
    const best = bestOf(near, (id) => yearOf.get(id)).slice(0, 8);
    agree(results, best);
    same(results.map(({ year }) => year as unknown), best.map(([id]) => yearOf.get(id)));
    const three = await client.search({ collection_name, data: query, anns_field: 'dense', limit: 4, group_by_field: 'year', group_size: 3, strict_group_size: true });
    const expected = best.slice(0, 4).flatMap(([first]) => near.filter(([id]) => yearOf.get(id) === yearOf.get(first)).slice(0, 3));
    same(three.results.map(({ id }) => Number(id)).sort((a, b) => a - b), expected.map(([id]) => id).sort((a, b) => a - b));
  });
  await step('search', 'a metric other than that of the index is refused', async () => {
    refused((await client.search({ collection_name, data: query, anns_field: 'dense', limit: 3, metric_type: 'L2' })).status, 1100);
  });
}
