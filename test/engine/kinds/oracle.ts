// Oracle: searches over plain objects, in f64, one row at a time: what the engine is held to.

import { randomInteger } from '../../support/random.js';
import { METRICS, randomCase, randomQuery, VECTORS, type Case, type ModelRow, type VectorName, type World } from './world.js';

export type Metric = (typeof METRICS)[number];

export interface OracleHit {
  readonly row: ModelRow;
  readonly score: number;
  /** In order of insertion. */
  readonly place: number;
}

export type Value = boolean | number | bigint | string | null;

/** Names by which hits are grouped or decay, and what a row has there. */
export const FIELDS: Readonly<Record<string, (row: ModelRow) => Value>> = {
  a: ({ a }) => a,
  big: ({ big }) => big,
  d: ({ d }) => d,
  g: ({ g }) => g,
  flag: ({ flag }) => flag,
  t: ({ t }) => t,
  colour: ({ colour }) => colour ?? null,
  '$meta["colour"]': ({ colour }) => colour ?? null,
  'info["maker"]["id"]': ({ info }) => (info as { maker?: { id?: Value } | null }).maker?.id ?? null,
};

export function pick<T>(next: () => number, values: readonly T[]): T {
  return values[randomInteger(next, values.length)] as T;
}

export function scoreOf(metric: Metric, query: Float32Array, v: ArrayLike<number>): number {
  return query.reduce((sum, x, at) => sum + (metric === 'L2' ? (x - (v[at] as number)) ** 2 : x * (v[at] as number)), 0);
}

export interface Asked extends Case {
  readonly field: VectorName;
  readonly query: Float32Array;
}

export function randomAsked(next: () => number): Asked {
  return { ...randomCase(next), field: pick(next, VECTORS), query: randomQuery(next) };
}

/** Every row that passes, nearest first, equal scores in order of insertion. */
export function ranked({ rows, metrics }: World, { field, query, passes }: Asked): readonly OracleHit[] {
  const metric = metrics[field];
  const hits = rows.flatMap((row, place) => {
    const vector = row[field];
    return vector !== null && passes(row) ? [{ row, place, score: scoreOf(metric, query, vector) }] : [];
  });
  return hits.sort((a, b) => (metric === 'L2' ? a.score - b.score : b.score - a.score) || a.place - b.place);
}

/** In order of their first, each of at most `size`. */
export function grouped<T extends { readonly row: ModelRow }>(hits: readonly T[], field: string, size: number): readonly T[][] {
  const groups = new Map<Value, T[]>();
  for (const hit of hits) {
    const value = (FIELDS[field] as (row: ModelRow) => Value)(hit.row);
    const group = groups.get(value);
    if (group === undefined) groups.set(value, [hit]);
    else if (group.length < size) group.push(hit);
  }
  return [...groups.values()];
}

export function filterOf({ filter }: Case): { readonly filter?: string } {
  return filter === undefined ? {} : { filter };
}
