// Writes conformance.json: rows, changes and searches, with the answers by brute force in double precision over the
// components as f32. Run by hand: npx tsx test/conformance/make.ts

import { writeFileSync } from 'node:fs';
import type { VectorType } from '../../src/model/field.js';
import { isDistance, type Metric, type VectorMetric } from '../../src/model/metric.js';
import type { SparseVector } from '../../src/model/row.js';
import { random, randomInteger } from '../support/random.js';
import type { Case, ConformanceFile, Expected, SearchStep, StoredRow, StoredVector } from './conformance.js';

const ROWS = 120;
const DIM = 19;
const BITS = 64;
const QUERIES = 20;
const KINDS = ['kite', 'hawk', 'owl'];

const next = random(2026);

interface Kind {
  readonly type: VectorType;
  readonly metric: VectorMetric;
}

function vector(): readonly number[] {
  return Array.from({ length: DIM }, () => (randomInteger(next, 20_001) - 10_000) / 10_000);
}

/** Vectors of the other types hold numbers that their types have exactly. */
const VECTORS: { readonly [T in VectorType]: () => StoredVector } = {
  FloatVector: vector,
  Float16Vector: () => Array.from({ length: DIM }, () => (randomInteger(next, 512) - 256 || 1) / 64),
  BFloat16Vector: () => Array.from({ length: DIM }, () => (randomInteger(next, 128) - 64) / 16),
  Int8Vector: () => Array.from({ length: DIM }, () => randomInteger(next, 256) - 128),
  BinaryVector: () => Array.from({ length: BITS / 8 }, () => randomInteger(next, 256)),
  SparseFloatVector: () => Object.fromEntries(Array.from({ length: 1 + randomInteger(next, 8) }, () => [randomInteger(next, 30) * 1_000_003, (1 + randomInteger(next, 12)) / 4])),
};

function bitsOf(byte: number): number {
  return byte === 0 ? 0 : (byte & 1) + bitsOf(byte >> 1);
}

/** Undefined if the row is no hit. */
function scoreOf({ type, metric }: Kind, query: StoredVector, row: StoredVector): number | undefined {
  if (type === 'SparseFloatVector') {
    const sum = Object.entries(query as SparseVector).reduce((total, [index, value]) => total + value * ((row as SparseVector)[Number(index)] ?? 0), 0);
    return sum === 0 ? undefined : sum;
  }
  if (metric === 'HAMMING') return (query as readonly number[]).reduce((sum, byte, i) => sum + bitsOf(byte ^ ((row as readonly number[])[i] as number)), 0);
  return score(metric as Metric, query as readonly number[], row as readonly number[]);
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

function answer(kind: Kind, live: readonly StoredRow[], query: StoredVector, filter: string, limit: number, offset: number): readonly Expected[] {
  const holds = FILTERS.find(({ text }) => text === filter)?.holds ?? (() => false);
  const scored = live.filter(holds).flatMap((row): Expected[] => {
    const reached = scoreOf(kind, query, row.v);
    return reached === undefined ? [] : [{ id: row.id, score: reached }];
  });
  return scored.sort((a, b) => (isDistance(kind.metric) ? a.score - b.score : b.score - a.score)).slice(offset, offset + limit);
}

function makeCase(kind: Kind): Case {
  const { type, metric } = kind;
  const draw = VECTORS[type];
  const rows: StoredRow[] = Array.from({ length: ROWS }, (_, at) => ({ id: String(2n ** 60n + BigInt(at)), kind: KINDS[at % 3] as string, year: 1980 + randomInteger(next, 40), v: draw() }));
  // Duplicates, so that ties are judged too.
  rows[70] = { ...(rows[70] as StoredRow), v: (rows[10] as StoredRow).v };
  const deleted = rows.filter(() => next() < 0.1).map(({ id }) => id);
  const replaced = rows.slice(20, 25).map((row) => ({ ...row, kind: 'kite', v: draw() }));
  const untouched = rows.filter(({ id }) => !deleted.includes(id) && !replaced.some((row) => row.id === id));
  const live = [...untouched, ...replaced];
  const queries = Array.from({ length: QUERIES }, (_, at) => (at === 0 ? (rows[10] as StoredRow).v : draw()));
  const searches: SearchStep[] = FILTERS.map(({ text }, at) => {
    const [limit, offset] = [5 + at * 3, at];
    return { filter: text, limit, offset, queries, expected: queries.map((query) => answer(kind, live, query, text, limit, offset)) };
  });
  const dim = type === 'BinaryVector' ? { dim: BITS } : type === 'SparseFloatVector' ? {} : { dim: DIM };
  return { ...(type === 'FloatVector' ? {} : { type }), metric, ...dim, rows, deleted, replaced, searches };
}

const KINDS_OF_VECTORS: readonly Kind[] = [
  ...(['L2', 'IP', 'COSINE'] as const).map((metric): Kind => ({ type: 'FloatVector', metric })),
  { type: 'Float16Vector', metric: 'COSINE' },
  { type: 'BFloat16Vector', metric: 'IP' },
  { type: 'Int8Vector', metric: 'L2' },
  { type: 'BinaryVector', metric: 'HAMMING' },
  { type: 'SparseFloatVector', metric: 'IP' },
];
const file: ConformanceFile = { cases: KINDS_OF_VECTORS.map(makeCase) };
writeFileSync(new URL('conformance.json', import.meta.url), `${JSON.stringify(file)}\n`);
