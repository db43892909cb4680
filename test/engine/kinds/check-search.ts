// Searches against the oracle: plain ones within a window and a range, grouped ones, and reranked ones.

import { deepStrictEqual, ok } from 'node:assert/strict';
import type { DecayRerank, SearchOptions, SearchRerank } from '../../../src/engine/api.js';
import type { Hit } from '../../../src/model/hit.js';
import { randomInteger } from '../../support/random.js';
import { FIELDS, filterOf, grouped, isDistance, pick, queryFor, randomAsked, ranked, type OracleHit, type Value } from './oracle.js';
import { randomFilter, type Case, type ModelRow, type World } from './world.js';

interface Shown {
  readonly id: unknown;
  readonly score: number;
  readonly group?: unknown;
}

export function shownHits(hits: readonly Hit[]): readonly Shown[] {
  return hits.map(({ id, score, ...rest }) => ({ id, score, ...('group' in rest ? { group: rest.group } : {}) }));
}

export function expected(hits: readonly OracleHit[], field?: string): readonly Shown[] {
  return hits.map(({ row, score }) => ({ id: row.id, score, ...(field === undefined ? {} : { group: (FIELDS[field] as (row: ModelRow) => Value)(row) }) }));
}

/** Gives how many answers were compared. */
export async function checkSearch(world: World): Promise<number> {
  const { collection, next, metrics } = world;
  const first = randomAsked(next);
  const { field } = first;
  const asked = [first, { ...first, query: queryFor(next, field) }] as const;
  const metric = metrics[field];
  const offset = next() < 0.5 ? 0 : randomInteger(next, 10);
  const limit = 1 + randomInteger(next, 40);
  const radius = next() < 0.4 ? (metric === 'L2' ? 12 : metric === 'HAMMING' ? 6 : field === 's' ? 2 : -3) : undefined;
  const rangeFilter = radius !== undefined && next() < 0.5 ? (metric === 'L2' || metric === 'HAMMING' ? 3 : 9) : undefined;
  const sign = isDistance(metric) ? 1 : -1;
  const within = ({ score }: OracleHit): boolean => (radius === undefined || sign * score < sign * radius) && (rangeFilter === undefined || sign * score >= sign * rangeFilter);
  const options = { annsField: field, limit, offset, recall: 1, ...(radius === undefined ? {} : { radius }), ...(rangeFilter === undefined ? {} : { rangeFilter }), ...filterOf(first) };
  const { hits } = await collection.search({ data: asked.map(({ query }) => query) as never, ...options });
  asked.forEach((one, at) => deepStrictEqual(shownHits((hits as unknown as readonly (readonly Hit[])[])[at] as readonly Hit[]), expected(ranked(world, one).filter(within).slice(offset, offset + limit)), JSON.stringify(options)));
  return 1;
}

/** The same of grouped searches. */
export async function checkGrouped(world: World): Promise<number> {
  const { collection, next } = world;
  const asked = randomAsked(next);
  const groupByField = pick(next, Object.keys(FIELDS));
  const groupSize = 1 + randomInteger(next, 10);
  const strictGroupSize = next() < 0.6;
  const offset = next() < 0.6 ? 0 : randomInteger(next, 4);
  const limit = 1 + randomInteger(next, 12);
  const options: SearchOptions = { annsField: asked.field, limit, offset, groupByField, groupSize, strictGroupSize, recall: 1, ...filterOf(asked) };
  const { hits } = await collection.search({ data: asked.query as never, ...options });
  const groups = grouped(ranked(world, asked), groupByField, groupSize).slice(offset, offset + limit);
  const message = JSON.stringify(options);
  if (strictGroupSize) {
    deepStrictEqual(shownHits(hits), expected(groups.flat(), groupByField), message);
    return 1;
  }
  // Each group may have fewer, but the nearest.
  const found = shownHits(hits);
  let at = 0;
  for (const group of groups) {
    const whole = expected(group, groupByField);
    let count = 0;
    while (at < found.length && count < whole.length && found[at]?.id === whole[count]?.id) {
      deepStrictEqual(found[at++], whole[count++], message);
    }
    ok(count > 0, `${message}: a group is missing`);
  }
  deepStrictEqual(at, found.length, message);
  return 1;
}

function decayOf(next: () => number): DecayRerank {
  const time = next() < 0.4;
  const field = time ? 't' : pick(next, ['a', 'd', 'big', 'info["maker"]["id"]']);
  const origin = time ? '2023-12-01T00:00:00Z' : field === 'big' ? 7n : 3;
  const scale = time ? 86_400_000_000 * 5 : field === 'big' ? 2 ** 62 : 4;
  return { kind: 'decay', function: pick(next, ['gauss', 'exp', 'linear'] as const), field, origin, scale, ...(next() < 0.5 ? { offset: scale / 4 } : {}), ...(next() < 0.5 ? { decay: 0.25 } : {}) };
}

/** By its definition, in f64; numbers of `big` are exact before they are rounded. */
export function decayed({ function: name, field, origin, scale, offset = 0, decay = 0.5 }: DecayRerank, row: ModelRow): number {
  const value = (FIELDS[field] as (row: ModelRow) => Value)(row);
  if (value === null || typeof value === 'boolean' || (typeof value === 'string' && field !== 't')) return 0;
  const micros = (text: unknown): number => Date.parse(text as string) * 1000;
  const apart = typeof value === 'bigint' ? Number(value - (origin as bigint)) : field === 't' ? micros(value) - micros(origin) : (value as number) - (origin as number);
  const distance = Math.max(0, Math.abs(apart) - Number(offset));
  const [s, d] = [Number(scale), decay];
  if (name === 'gauss') return Math.exp((Math.log(d) * distance ** 2) / s ** 2);
  return name === 'exp' ? Math.exp((Math.log(d) * distance) / s) : Math.max(d, 1 - ((1 - d) / s) * distance);
}

export { decayOf };

/** Hits whose scores are equal but for rounding may be in either order. */
export function closeHits(found: readonly Hit[], sorted: readonly { readonly row: ModelRow; readonly score: number }[], offset: number, limit: number, message: string): void {
  const window = sorted.slice(offset, offset + limit);
  deepStrictEqual(found.length, window.length, message);
  const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
  const byId = new Map(sorted.map((hit) => [hit.row.id, hit.score]));
  const seen = new Set<unknown>();
  found.forEach(({ id, score }, at) => {
    ok(near(score, (window[at] as { score: number }).score), `${message}: at ${at} ${score}, expected ${String(window[at]?.score)}`);
    ok(byId.has(id) && near(score, byId.get(id) as number), `${message}: ${String(id)} has another score`);
    ok(!seen.has(id), `${message}: ${String(id)} twice`);
    seen.add(id);
  });
}

/** The same of searches with decays and boosts. */
export async function checkReranked(world: World): Promise<number> {
  const { collection, next, metrics } = world;
  const asked = randomAsked(next);
  const metric = metrics[asked.field];
  const boosts: readonly Case[] = [randomFilter(next), randomFilter(next)];
  const weights = [0.5, 3];
  const decay = decayOf(next);
  const modes = { boostMode: pick(next, ['multiply', 'sum'] as const), functionMode: pick(next, ['multiply', 'sum'] as const) };
  const rerank: SearchRerank = next() < 0.5 ? decay : { kind: 'boost', functions: boosts.map((boost, at) => ({ weight: weights[at] as number, ...filterOf(boost) })), ...modes };
  const offset = randomInteger(next, 5);
  const limit = 1 + randomInteger(next, 20);
  const { hits } = await collection.search({ data: asked.query as never, annsField: asked.field, limit, offset, recall: 1, rerank, ...filterOf(asked) });
  const candidates = ranked(world, asked).slice(0, Math.max(100, 4 * (offset + limit)));
  const rescored = candidates.map((hit) => ({ ...hit, score: rerank.kind === 'decay' ? (isDistance(metric) ? 1 - (2 * Math.atan(hit.score)) / Math.PI : hit.score) * decayed(rerank, hit.row) : boostedBy(hit, boosts, weights, modes) }));
  const ascending = rerank.kind === 'boost' && isDistance(metric);
  closeHits(hits, rescored.sort((a, b) => (ascending ? a.score - b.score : b.score - a.score)), offset, limit, JSON.stringify({ rerank: rerank.kind, offset, limit, metric }));
  return 1;
}

function boostedBy({ row, score }: OracleHit, boosts: readonly Case[], weights: readonly number[], { boostMode, functionMode }: { readonly boostMode: string; readonly functionMode: string }): number {
  const matching = weights.filter((_, at) => (boosts[at] as Case).passes(row));
  if (matching.length === 0) return score;
  const weight = matching.reduce((a, b) => (functionMode === 'sum' ? a + b : a * b));
  return boostMode === 'sum' ? score + weight : score * weight;
}
