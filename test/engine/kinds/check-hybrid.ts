// Hybrid searches against the oracle: the rankings of their searches, fused by its own arithmetic.

import { compareText } from '../../../src/model/text-order.js';
import type { Fusion, HybridOfOne } from '../../../src/engine/api.js';
import { randomInteger } from '../../support/random.js';
import { closeHits, decayed, decayOf } from './check-search.js';
import { FIELDS, filterOf, grouped, isDistance, pick, randomAsked, ranked, type Asked, type Metric, type OracleHit } from './oracle.js';
import type { ModelRow, World } from './world.js';

interface Part extends Asked {
  readonly limit: number;
}

function normalized(metric: Metric, score: number): number {
  return isDistance(metric) ? 1 - Math.atan(score) / (Math.PI / 2) : Math.atan(score) / Math.PI + 0.5;
}

function stretched(ranking: readonly OracleHit[], score: number, distance: boolean): number {
  const scores = ranking.map((hit) => hit.score);
  const [low, high] = [Math.min(...scores), Math.max(...scores)];
  if (low === high) return 1;
  return (distance ? high - score : score - low) / (high - low);
}

function compareIds({ row: { id: a } }: { readonly row: ModelRow }, { row: { id: b } }: { readonly row: ModelRow }): number {
  if (a === b) return 0;
  return typeof a === 'string' ? compareText(a, b as string) : a < (b as bigint) ? -1 : 1;
}

/** Gives how many answers were compared. */
export async function checkHybrid(world: World): Promise<number> {
  const { collection, next, metrics } = world;
  const parts: readonly Part[] = Array.from({ length: 1 + randomInteger(next, 4) }, () => ({ ...randomAsked(next), limit: 1 + randomInteger(next, 25) }));
  const grouping = next() < 0.4 ? { groupByField: pick(next, Object.keys(FIELDS)), groupSize: 1 + randomInteger(next, 4) } : undefined;
  const normalize = pick(next, [true, false, 'minmax'] as const);
  const decay = { ...decayOf(next), scoreMode: pick(next, ['max', 'sum', 'avg'] as const) };
  const rerank: Fusion | typeof decay | undefined = pick(next, [undefined, { kind: 'rrf', k: 7 }, { kind: 'weighted', weights: parts.map((_, at) => (at % 3) / 2), normalize }, decay] as const);
  const offset = randomInteger(next, 6);
  const limit = 1 + randomInteger(next, 20);
  const searches: HybridOfOne['searches'] = parts.map((part) => ({ data: part.query as never, annsField: part.field, limit: part.limit, recall: 1, ...filterOf(part) }));
  const { hits } = await collection.hybridSearch({ searches, limit, offset, ...grouping, ...(rerank === undefined ? {} : { rerank }) });
  const rankings = parts.map((part) => (grouping === undefined ? ranked(world, part).slice(0, part.limit) : grouped(ranked(world, part), grouping.groupByField, grouping.groupSize).slice(0, part.limit).flat()));
  const ascending = rerank?.kind === 'weighted' && normalize === false && parts.every(({ field }) => isDistance(metrics[field]));
  const scores = new Map<OracleHit['row'], number[]>();
  rankings.forEach((ranking, search) => ranking.forEach(({ row, score: raw }, at) => {
    const metric = metrics[(parts[search] as Part).field];
    const score = isDistance(metric) && !ascending ? normalized(metric, raw) : raw;
    const worth = rerank === undefined || rerank.kind === 'rrf' ? 1 / ((rerank?.k ?? 60) + at + 1) : rerank.kind === 'decay' ? score : (rerank.weights[search] as number) * (normalize === true ? normalized(metric, raw) : normalize === false ? score : stretched(ranking, raw, isDistance(metric)));
    scores.set(row, [...(scores.get(row) ?? []), worth]);
  }));
  const fused = Array.from(scores, ([row, worths]) => ({ row, score: merged(worths, rerank?.kind === 'decay' ? rerank.scoreMode : 'sum') * (rerank?.kind === 'decay' ? decayed(rerank, row) : 1) }));
  fused.sort((a, b) => (ascending ? a.score - b.score : b.score - a.score) || compareIds(a, b));
  const message = JSON.stringify({ rerank: rerank?.kind, grouping, offset, limit, metrics });
  if (grouping === undefined) closeHits(hits, fused, offset, limit, message);
  else closeGroups(hits, fused, grouping, ascending, offset, limit, message);
  return 1;
}

function merged(worths: readonly number[], mode: 'max' | 'sum' | 'avg'): number {
  if (mode === 'max') return Math.max(...worths);
  const sum = worths.reduce((total, worth) => total + worth, 0);
  return mode === 'sum' ? sum : sum / worths.length;
}

// Groups by the best of their hits, then the larger, then by the lower key of their first.
function closeGroups(hits: Parameters<typeof closeHits>[0], fused: readonly { readonly row: ModelRow; readonly score: number }[], grouping: { readonly groupByField: string; readonly groupSize: number }, ascending: boolean, offset: number, limit: number, message: string): void {
  const groups = [...grouped(fused, grouping.groupByField, grouping.groupSize)];
  type Group = (typeof groups)[number];
  const first = (group: Group): Group[number] => group[0] as Group[number];
  groups.sort((a, b) => (ascending ? first(a).score - first(b).score : first(b).score - first(a).score) || b.length - a.length || compareIds(first(a), first(b)));
  const chosen = groups.slice(offset, offset + limit).flat();
  closeHits(hits, chosen, 0, chosen.length, message);
}
