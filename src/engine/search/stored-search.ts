// Stored search: a search through segments whose vectors are not all in memory. Indexes without rows give estimates with
// their errors; the vectors of those that may be among the best are read from storage, near ones together, and score
// exactly. Segments without an index are read through, piece by piece.

import type { Bitset } from '../../model/bitset.js';
import { vectorBytes } from '../../format/extents.js';
import { isDistance } from '../../model/metric.js';
import { EFFORT_MAX } from '../../model/limits.js';
import type { AnnOptions, Candidates, Core } from '../../ports/core.js';
import { candidatesFor, scoreArriving } from './arriving-search.js';
import { CandidateList } from './candidate-list.js';
import type { SegmentCandidates } from './candidates.js';
import { harder, isFar, type Effort } from './effort.js';
import { matchingRows, mayMatchRows } from '../read/matching.js';
import { scanRows } from '../upkeep/row-scan.js';
import { rankRows } from './row-ranking.js';
import { cutToRange } from './score-range.js';
import type { SearchPlan } from './search-plan.js';
import { searchSegment } from './segment-search.js';
import type { Segment } from '../table/segment.js';
import { effortOf } from './segment-plan.js';
import { reading } from './search-trace.js';
import type { SnapshotPart } from '../table/snapshot.js';
import type { SegmentIndex, VectorPart } from '../table/vector-part.js';
import type { Need } from '../table/residency.js';
import { useMatching } from '../read/use-matching.js';
import { unlessDamaged, type Reader } from '../read/visit.js';

/** Standard errors within which a true score lies in 99.8 of 100 cases. */
const DEVIATIONS = 3;
/** Segments whose files are read at a time. */
const LOADS_AT_ONCE = 4;
/** Bytes of vectors that are read at once for the exact scores of a batch of queries. */
const READ_BYTES = 8 * 1024 * 1024;

/** What an index without rows says. */
interface Estimated {
  readonly segment: Segment;
  readonly candidates: Candidates;
  readonly recall: number;
}

/** `held` are held by the caller. */
export function searchStored(reader: Reader, held: readonly SnapshotPart[], plan: SearchPlan, core: Core): Promise<readonly SegmentCandidates[]> {
  return reader.residency.call(() => searchParts(reader, held, plan, core));
}

async function searchParts(reader: Reader, held: readonly SnapshotPart[], plan: SearchPlan, core: Core): Promise<readonly SegmentCandidates[]> {
  const parts = held.filter(({ segment }) => mayMatchRows(segment, plan.filter));
  if (plan.trace !== undefined) for (const { segment } of held) if (!mayMatchRows(segment, plan.filter)) plan.trace.skip(segment);
  const exact = new Map<Segment, SegmentCandidates>();
  const estimated = new Map<Segment, Estimated>();
  /** Whose indexes have come in part. */
  const arriving = new Map<Segment, Candidates>();
  // What is in memory first and at once: what grows is seen as it was.
  for (const { segment, alive } of parts) {
    if (segment.partOf(plan.field.name).isLoaded && segment.hasColumns(plan.filterColumns)) exact.set(segment, searchSegment(segment, plan, matches(segment, plan, core, alive)));
  }
  if (reader.residency.limitBytes === undefined) loadAhead(reader, parts.flatMap(({ segment }) => (exact.has(segment) ? [] : [segment])), plan);
  for (const { segment, alive } of parts) {
    if (exact.has(segment)) continue;
    const matching = { filter: plan.filter, predicates: core.predicates, alive, match: () => matches(segment, plan, core, alive) };
    await unlessDamaged(reader, segment, () => reading(plan.trace, segment, () =>
      useMatching(reader.residency, segment, { ...needFor(reader, segment, plan), columns: [] }, matching, async (rows) => {
        if (segment.partOf(plan.field.name).isLoaded) return void exact.set(segment, searchSegment(segment, plan, rows));
        const estimate = plan.trace === undefined ? estimateSegment(segment, plan, rows) : plan.trace.search(segment, plan, rows, () => estimateSegment(segment, plan, rows));
        const { approximate } = segment.partOf(plan.field.name) as VectorPart;
        if (estimate !== undefined && approximate?.partial === true) arriving.set(segment, estimate.candidates);
        else if (estimate === undefined) exact.set(segment, { segment, candidates: await scanRows(segment, plan, rows, core), recall: 1 });
        else estimated.set(segment, estimate);
      })),
    );
  }
  for (const found of await scoreExactly(reader, estimated, [...exact.values()], plan, core)) exact.set(found.segment, found);
  if (arriving.size > 0) for (const found of await scoreArriving(reader, arriving, [...exact.values()], plan, core)) exact.set(found.segment, found);
  return parts.flatMap(({ segment }) => exact.get(segment) ?? []);
}

function needFor(reader: Reader, segment: Segment, plan: SearchPlan): Need {
  return { columns: plan.filterColumns, field: plan.field.name, part: partFor(reader, segment, plan) };
}

// Reading one segment's files and opening its index take turns with the next one's; what fails is found by who needs it.
function loadAhead(reader: Reader, segments: readonly Segment[], plan: SearchPlan): void {
  if (segments.length < 2) return;
  let next = 0;
  const load = async (): Promise<void> => {
    for (let segment = segments[next++]; segment !== undefined; segment = segments[next++]) {
      await reader.residency.use(segment, needFor(reader, segment, plan), () => undefined).catch(() => undefined);
    }
  };
  for (let at = 0; at < LOADS_AT_ONCE; at++) void load();
}

function matches(segment: Segment, { filter, trace }: SearchPlan, { predicates }: Core, alive: Bitset | undefined): Bitset | undefined {
  return trace === undefined ? matchingRows(segment, filter, predicates, alive) : trace.filter(segment, (used) => matchingRows(segment, filter, predicates, alive, used));
}

// Where every row is looked at, having them all in memory is best, if there is room.
function partFor({ residency }: Reader, segment: Segment, plan: SearchPlan): 'index' | 'vectors' {
  const { isIndexed, vectorBytes, indexFile } = segment.partOf(plan.field.name);
  const looksAtAll = !isIndexed || (plan.recall === 1 && plan.effort === undefined);
  return looksAtAll && residency.hasRoom(vectorBytes + (indexFile?.sizeBytes ?? 0)) ? 'vectors' : 'index';
}

function partOf(segment: Segment, { field }: SearchPlan): VectorPart {
  return segment.part(field.name);
}

// Undefined where only looking at every row will do.
function estimateSegment(segment: Segment, plan: SearchPlan, rows: Bitset | undefined): Estimated | undefined {
  const { approximate, places } = partOf(segment, plan);
  const k = plan.offset + plan.limit;
  if (approximate === undefined || (plan.recall === 1 && plan.effort === undefined) || plan.range?.rangeFilter !== undefined) return undefined;
  const vectors = places === undefined ? rows : places.select(rows);
  if (approximate.partial === true) {
    const keep = candidatesFor(k);
    // Every list: there are few bits to look at, and calibration does not say how many lists these take.
    const candidates = approximate.ann.search(plan.queries as Float32Array, keep, { effort: 0, keep, rerank: keep, patience: 0 }, vectors);
    return { segment, candidates: places === undefined ? candidates : places.toRows(candidates), recall: plan.recall };
  }
  const effort = effortOf(approximate, plan, k, rows !== undefined);
  if (effort === undefined) return undefined;
  if (Math.max(k, effort.effort) > EFFORT_MAX) return undefined;
  const wanted = Math.min(Math.max(k, effort.rerank), EFFORT_MAX);
  const candidates = approximate.ann.search(plan.queries as Float32Array, wanted, kept(effort, wanted), vectors);
  if (vectors === undefined && plan.effort === undefined) searchFarAgain(approximate, plan, effort, candidates, k);
  return { segment, candidates: places === undefined ? candidates : places.toRows(candidates), recall: effort.recall };
}

function searchFarAgain({ ann, calibration }: SegmentIndex, { queries, dim, metric }: Pick<SearchPlan, 'dim' | 'metric' | 'queries'>, effort: Effort, { k: wanted, counts, rows, scores, errors }: Candidates, k: number): void {
  for (let q = 0; q < counts.length; q++) {
    const found = scores.subarray(q * wanted, q * wanted + (counts[q] as number));
    if (!isFar(calibration, found, metric, effort.recall)) continue;
    const again = ann.search((queries as Float32Array).subarray(q * dim, (q + 1) * dim), wanted, kept(harder(effort, ann.kind, k), wanted));
    counts[q] = again.counts[0] as number;
    rows.set(again.rows, q * wanted);
    scores.set(again.scores, q * wanted);
    if (again.errors !== undefined) errors?.set(again.errors, q * wanted);
  }
}

function kept({ effort, keep, rerank, patience }: AnnOptions, wanted: number): AnnOptions {
  return { effort: Math.min(effort, EFFORT_MAX), keep: Math.min(Math.max(keep, wanted), EFFORT_MAX), rerank, patience };
}

// Of all segments together: what cannot be among the k best is not read.
async function scoreExactly(reader: Reader, estimated: ReadonlyMap<Segment, Estimated>, exact: readonly SegmentCandidates[], plan: SearchPlan, core: Core): Promise<readonly SegmentCandidates[]> {
  if (estimated.size === 0) return [];
  const k = plan.offset + plan.limit;
  const lists = new Map([...estimated.keys()].map((segment) => [segment, new CandidateList(plan.queryCount, k)]));
  const queriesAtOnce = Math.max(1, Math.floor(READ_BYTES / (k * 2 * estimated.size * vectorBytes(plan.field))));
  for (let first = 0; first < plan.queryCount; first += queriesAtOnce) {
    const count = Math.min(queriesAtOnce, plan.queryCount - first);
    const wanted = Array.from({ length: count }, (_, at) => promising([...estimated.values()], exact, plan, first + at, k));
    for (const { segment } of estimated.values()) {
      const ofQueries = wanted.map((rows) => rows.get(segment) ?? new Uint32Array(0));
      const list = lists.get(segment);
      if (list !== undefined) await unlessDamaged(reader, segment, () => reading(plan.trace, segment, () => rankRows(segment, ofQueries, first, plan, core, k, (query, rows, scores) => list.set(query, rows, scores))));
      if (segment.damage !== undefined) lists.delete(segment);
    }
  }
  return [...lists].map(([segment, list]) => {
    const candidates = list.candidates();
    return { segment, candidates: plan.range === undefined ? candidates : cutToRange(candidates, plan.range, plan.metric, k), recall: (estimated.get(segment) as Estimated).recall };
  });
}

// Rows of one query by segment, ascending, that may be among its k best.
function promising(estimated: readonly Estimated[], exact: readonly SegmentCandidates[], { metric }: SearchPlan, query: number, k: number): ReadonlyMap<Segment, Uint32Array> {
  const sign = isDistance(metric) ? 1 : -1;
  const worst: number[] = [];
  for (const { candidates } of exact) eachCandidate(candidates, query, (_, score) => worst.push(sign * score));
  for (const { candidates } of estimated) eachCandidate(candidates, query, (_, score, error) => worst.push(sign * score + DEVIATIONS * error));
  worst.sort((a, b) => a - b);
  const bar = worst[k - 1] ?? Number.POSITIVE_INFINITY;
  return new Map(
    estimated.map(({ segment, candidates }) => {
      const rows: number[] = [];
      eachCandidate(candidates, query, (row, score, error) => {
        // Not "above the bar", so that a NaN is looked at.
        if (!(sign * score - DEVIATIONS * error > bar)) rows.push(row);
      });
      return [segment, Uint32Array.from(rows).sort()];
    }),
  );
}

function eachCandidate({ k, counts, rows, scores, errors }: Candidates, query: number, visit: (row: number, score: number, error: number) => void): void {
  const end = query * k + (counts[query] as number);
  for (let at = query * k; at < end; at++) visit(rows[at] as number, scores[at] as number, errors?.[at] ?? 0);
}
