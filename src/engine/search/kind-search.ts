// Kind search: grouped, reranked and hybrid searches. All that they ask of the segments is of one moment, so that rows of
// several searches are the same rows.

import type { Hit } from '../../model/hit.js';
import type { FieldValue, PrimaryKey, Row } from '../../model/row.js';
import { primaryField } from '../../model/schema.js';
import type { Core } from '../../ports/core.js';
import { decayFactor, type Decay } from '../../query/decay.js';
import { shownValue, type PathValue } from '../../query/field-path.js';
import { fuse, type Fused, type Ranking, type Scored } from '../../query/fusion.js';
import { groupFused } from '../../query/grouping.js';
import { compareScores, descending, isAscending } from '../../query/score.js';
import { compareKeys } from '../../model/text-order.js';
import type { SearchExplain } from '../api/explain.js';
import type { Ranked } from './candidates.js';
import { fetchRows } from '../read/fetch.js';
import { rankAt, searchGroups } from './group-search.js';
import { highlightsAt } from './highlight.js';
import type { KindPlan, KindSearch } from './kind-plan.js';
import { Moment } from './moment.js';
import { keyPath, valuesAt } from './place-values.js';
import { rerankHits } from './rerank.js';
import type { SearchAnswer } from './search.js';
import { SearchTrace, type Meters } from './search-trace.js';
import { oneQuery } from './search-plan.js';
import { weighedStored } from './text-search.js';
import type { Reader } from '../read/visit.js';

/** A hit with what it is put together by. */
interface Entry extends Ranked, Scored {
  /** Of the field that is grouped by. */
  readonly value: PathValue;
}

interface Found {
  readonly hits: readonly Entry[];
  readonly ascending: boolean;
  readonly recall: number;
}

/** The segments may grow, be sealed, merged and released while it waits. */
export async function runKind(reader: Reader, asked: KindPlan, core: Core, meters: Meters): Promise<SearchAnswer> {
  const moment = new Moment(reader.table().segments());
  const began = { ms: meters.nowMs(), bytes: meters.bytesRead() };
  const plan = asked.explain ? { ...asked, searches: asked.searches.map((search) => ({ ...search, plan: { ...search.plan, trace: new SearchTrace(meters) } })) } : asked;
  try {
    let recall = 1;
    const places: Entry[][] = [];
    for (let query = 0; query < plan.queryCount; query++) {
      const found: Found[] = [];
      for (const search of plan.searches) found.push(await runOne(reader, moment, plan, search, query, core));
      for (const one of found) recall = Math.min(recall, one.recall);
      places.push(windowOf(await combined(reader, plan, found), plan));
    }
    const found = meters.nowMs();
    const hits = await hitsOf(reader, places, plan);
    if (!plan.explain) return { hits, recall };
    const ended = meters.nowMs();
    return { hits, recall, explain: { searches: explained(plan, moment), fetchMs: ended - found, bytesRead: meters.bytesRead() - began.bytes, totalMs: ended - began.ms } };
  } finally {
    moment.close();
  }
}

function explained({ searches }: KindPlan, moment: Moment): readonly SearchExplain[] {
  return searches.map(({ plan: { field, metric, filter, trace } }) => ({ annsField: field.name, metric, filter: filter !== undefined, segments: trace?.segments(moment.segments) ?? [] }));
}

async function runOne(reader: Reader, moment: Moment, { groupBy, schema, fusion }: KindPlan, { plan, wanted, rerank }: KindSearch, query: number, core: Core): Promise<Found> {
  const one = await weighedStored(reader, moment.parts(), oneQuery(plan, query));
  // What hits of a group come to does not depend on how many were met on the way.
  const ranked = groupBy === undefined ? await rankAt(reader, moment, one, wanted, core) : await searchGroups(reader, moment, one, { ...groupBy, strict: groupBy.strict || fusion !== undefined || rerank !== undefined }, wanted, core);
  const hits = 'hits' in ranked ? ranked.hits.map((hit) => ({ ...hit, value: null })) : ranked.groups.flatMap((group) => group.hits.map((hit) => ({ ...hit, value: group.value })));
  const { hits: scored, ascending } = rerank === undefined ? { hits, ascending: isAscending(plan.metric) } : await rerankHits(reader, hits, rerank, plan.metric, schema, core.predicates);
  const keyed = fusion === undefined && rerank === undefined ? scored.map((hit) => ({ ...hit, key: '' })) : await withKeys(reader, scored, schema);
  return { hits: keyed, ascending, recall: ranked.recall };
}

// A row whose segment is damaged meanwhile is no hit.
async function withKeys(reader: Reader, hits: readonly (Ranked & { readonly value: PathValue })[], schema: KindPlan['schema']): Promise<readonly Entry[]> {
  const keys = await valuesAt(reader, hits, keyPath(schema));
  return hits.flatMap((hit, at) => (keys[at] === undefined ? [] : [{ ...hit, key: keys[at] as PrimaryKey }]));
}

async function combined(reader: Reader, { searches, fusion }: KindPlan, found: readonly Found[]): Promise<Fused<Entry>> {
  if (fusion === undefined) return found[0] as Found;
  const rankings = found.map(({ hits, ascending }, at): Ranking<Entry> => {
    const { plan, rerank } = searches[at] as KindSearch;
    // A decay has made distances what is larger where it is nearer; what else it is does not matter.
    return { metric: rerank !== undefined && !ascending && isAscending(plan.metric) ? 'IP' : plan.metric, hits };
  });
  return fusion.kind === 'decay' ? { hits: await decayed(reader, rankings, fusion.decay), ascending: false } : fuse(fusion, rankings);
}

async function decayed(reader: Reader, rankings: readonly Ranking<Entry>[], decay: Decay): Promise<readonly Entry[]> {
  const merged = new Map<PrimaryKey, { readonly hit: Entry; readonly scores: number[] }>();
  for (const { metric, hits } of rankings) {
    for (const hit of hits) {
      const score = descending(hit.score, metric);
      const known = merged.get(hit.key);
      if (known === undefined) merged.set(hit.key, { hit, scores: [score] });
      else known.scores.push(score);
    }
  }
  const entries = [...merged.values()];
  const values = await valuesAt(reader, entries.map(({ hit }) => hit), decay.path);
  const scored = entries.map(({ hit, scores }, at) => ({ ...hit, score: mergedScore(scores, decay.scoreMode) * decayFactor(decay, values[at] ?? null) }));
  return scored.sort((a, b) => compareScores(a.score, b.score, false) || compareKeys(a.key, b.key));
}

function mergedScore(scores: readonly number[], mode: Decay['scoreMode']): number {
  if (mode === 'max') return Math.max(...scores);
  const sum = scores.reduce((total, score) => total + score, 0);
  return mode === 'sum' ? sum : sum / scores.length;
}

// Groups of one search that is not reranked come in their order already.
function windowOf({ hits, ascending }: Fused<Entry>, { groupBy, groupScorer, fusion, searches, limit, offset }: KindPlan): Entry[] {
  if (groupBy === undefined) return hits.slice(offset, offset + limit);
  const plain = fusion === undefined && searches[0]?.rerank === undefined;
  const groups = plain ? adjacent(hits) : groupFused(hits, ({ value }) => value, groupBy.size, groupScorer, ascending).map((group) => group.hits);
  return groups.slice(offset, offset + limit).flat();
}

function adjacent(hits: readonly Entry[]): Entry[][] {
  const groups: Entry[][] = [];
  for (const hit of hits) {
    const last = groups.at(-1);
    if (last !== undefined && last[0]?.value === hit.value) last.push(hit);
    else groups.push([hit]);
  }
  return groups;
}

async function hitsOf(reader: Reader, places: readonly Entry[][], { schema, output, hitOutput, groupBy, highlights }: KindPlan): Promise<readonly (readonly Hit[])[]> {
  const all = places.flat();
  const rows = await fetchRows(reader, all, hitOutput);
  const shown: Hit['highlight'][] = [];
  for (const [query, highlighting] of (highlights ?? []).entries()) shown.push(...(await highlightsAt(reader, places[query] ?? [], highlighting, schema)));
  const { name } = primaryField(schema);
  let at = 0;
  return places.map((of) => of.flatMap(({ score, value }): Hit[] => {
    const highlight: Pick<Hit, 'highlight'> = highlights === undefined ? {} : { highlight: shown[at] ?? {} };
    const row: Row | undefined = rows[at++];
    if (row === undefined) return [];
    const { [name]: id, ...rest } = row;
    const group: { group?: FieldValue } = groupBy === undefined ? {} : { group: shownValue(groupBy.path, value) };
    return [{ id: id as PrimaryKey, score, ...group, ...highlight, fields: hitOutput === output ? row : rest }];
  }));
}
