// The benches of text and sparse search: what they read and refuse, how answers are judged, and the keys that they print.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { hybrid } from '../../bench/commands/hybrid.js';
import { sparse } from '../../bench/commands/sparse.js';
import { text } from '../../bench/commands/text.js';
import { exhaustiveScan, invertedLists } from '../../bench/sparse/baselines.js';
import { readSparse, rowOf } from '../../bench/sparse/rows.js';
import { readCollection } from '../../bench/text/collection.js';
import { judge } from '../../bench/text/judge.js';
import { languageOf } from '../../bench/text/language.js';

const folder = mkdtempSync(join(tmpdir(), 'elanus-bench-text-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(content) : content);
  return path;
}

const corpus = file('corpus.jsonl.gz', '{"_id":"d1","title":"Foxes","text":"run over the hill"}\n{"_id":"d2","text":"a lazy dog"}\n{"_id":"d3","title":"a dog","text":"a dog again"}\n');
const queries = file('queries.jsonl', '{"_id":"q1","text":"fox"}\n{"_id":"q2","text":"lazy"}\n{"_id":"q3","text":"not judged"}\n');
const qrels = file('qrels.tsv', 'query-id\tcorpus-id\tscore\nq1\td1\t2\nq2\td3\t1\nq2\td2\t0\n');

/** What a command prints. */
async function linesOf(run: () => Promise<void>): Promise<readonly Record<string, unknown>[]> {
  const written: string[] = [];
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => written.push(String(chunk)) > 0);
  await run().finally(() => spy.mockRestore());
  return written.join('').trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('text', () => {
  test('reads collections plain or gzipped, with the queries that are judged', () => {
    const { corpus: texts, queries: asked } = readCollection({ corpus, queries, qrels });
    expect(texts.map((one) => one.text)).toEqual(['Foxes run over the hill', 'a lazy dog', 'a dog again']);
    expect(asked.map(({ id }) => id)).toEqual(['q1', 'q2']);
  });

  test('judges by grade and rank', () => {
    const judgements = new Map([['a', new Map([['x', 3], ['y', 1]])], ['b', new Map([['z', 1]])]]);
    const { ndcg10, recall1 } = judge(new Map([['a', ['y', 'x']]]), judgements);
    expect(ndcg10).toBeCloseTo((1 + 3 / Math.log2(3)) / (3 + 1 / Math.log2(3)) / 2, 10);
    expect(recall1).toBe(0.5);
    expect(judge(new Map([['a', ['x', 'y']], ['b', ['z']]]), judgements)).toEqual({ ndcg10: 1, recall1: 1 });
  });

  test('prints its line', async () => {
    const [line, ...more] = await linesOf(() => text(['text', '--corpus', corpus, '--queries', queries, '--qrels', qrels, '--analyzer', 'english', '--json']));
    expect(Object.keys(line ?? {})).toEqual(['docs', 'ndcg10', 'recall1', 'p50Ms']);
    expect(line).toMatchObject({ docs: 3, ndcg10: 0.5, recall1: 0.5 });
    expect(more).toEqual([]);
  });

  test('refuses what it cannot read', async () => {
    const bad = file('bad.jsonl', '{"_id":1}\n');
    for (const args of [['--corpus', bad], ['--corpus', join(folder, 'none')], ['--queries', bad], ['--qrels', queries], ['--analyzer', 'klingon'], ['--reference', 'klingon']]) {
      const flags = new Map([['--corpus', corpus], ['--queries', queries], ['--qrels', qrels], [args[0] as string, args[1] as string]]);
      await expect(text(['text', ...[...flags].flat()])).rejects.toThrow(expect.objectContaining({ name: 'UsageError' }));
    }
  });

  test('tells languages by their stop words', async () => {
    expect(await languageOf(['the cat sat on the mat and it was not with the dog'])).toBe('english');
    expect(await languageOf(['der Hund und die Katze sind nicht in dem Haus mit einem Ball'])).toBe('german');
    expect(await languageOf(['เราไม่มีภาษา'])).toBeUndefined();
  });
});

describe('hybrid', () => {
  const vectors = (rows: readonly (readonly number[])[]): string => {
    const path = join(folder, `${rows.length}-${String(rows[0])}.fvecs`);
    writeFileSync(path, Buffer.concat(rows.map((row) => Buffer.concat([Buffer.from(Uint32Array.of(row.length).buffer), Buffer.from(Float32Array.from(row).buffer)]))));
    return path;
  };
  const base = vectors([[1, 0], [0, 1], [1, 1]]);
  const asked = vectors([[1, 0.1], [1, 0.9], [0, 1]]);
  const run = (query: string): Promise<void> => hybrid(['hybrid', '--corpus', corpus, '--queries', queries, '--qrels', qrels, '--base', base, '--query', query, '--json']);

  test('judges full text, dense and fused searches of one collection', async () => {
    const [line] = await linesOf(() => run(asked));
    expect(line).toMatchObject({ docs: 3, queries: 2, dense: 1, rrf: expect.any(Number) as unknown, weighted: expect.any(Number) as unknown, minmax: expect.any(Number) as unknown });
    // "lazy" is only in a document that was judged of no use.
    expect(line?.['bm25']).toBe(0.5);
  });

  test('refuses vectors that are not of the texts', async () => {
    await expect(run(vectors([[1, 0]]))).rejects.toThrow(/expected a vector for each of 3 documents and 3 queries, found 3 and 1/);
  });
});

describe('sparse', () => {
  const base = file('base.jsonl.gz', '{"indices":[5,1],"values":[2,1]}\n{"indices":[],"values":[]}\n{"indices":[1],"values":[3]}\n');
  const query = file('query.jsonl', '{"indices":[1,9],"values":[1,1]}\n');

  test('reads rows, and both baselines find the best', () => {
    const rows = readSparse(base);
    expect([...rows.indices]).toEqual([1, 5, 1]);
    for (const search of [exhaustiveScan(rows), invertedLists(rows)]) for (let twice = 0; twice < 2; twice++) expect([...search(rowOf(readSparse(query), 0), 10)]).toEqual([2, 0]);
  });

  test('prints a line for ours and each peer', async () => {
    const many = file('many.jsonl', Array.from({ length: 30 }, (_, i) => `{"indices":[1],"values":[${i + 1}]}`).join('\n'));
    const gt = join(folder, 'gt.ivecs');
    writeFileSync(gt, Buffer.from(Int32Array.of(10, ...Array.from({ length: 10 }, (_, i) => 29 - i)).buffer));
    const lines = await linesOf(() => sparse(['sparse', '--base', many, '--query', query, '--gt', gt, '--seconds', '0.01', '--json']));
    expect(lines.map(({ target, recall }) => [target, recall])).toEqual([['exhaustive', 1], ['inverted lists', 1], ['wasm', 1], ['native', 1]]);
    await expect(sparse(['sparse', '--base', file('odd.jsonl', '{"indices":[1],"values":[-1]}'), '--query', query, '--gt', gt])).rejects.toThrow(expect.objectContaining({ name: 'UsageError' }));
  });
});
