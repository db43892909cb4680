// Conformance: the same changes and searches must give the same ids in the same order, and scores within 1e-5
// relative, on every core in every runtime. The file is data; what differs between runtimes is only who answers.

import type { Collection } from '../../src/engine/api.js';
import { expect } from 'vitest';
import type { Database } from '../../src/engine/api.js';
import type { Hit } from '../../src/model/hit.js';
import type { VectorType } from '../../src/model/field.js';
import type { VectorMetric } from '../../src/model/metric.js';
import type { RowInput, SparseVector } from '../../src/model/row.js';

/** Numbers, bytes of bits, or values by index. */
export type StoredVector = readonly number[] | SparseVector;

export interface StoredRow {
  /** Int64 in decimal, beyond what a number holds. */
  readonly id: string;
  readonly kind: string;
  readonly year: number;
  readonly v: StoredVector;
}

export interface Expected {
  readonly id: string;
  readonly score: number;
}

export interface SearchStep {
  readonly filter: string;
  readonly limit: number;
  readonly offset: number;
  readonly queries: readonly StoredVector[];
  /** By query. */
  readonly expected: readonly (readonly Expected[])[];
}

export interface Case {
  /** Default: FloatVector. */
  readonly type?: VectorType;
  readonly metric: VectorMetric;
  /** Absent of sparse vectors. */
  readonly dim?: number;
  readonly rows: readonly StoredRow[];
  readonly deleted: readonly string[];
  readonly replaced: readonly StoredRow[];
  readonly searches: readonly SearchStep[];
}

export interface ConformanceFile {
  readonly cases: readonly Case[];
}

export const TOLERANCE = 1e-5;

/** Answers all queries of a step; ids as decimal text. */
export type Answer = (collection: string, step: SearchStep) => Promise<readonly (readonly Expected[])[]>;

export function collectionOf({ type, metric }: Case): string {
  return type === undefined ? `conformance_${metric}` : `conformance_${type}_${metric}`;
}

/** Makes the collection of each case: two sealed segments with deletions, and rows that are only in the log. */
export async function fill(database: Database, { cases }: ConformanceFile, sealAll: boolean): Promise<void> {
  for (const one of cases) {
    const collection: Collection = await database.createCollection({
      name: collectionOf(one),
      fields: [
        { name: 'id', type: 'Int64', primaryKey: true },
        { name: 'kind', type: 'VarChar' },
        { name: 'year', type: 'Int16' },
        { name: 'v', type: one.type ?? 'FloatVector', ...(one.dim === undefined ? {} : { dim: one.dim }), metric: one.metric },
      ],
    });
    const input = (row: StoredRow): RowInput => ({ ...row, id: BigInt(row.id) });
    await collection.insert(one.rows.slice(0, 50).map(input));
    await collection.flush();
    await collection.insert(one.rows.slice(50, 100).map(input));
    await collection.flush();
    await collection.insert(one.rows.slice(100).map(input));
    await collection.delete({ ids: one.deleted.map(BigInt) });
    await collection.upsert(one.replaced.map(input));
    if (sealAll) await collection.flush();
  }
}

/** Answers by the public API, all queries of a step in one call. */
export function answerBy(database: Database): Answer {
  return async (name, { filter, limit, offset, queries }) => {
    const collection = await database.collection(name);
    const { hits } = await collection.search({ data: queries, filter, limit, offset });
    return hits.map((list) => list.map(({ id, score }: Hit) => ({ id: String(id), score })));
  };
}

/** Checks every answer; prints and gives the largest relative difference of a score. */
export async function check(runtime: string, { cases }: ConformanceFile, answer: Answer): Promise<number> {
  let worst = 0;
  let searches = 0;
  for (const one of cases) {
    for (const step of one.searches) {
      const answers = await answer(collectionOf(one), step);
      expect(answers.map((hits) => hits.map(({ id }) => id)), `${runtime}: ids`).toEqual(step.expected.map((hits) => hits.map(({ id }) => id)));
      answers.forEach((hits, query) => hits.forEach(({ score }, at) => (worst = Math.max(worst, difference(score, step.expected[query]?.[at]?.score ?? NaN)))));
      searches += answers.length;
    }
  }
  expect(worst, `${runtime}: scores`).toBeLessThanOrEqual(TOLERANCE);
  console.log(`conformance | ${runtime} | ${searches} searches, ids equal | largest relative difference of a score ${worst.toExponential(1)}`);
  return worst;
}

// Relative to 1 at least: a similarity near zero is a sum that cancels.
function difference(score: number, expected: number): number {
  const relative = Math.abs(score - expected) / Math.max(1, Math.abs(expected));
  return Number.isNaN(relative) ? Infinity : relative;
}
