// Writes conformance.json: rows, changes and searches, with the answers by brute force in double precision over the
// components as f32. Run by hand: npx tsx test/conformance/make.ts

import { writeFileSync } from 'node:fs';
import type { Metric } from '../../src/model/metric.js';
import { random, randomInteger } from '../support/random.js';
import type { Case, ConformanceFile, Expected, SearchStep, StoredRow } from './conformance.js';

const ROWS = 120;
const DIM = 19;
const QUERIES = 20;
const KINDS = ['kite', 'hawk', 'owl'];

const next = random(2026);

function vector(): readonly number[] {
  return Array.from({ length: DIM }, () => (randomInteger(next, 20_001) - 10_000) / 10_000);
}

function score(metric: Metric, givenQuery: readonly number[], givenRow: readonly number[]): number {
  const [query, row] = [givenQuery.map(Math.fround), givenRow.map(Math.fround)];
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
  if (metric === 'L2') return query.reduce((sum, x, i) => sum + (x - (row[i] as number)) ** 2, 0);
  return metric === 'IP' ? dot(query, row) : dot(query, row) / Math.sqrt(dot(query, query) * dot(row, row));
}

const FILTERS: readonly { readonly text: string; readonly holds: (row: StoredRow) => boolean }[] = [
  { text: '', holds: () => true },
  { text: 'kind == "owl"', holds: (row) => row.kind === 'owl' },
  { text: 'year >= 1990 and not (kind in ["kite", "hawk"])', holds: (row) => row.year >= 1990 && row.kind === 'owl' },
  { text: 'year < 1990 or year == 2001', holds: (row) => row.year < 1990 || row.year === 2001 },
];

function answer(metric: Metric, live: readonly StoredRow[], query: readonly number[], filter: string, limit: number, offset: number): readonly Expected[] {
  const holds = FILTERS.find(({ text }) => text === filter)?.holds ?? (() => false);
  const scored = live.filter(holds).map((row) => ({ id: row.id, score: score(metric, query, row.v) }));
  return scored.sort((a, b) => (metric === 'L2' ? a.score - b.score : b.score - a.score)).slice(offset, offset + limit);
}

function makeCase(metric: Metric): Case {
  const rows: StoredRow[] = Array.from({ length: ROWS }, (_, at) => ({ id: String(2n ** 60n + BigInt(at)), kind: KINDS[at % 3] as string, year: 1980 + randomInteger(next, 40), v: vector() }));
  // Duplicates, so that ties are judged too.
  rows[70] = { ...(rows[70] as StoredRow), v: (rows[10] as StoredRow).v };
  const deleted = rows.filter(() => next() < 0.1).map(({ id }) => id);
  const replaced = rows.slice(20, 25).map((row) => ({ ...row, kind: 'kite', v: vector() }));
  const untouched = rows.filter(({ id }) => !deleted.includes(id) && !replaced.some((row) => row.id === id));
  const live = [...untouched, ...replaced];
  const queries = Array.from({ length: QUERIES }, (_, at) => (at === 0 ? (rows[10] as StoredRow).v : vector()));
  const searches: SearchStep[] = FILTERS.map(({ text }, at) => {
    const [limit, offset] = [5 + at * 3, at];
    return { filter: text, limit, offset, queries, expected: queries.map((query) => answer(metric, live, query, text, limit, offset)) };
  });
  return { metric, dim: DIM, rows, deleted, replaced, searches };
}

const file: ConformanceFile = { cases: (['L2', 'IP', 'COSINE'] as const).map(makeCase) };
writeFileSync(new URL('conformance.json', import.meta.url), `${JSON.stringify(file)}\n`);
