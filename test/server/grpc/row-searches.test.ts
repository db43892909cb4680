// Searches and queries through the unmodified client of Milvus, each held against brute force over the same rows.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataType, FunctionType, type MilvusClient } from '@zilliz/milvus2-sdk-node';
import { open } from '../../../src/presets/node.js';
import { random, randomInteger, randomVector } from '../../support/random.js';
import { startGrpcServer, type GrpcTestServer } from './support.js';

const SEED = 11;
const ROWS = 400;
const DIM = 8;
const NAME = 'books';

interface Book {
  readonly id: number;
  readonly year: number;
  readonly author: string;
  readonly price: number;
  readonly text: string;
  readonly v: readonly number[];
  readonly w: readonly number[];
}

type Hit = { readonly id: string; readonly score: number } & Readonly<Record<string, unknown>>;

const next = random(SEED);
const WORDS = ['kite', 'raptor', 'hover', 'field', 'mouse', 'wing', 'sky', 'tree'];
const BOOKS: readonly Book[] = Array.from({ length: ROWS }, (_, id) => ({
  id,
  year: 1990 + randomInteger(next, 20),
  author: `author ${randomInteger(next, 12)}`,
  price: Math.round(next() * 1000) / 10,
  text: Array.from({ length: 3 + randomInteger(next, 5) }, () => WORDS[randomInteger(next, WORDS.length)]).join(' '),
  v: Array.from(randomVector(next, DIM)),
  w: Array.from(randomVector(next, DIM)),
}));

let server: GrpcTestServer;
let client: MilvusClient;
let database: Awaited<ReturnType<typeof open>>;

beforeAll(async () => {
  database = await open('test', { storage: 'memory', core: 'wasm' });
  await database.createCollection({
    name: NAME,
    fields: [
      { name: 'id', type: 'Int64', primaryKey: true },
      { name: 'year', type: 'Int16' },
      { name: 'author', type: 'VarChar', maxLength: 20 },
      { name: 'price', type: 'Double' },
      { name: 'text', type: 'VarChar', maxLength: 200, enableAnalyzer: true, analyzerParams: { type: 'standard' } },
      { name: 'v', type: 'FloatVector', dim: DIM, metric: 'L2' },
      { name: 'w', type: 'FloatVector', dim: DIM, metric: 'IP' },
      { name: 'words', type: 'SparseFloatVector' },
    ],
    functions: [{ name: 'bm25', type: 'BM25', inputFieldNames: ['text'], outputFieldNames: ['words'] }],
  });
  server = await startGrpcServer({ database });
  client = await server.client();
  const { status } = await client.insert({ collection_name: NAME, data: BOOKS.map(({ v, w, ...rest }) => ({ ...rest, v: [...v], w: [...w] })) });
  expect(status.reason).toBe('');
});

afterAll(() => server.close());

const L2 = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, at) => sum + (x - (b[at] as number)) ** 2, 0);
const IP = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, at) => sum + x * (b[at] as number), 0);

const query = (): number[] => Array.from(randomVector(next, DIM));

/** Nearest first. */
function byL2(q: readonly number[], among: readonly Book[] = BOOKS): readonly (Book & { readonly score: number })[] {
  return among.map((book) => ({ ...book, score: L2(q, book.v) })).sort((a, b) => a.score - b.score);
}

function byIP(q: readonly number[], among: readonly Book[] = BOOKS): readonly (Book & { readonly score: number })[] {
  return among.map((book) => ({ ...book, score: IP(q, book.w) })).sort((a, b) => b.score - a.score);
}

/** With every row looked at. */
const EXACT = { params: { recall: 1 } } as const;

async function search(request: object): Promise<readonly Hit[]> {
  const { results, status } = await client.search({ collection_name: NAME, anns_field: 'v', output_fields: ['id'], limit: 10, ...EXACT, ...request } as never);
  expect(status.reason).toBe('');
  return results as unknown as readonly Hit[];
}

function expectHits(found: readonly Hit[], expected: readonly { readonly id: number; readonly score: number }[]): void {
  expect(found.map(({ id }) => Number(id))).toEqual(expected.map(({ id }) => id));
  found.forEach(({ score }, at) => expect(score).toBeCloseTo((expected[at] as { score: number }).score, 4));
}

describe('searches', () => {
  it('find the nearest rows, with offsets, filters, values beside filters, and several queries at once', async () => {
    const [q, r] = [query(), query()];
    expectHits(await search({ data: q }), byL2(q).slice(0, 10));
    expectHits(await search({ data: q, offset: 7, limit: 5 }), byL2(q).slice(7, 12));
    const late = BOOKS.filter(({ year, author }) => year > 2000 && author !== 'author 3');
    expectHits(await search({ data: q, filter: 'year > 2000 and author != "author 3"' }), byL2(q, late).slice(0, 10));
    expectHits(await search({ data: q, filter: 'year > {year} and author not in {authors}', exprValues: { year: 2000, authors: ['author 3'] } }), byL2(q, late).slice(0, 10));
    expect(await search({ data: q, filter: 'year > 3000' })).toEqual([]);
    const lists = (await search({ data: [q, r], nq: 2 })) as unknown as readonly (readonly Hit[])[];
    expectHits(lists[0] as readonly Hit[], byL2(q).slice(0, 10));
    expectHits(lists[1] as readonly Hit[], byL2(r).slice(0, 10));
    expectHits(await search({ anns_field: 'w', data: q, metric_type: 'IP' }), byIP(q).slice(0, 10));
  });

  it('give the fields that are asked for', async () => {
    const q = query();
    const [first] = await search({ data: q, output_fields: ['*'] });
    const { score: _, ...book } = byL2(q)[0] as Book & { score: number };
    expect(first).toMatchObject({ ...book, id: String(book.id), v: book.v, w: book.w, score: expect.any(Number) as number });
    expect(Object.keys(first as object).sort()).toEqual(['author', 'id', 'price', 'score', 'text', 'v', 'w', 'year']);
    expect(Object.keys((await search({ data: q, output_fields: ['price'] }))[0] as object).sort()).toEqual(['price', 'score']);
  });

  it('keep to a range of scores, and round them', async () => {
    const q = query();
    const ranked = byL2(q);
    const [low, high] = [(ranked[5] as { score: number }).score + 1e-6, (ranked[20] as { score: number }).score + 1e-6];
    expectHits(await search({ data: q, limit: 50, params: { recall: 1, radius: high, range_filter: low } }), ranked.slice(6, 21));
    const rounded = await search({ data: q, params: { recall: 1, round_decimal: 2 } });
    // The client cuts what the server has rounded.
    rounded.forEach(({ score }, at) => expect(Math.abs(score - (ranked[at] as { score: number }).score)).toBeLessThan(0.0151));
    expect(rounded.every(({ score }) => Number.isInteger(Math.round(score * 1e6) / 1e4))).toBe(true);
  });

  it('group hits by a field, strictly where asked to', async () => {
    const q = query();
    const groups = new Map<string, (Book & { score: number })[]>();
    for (const book of byL2(q)) groups.set(book.author, [...(groups.get(book.author) ?? []), book]);
    const expected = [...groups.values()].slice(1, 4).map((group) => group.slice(0, 2));
    const found = await search({ data: q, limit: 3, offset: 1, group_by_field: 'author', group_size: 2, strict_group_size: true, output_fields: ['id', 'author'] });
    expectHits(found, expected.flat());
    expect(found.map(({ author }) => author)).toEqual(expected.flat().map(({ author }) => author));
    expectHits(await search({ data: q, limit: 4, group_by_field: 'author' }), [...groups.values()].slice(0, 4).map((group) => group[0] as Book & { score: number }));
  });

  it('search by the vectors of rows that are there', async () => {
    const lists = (await search({ ids: [5, 9] })) as unknown as readonly (readonly Hit[])[];
    expectHits(lists[0] as readonly Hit[], byL2((BOOKS[5] as Book).v).slice(0, 10));
    expectHits(lists[1] as readonly Hit[], byL2((BOOKS[9] as Book).v).slice(0, 10));
  });

  it('are fused by ranks and by weights', async () => {
    const [q, r] = [query(), query()];
    const hybrid = (rerank: object, rest: object = {}): Promise<readonly Hit[]> => search({ anns_field: undefined, data: [{ anns_field: 'v', data: q, params: { recall: 1 } }, { anns_field: 'w', data: r, params: { recall: 1 } }], rerank, ...rest });
    const [first, second] = [byL2(q).slice(0, 10), byIP(r).slice(0, 10)];
    const rrf = new Map<number, number>();
    for (const ranking of [first, second]) ranking.forEach(({ id }, at) => rrf.set(id, (rrf.get(id) ?? 0) + 1 / (7 + at + 1)));
    const byScore = (scores: ReadonlyMap<number, number>): readonly { id: number; score: number }[] => Array.from(scores, ([id, score]) => ({ id, score })).sort((a, b) => b.score - a.score || a.id - b.id);
    expectHits(await hybrid({ strategy: 'rrf', params: { k: 7 } }), byScore(rrf).slice(0, 10));
    const function_ = { name: 'rrf', description: '', type: FunctionType.RERANK, input_field_names: [], params: { reranker: 'rrf', k: 7 } };
    expectHits(await hybrid(function_, { limit: 6 }), byScore(rrfOf([byL2(q).slice(0, 6), byIP(r).slice(0, 6)])).slice(0, 6));
    const weighted = new Map<number, number>();
    for (const { id, score } of first) weighted.set(id, 0.7 * (1 - (2 * Math.atan(score)) / Math.PI));
    for (const { id, score } of second) weighted.set(id, (weighted.get(id) ?? 0) + 0.3 * (0.5 + Math.atan(score) / Math.PI));
    expectHits(await hybrid({ strategy: 'weighted', params: { weights: [0.7, 0.3] } }), byScore(weighted).slice(0, 10));
    expectHits(await hybrid({ strategy: 'weighted', params: { weights: [0.7, 0.3] } }, { limit: 3, offset: 2 }), byScore(weighedOf(first.slice(0, 5), second.slice(0, 5))).slice(2, 5));
  });

  it('are reranked by a decay and by a boost', async () => {
    const q = query();
    const decay = { name: 'recent', description: '', type: FunctionType.RERANK, input_field_names: ['year'], params: { reranker: 'decay', function: 'linear', origin: 2009, scale: 10, offset: 1, decay: 0.5 } };
    const decayed = byIP(q).slice(0, 100).map((book) => ({ ...book, score: book.score * Math.max(0.5, 1 - (0.5 * Math.max(0, Math.abs(book.year - 2009) - 1)) / 10) })).sort((a, b) => b.score - a.score);
    expectHits(await search({ anns_field: 'w', data: q, limit: 5, rerank: decay }), decayed.slice(0, 5));
    const boost = { functions: [{ name: 'dear', description: '', type: FunctionType.RERANK, input_field_names: [], params: { reranker: 'boost', filter: 'price > 50', weight: 3 } }], params: { boost_mode: 'multiply' } };
    const boosted = byIP(q).slice(0, 100).map((book) => ({ ...book, score: book.price > 50 ? book.score * 3 : book.score })).sort((a, b) => b.score - a.score);
    expectHits(await search({ anns_field: 'w', data: q, limit: 5, rerank: boost }), boosted.slice(0, 5));
  });

  it('find texts by words, show these, and mix with vectors', async () => {
    const found = await search({ anns_field: 'words', data: 'kite hovers mouse', params: {}, limit: 400, output_fields: ['id', 'text'] });
    const having = BOOKS.filter(({ text }) => /\b(?:kite|mouse)\b/.test(text));
    expect(found.map(({ id }) => Number(id)).sort((a, b) => a - b)).toEqual(having.map(({ id }) => id));
    found.forEach(({ score }, at) => expect(score).toBeLessThanOrEqual(found[at - 1]?.score ?? Infinity));
    const [first] = await search({ anns_field: 'words', data: 'kite', params: {}, limit: 1, output_fields: ['text'], highlighter: { type: 0, pre_tags: ['<b>'], post_tags: ['</b>'] } });
    const { text, highlight } = first as unknown as { text: string; highlight: { text: { fragments: string[] } } };
    expect(highlight.text.fragments).toEqual([text.replace(/\bkite\b/g, '<b>kite</b>')]);
    const matched = await search({ data: query(), filter: 'TEXT_MATCH(text, "kite")', limit: 400 });
    expect(matched).toHaveLength(BOOKS.filter((book) => /\bkite\b/.test(book.text)).length);
  });
});

function rrfOf(rankings: readonly (readonly { readonly id: number }[])[]): ReadonlyMap<number, number> {
  const scores = new Map<number, number>();
  for (const ranking of rankings) ranking.forEach(({ id }, at) => scores.set(id, (scores.get(id) ?? 0) + 1 / (7 + at + 1)));
  return scores;
}

function weighedOf(first: readonly { id: number; score: number }[], second: readonly { id: number; score: number }[]): ReadonlyMap<number, number> {
  const scores = new Map<number, number>();
  for (const { id, score } of first) scores.set(id, 0.7 * (1 - (2 * Math.atan(score)) / Math.PI));
  for (const { id, score } of second) scores.set(id, (scores.get(id) ?? 0) + 0.3 * (0.5 + Math.atan(score) / Math.PI));
  return scores;
}

describe('queries', () => {
  async function rows(request: object): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const { data, status } = await client.query({ collection_name: NAME, output_fields: ['id'], ...request } as never);
    expect(status.reason).toBe('');
    return data;
  }

  it('give rows in order of their keys, from an offset, or ordered by fields', async () => {
    const late = BOOKS.filter(({ year }) => year >= 2005);
    expect((await rows({ filter: 'year >= 2005' })).map(({ id }) => Number(id))).toEqual(late.map(({ id }) => id));
    expect((await rows({ filter: 'year >= 2005', limit: 7, offset: 5 })).map(({ id }) => Number(id))).toEqual(late.slice(5, 12).map(({ id }) => id));
    const ordered = [...late].sort((a, b) => b.year - a.year || a.price - b.price || a.id - b.id);
    expect((await rows({ filter: 'year >= 2005', limit: 30, order_by_fields: [{ field: 'year', order: 'desc' }, { field: 'price', order: 'asc' }] })).map(({ id }) => Number(id))).toEqual(ordered.slice(0, 30).map(({ id }) => id));
  });

  it('give every row that matches where there is no limit, also more than a query may ask for', async () => {
    const count = 17_000;
    await database.createCollection({ name: 'many', fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'v', type: 'FloatVector', dim: 2 }] });
    await (await database.collection('many')).insert({ columns: { id: BigInt64Array.from({ length: count }, (_, id) => BigInt(id)), v: new Float32Array(count * 2).fill(1) } });
    const { data } = await client.query({ collection_name: 'many', filter: 'id >= 100', output_fields: ['id'] });
    expect(data.map(({ id }) => Number(id))).toEqual(Array.from({ length: count - 100 }, (_, at) => at + 100));
    const refused = await client.query({ collection_name: 'many', filter: 'id >= 100', output_fields: ['id'], limit: 16_385 });
    expect(refused.status).toMatchObject({ code: 1100, error_code: 'IllegalArgument' });
  });

  it('count rows and add them up, whole and in groups', async () => {
    expect(await rows({ output_fields: ['count(*)'] })).toEqual([{ 'count(*)': String(ROWS) }]);
    expect(await rows({ filter: 'year < 1990', output_fields: ['count(*)'] })).toEqual([{ 'count(*)': '0' }]);
    const years = BOOKS.reduce((sum, { year }) => sum + year, 0);
    const [totals] = await rows({ output_fields: ['sum(year)', 'max(price)', 'avg(year)', 'min(author)'] });
    expect(totals).toEqual({ 'sum(year)': String(years), 'max(price)': Math.max(...BOOKS.map(({ price }) => price)), 'avg(year)': years / ROWS, 'min(author)': BOOKS.map(({ author }) => author).sort()[0] });
    const groups = new Map<string, number>();
    for (const { author } of BOOKS) groups.set(author, (groups.get(author) ?? 0) + 1);
    const expected = Array.from(groups, ([author, count]) => ({ author, 'count(*)': String(count) })).sort((a, b) => (a.author < b.author ? -1 : 1));
    expect(await rows({ group_by_fields: ['author'], output_fields: ['author', 'count(*)'], limit: 100 })).toEqual(expected);
  });
});

describe('iterators', () => {
  it('walk through all hits, none twice, while rows are written', async () => {
    const q = query();
    const iterator = await client.searchIterator({ collection_name: NAME, anns_field: 'v', data: q, batchSize: 90, output_fields: ['id'], params: { recall: 1 } } as never);
    const found: Hit[] = [];
    let batches = 0;
    for await (const batch of iterator as unknown as AsyncIterable<readonly Hit[]>) {
      found.push(...batch);
      if (batches++ === 1) await client.upsert({ collection_name: NAME, data: [{ ...(BOOKS[0] as Book), v: q, w: q }] as never });
    }
    expect(found.map(({ id }) => Number(id))).toEqual(byL2(q).map(({ id }) => id));
    await client.upsert({ collection_name: NAME, data: [BOOKS[0] as Book] as never });
  });

  it('walk through all rows of a filter in order of their keys', async () => {
    const iterator = await client.queryIterator({ collection_name: NAME, expr: 'year > 2000', batchSize: 37, output_fields: ['id'] });
    const found: number[] = [];
    for await (const batch of iterator as unknown as AsyncIterable<readonly Hit[]>) found.push(...batch.map(({ id }) => Number(id)));
    expect(found).toEqual(BOOKS.filter(({ year }) => year > 2000).map(({ id }) => id));
    expect(DataType.Int64).toBe(5);
  });
});
