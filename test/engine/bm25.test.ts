// BM25 functions: texts are searched by texts, with statistics of all live rows wherever they are, and the vectors that
// the function makes are nobody's to give or to have.

import { describe, expect, test } from 'vitest';
import type { Collection, CollectionDefinition, Database } from '../../src/engine/api.js';
import type { Hit } from '../../src/model/hit.js';
import { loadAnalyzer } from '../../src/text/analyzer.js';
import { checkAnalyzerParams } from '../../src/text/analyzer-params.js';
import type { MemoryFiles } from '../../src/storage/memory.js';
import { testDatabase } from '../support/database.js';
import { random } from '../support/random.js';

const invalid = (message: string): unknown => expect.objectContaining({ code: 'InvalidArgument', message: expect.stringContaining(message) });
const analyzer = await loadAnalyzer(checkAnalyzerParams({ type: 'english' }));
const termsOf = (text: string): readonly string[] => analyzer.analyze(text).map(({ term }) => term);

const definition: CollectionDefinition & { readonly name: string; readonly fields: readonly object[] } = {
  name: 'docs',
  fields: [
    { name: 'id', type: 'Int64', primaryKey: true },
    { name: 'body', type: 'VarChar', nullable: true, enableAnalyzer: true, analyzerParams: { type: 'english' } },
    { name: 'year', type: 'Int32' },
    { name: 'sparse', type: 'SparseFloatVector' },
    { name: 'dense', type: 'FloatVector', dim: 2, metric: 'L2' },
  ],
  functions: [{ name: 'bm25', type: 'BM25', inputFieldNames: ['body'], outputFieldNames: ['sparse'] }],
};

type Doc = {
  readonly id: number;
  readonly body: string | null;
  readonly year: number;
  readonly dense: readonly [number, number];
};

function someDocs(count: number, from: number, seed: number): readonly Doc[] {
  const next = random(seed);
  return Array.from({ length: count }, (_, i) => ({
    id: from + i,
    body: next() < 0.05 ? null : Array.from({ length: Math.floor(next() * 20) }, () => `word${Math.floor(60 ** next())}`).join(' '),
    year: Math.floor(next() * 5),
    dense: [next(), next()] as const,
  }));
}

/** BM25 of all docs for a query, best first, equal ones by place. */
function truth(docs: readonly Doc[], query: string, k1 = 1.2, b = 0.75): readonly { readonly id: number; readonly score: number }[] {
  const texts = docs.map(({ body }) => (body === null ? [] : termsOf(body)));
  const lengths = texts.map((terms) => terms.length);
  const rows = lengths.filter((length) => length > 0).length;
  const average = lengths.reduce((sum, length) => sum + length, 0) / rows;
  return docs
    .map(({ id }, row) => {
      let score = 0;
      for (const term of termsOf(query)) {
        const having = texts.filter((terms) => terms.includes(term)).length;
        const frequency = (texts[row] as readonly string[]).filter((other) => other === term).length;
        score += (Math.log1p((rows - having + 0.5) / (having + 0.5)) * (k1 + 1) * frequency) / (frequency + k1 * (1 - b + (b * (lengths[row] as number)) / average));
      }
      return { id, score };
    })
    .filter(({ score }) => score > 0)
    .sort((a, z) => z.score - a.score);
}

function expectScores(hits: readonly Hit[], expected: readonly { readonly id: number; readonly score: number }[]): void {
  expect(hits).toHaveLength(Math.min(expected.length, 10));
  const scores = new Map(expected.map(({ id, score }) => [id, score]));
  hits.forEach(({ id, score }, rank) => {
    expect(score).toBeCloseTo(expected[rank]?.score as number, 4);
    expect(score).toBeCloseTo(scores.get(Number(id)) as number, 4);
  });
}

const QUERIES = ['word1 word7', 'word3', 'word2 word2 word40 nothing', 'word59 word1', 'absent'];

async function check(collection: Collection, docs: readonly Doc[]): Promise<void> {
  const { hits, recall } = await collection.search({ data: QUERIES, annsField: 'sparse', limit: 10 });
  expect(recall).toBe(1);
  QUERIES.forEach((query, q) => expectScores(hits[q] as readonly Hit[], truth(docs, query)));
  const one = await collection.search({ data: 'word1 word7', annsField: 'sparse', limit: 10, filter: 'year >= 3', outputFields: ['*'] });
  const passing = new Set(docs.filter(({ year }) => year >= 3).map(({ id }) => id));
  expectScores(one.hits, truth(docs, 'word1 word7').filter(({ id }) => passing.has(id)));
  expect(Object.keys(one.hits[0]?.fields ?? {}).sort()).toEqual(['body', 'dense', 'id', 'year']);
}

test('scores are those of all live rows: growing, sealed, deleted, replaced, merged, opened anew, read from files', async () => {
  const files: MemoryFiles = new Map();
  const database: Database = await testDatabase({ files });
  const collection = await database.createCollection(definition);
  const [first, second, third] = [someDocs(120, 0, 1), someDocs(80, 200, 2), someDocs(50, 400, 3)];
  await collection.insert(first);
  await check(collection, first);
  await collection.flush();
  await collection.insert(second);
  await check(collection, [...first, ...second]);
  await collection.flush();
  await collection.insert(third);
  const dead = new Set([3, 5, 8, 201, 202, 401, 449]);
  await collection.delete({ ids: [...dead] });
  const replaced: Doc = { id: 10, body: 'word1 word7 word7', year: 4, dense: [0, 0] };
  await collection.upsert([replaced]);
  const docs = [...[...first, ...second, ...third].filter(({ id }) => !dead.has(id) && id !== 10), replaced];
  await check(collection, docs);
  await database.close();
  for (const eagerBytes of [undefined, 0]) {
    const again = await testDatabase({ files, ...(eagerBytes === undefined ? {} : { eagerBytes }) });
    expect((await again.describeCollection('docs')).schema.functions).toEqual([{ name: 'bm25', type: 'BM25', inputFieldNames: ['body'], outputFieldNames: ['sparse'] }]);
    await check(await again.collection('docs'), docs);
    await again.close();
  }
  const merged = await testDatabase({ files });
  const last = await merged.collection('docs');
  await last.flush();
  await last.compact();
  await check(last, docs);
  await merged.close();
});

test('ranges, parameters of the index, and several fields at once', async () => {
  const database = await testDatabase();
  const collection = await database.createCollection({ ...definition, indexParams: [{ fieldName: 'sparse', indexType: 'SPARSE_INVERTED_INDEX', metricType: 'BM25', params: { bm25_k1: 0.5, bm25_b: 0.2 } }] } as CollectionDefinition);
  const docs = someDocs(150, 0, 9);
  await collection.insert(docs.slice(0, 100));
  await collection.flush();
  await collection.insert(docs.slice(100));
  const expected = truth(docs, 'word1 word7', 0.5, 0.2);
  expectScores((await collection.search({ data: 'word1 word7', annsField: 'sparse' })).hits, expected);
  const bar = expected[4]?.score as number;
  const ranged = await collection.search({ data: 'word1 word7', annsField: 'sparse', radius: bar - 1e-4, limit: 100 });
  expect(ranged.hits.every(({ score }) => score > bar - 1e-4)).toBe(true);
  expect(ranged.hits.length).toBeGreaterThanOrEqual(5);
  const { hits } = await collection.hybridSearch({ searches: [{ data: 'word1 word7', annsField: 'sparse', limit: 20 }, { data: [0, 0], annsField: 'dense', limit: 20 }], rerank: { kind: 'rrf' }, limit: 5 });
  expect(hits).toHaveLength(5);
  const grouped = await collection.search({ data: 'word1', annsField: 'sparse', groupByField: 'year', limit: 3 });
  expect(grouped.hits).toHaveLength(3);
  const walked: Hit[] = [];
  for await (const batch of await collection.searchIterator({ data: 'word3', annsField: 'sparse', batchSize: 3 })) walked.push(...batch);
  expect(walked.map(({ score }) => score)).toEqual((await collection.search({ data: 'word3', annsField: 'sparse', limit: 150 })).hits.map(({ score }) => score));
  await database.close();
});

describe('refused', () => {
  test('vectors that are given or asked for, and queries that are no text', async () => {
    const database = await testDatabase();
    const collection = await database.createCollection(definition);
    const row = { id: 1, body: 'a fox', year: 1, dense: [0, 1] };
    await expect(collection.insert([{ ...row, sparse: { 1: 1 } }])).rejects.toEqual(invalid('row 0: "sparse" is made by a function and must not be given'));
    await collection.insert([row]);
    for (const data of [{ 1: 1 }, [{ 1: 1 }], [1, 2], [[1, 2]], 5, ['a', 5]]) await expect(collection.search({ data: data as never, annsField: 'sparse' })).rejects.toEqual(expect.objectContaining({ code: 'InvalidArgument' }));
    await expect(collection.search({ data: 'fox', annsField: 'dense' })).rejects.toEqual(expect.objectContaining({ code: 'InvalidArgument' }));
    await expect(collection.search({ data: 'x'.repeat(65_536), annsField: 'sparse' })).rejects.toEqual(invalid('at most 65535 characters'));
    await expect(collection.query({ filter: 'id >= 0', outputFields: ['sparse'] })).rejects.toEqual(invalid('not allowed to retrieve raw data of field sparse'));
    expect((await collection.search({ data: '', annsField: 'sparse' })).hits).toEqual([]);
    expect((await collection.search({ data: 'foxes', annsField: 'sparse' })).hits.map(({ id }) => id)).toEqual([1n]);
    await database.close();
  });

  const text = { name: 'body', type: 'VarChar', enableAnalyzer: true };
  const made = { name: 'f', type: 'BM25', inputFieldNames: ['body'], outputFieldNames: ['sparse'] };
  const cases: readonly (readonly [string, readonly object[], unknown])[] = [
    ['expected an array', [text], {}],
    ['expected the type BM25', [text], [{ ...made, type: 'TextEmbedding' }]],
    ['input field must set enableAnalyzer', [{ ...text, enableAnalyzer: false }], [made]],
    ['input field must be a VarChar', [text], [{ ...made, inputFieldNames: ['id'] }]],
    ['unknown field "nope"', [text], [{ ...made, inputFieldNames: ['nope'] }]],
    ['expected one field name', [text], [{ ...made, inputFieldNames: [] }]],
    ['output field must be a SparseFloatVector', [text], [{ ...made, outputFieldNames: ['body'] }]],
    ['duplicate function "f"', [text], [made, made]],
    ['duplicate output field "sparse"', [text], [made, { ...made, name: 'g' }]],
  ];
  test.each(cases)('a schema: %s', async (message, fields, functions) => {
    const database = await testDatabase();
    const create = database.createCollection({ name: 'x', fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'sparse', type: 'SparseFloatVector' }, ...fields], functions } as CollectionDefinition);
    await expect(create).rejects.toEqual(invalid(message));
    await database.close();
  });

  test('the metric BM25 without a function, and another metric for what a function makes', async () => {
    const database = await testDatabase();
    await expect(database.createCollection({ name: 'x', fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 's', type: 'SparseFloatVector', metric: 'BM25' }] })).rejects.toEqual(invalid('only a BM25 function'));
    await database.createCollection(definition);
    await expect(database.createIndex('docs', { fieldName: 'sparse', indexType: 'SPARSE_INVERTED_INDEX', metricType: 'IP' })).rejects.toEqual(invalid('metric type not match'));
    await database.close();
  });
});
