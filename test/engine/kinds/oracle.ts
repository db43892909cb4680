// Oracle: searches over plain objects, in f64, one row at a time: what the engine is held to.

import { randomInteger } from '../../support/random.js';
import { randomCase, randomQuery, randomSparse, VECTORS, type Case, type ModelRow, type VectorName, type World } from './world.js';

export type Metric = World['metrics'][VectorName];

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

export type Query = Float32Array | Uint8Array | Readonly<Record<string, number>>;

/** Undefined if the row is no hit: a sparse one that shares no term. */
function scoreOf(metric: Metric, query: Query, v: ArrayLike<number> | Readonly<Record<string, number>>): number | undefined {
  if (metric === 'HAMMING') return ((query as Uint8Array)[0] as number ^ (v as Uint8Array)[0] as number).toString(2).replaceAll('0', '').length;
  const [a, b] = [Object.entries(query), v as Readonly<Record<string, number>>];
  if (!ArrayBuffer.isView(query) && !a.some(([term]) => term in b)) return undefined;
  return a.reduce((sum, [at, x]) => sum + (metric === 'L2' ? (x - (b[at] as number)) ** 2 : x * (b[at] ?? 0)), 0);
}

export function isDistance(metric: Metric): boolean {
  return metric !== 'IP';
}

export interface Asked extends Case {
  readonly field: VectorName;
  readonly query: Query;
}

export function queryFor(next: () => number, field: VectorName): Query {
  return field === 's' ? { ...randomSparse(next), 21: 1 } : field === 'b' ? Uint8Array.of(randomInteger(next, 256)) : randomQuery(next);
}

export function randomAsked(next: () => number): Asked {
  const field = pick(next, VECTORS);
  return { ...randomCase(next), field, query: queryFor(next, field) };
}

/** Every row that passes, nearest first, equal scores in order of insertion. */
export function ranked({ rows, metrics }: World, { field, query, passes }: Asked): readonly OracleHit[] {
  const metric = metrics[field];
  const hits = rows.flatMap((row, place) => {
    const vector = row[field];
    const score = vector !== null && passes(row) ? scoreOf(metric, query, vector) : undefined;
    return score === undefined ? [] : [{ row, place, score }];
  });
  return hits.sort((a, b) => (isDistance(metric) ? a.score - b.score : b.score - a.score) || a.place - b.place);
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

export function filterOf({ filter, partitionNames }: Pick<Case, 'filter' | 'partitionNames'>): { readonly filter?: string; readonly partitionNames?: readonly string[] } {
  return { ...(filter === undefined ? {} : { filter }), ...(partitionNames === undefined ? {} : { partitionNames }) };
}
