// Segment search: the way of a search through one segment: its index, with the effort that the recall takes; without
// one, the codes of its rows; else every row.

import type { Bitset } from '../../model/bitset.js';
import type { Candidates, FlatCodes } from '../../ports/core.js';
import type { SegmentCandidates } from './candidates.js';
import { searchFarAgain } from './far-queries.js';
import { cutToRange, isTooFar } from './score-range.js';
import type { Places } from '../table/places.js';
import type { SearchPlan } from './search-plan.js';
import type { Segment } from '../table/segment.js';
import { effortOf, INDEXED_K_MAX, planSegment } from './segment-plan.js';
import type { SparsePart } from '../table/sparse-part.js';
import type { SegmentIndex } from '../table/vector-part.js';

/** `rows` take part; all of them if undefined. */
export function searchSegment(segment: Segment, plan: SearchPlan, rows: Bitset | undefined): SegmentCandidates {
  return plan.trace === undefined ? searchRows(segment, plan, rows) : plan.trace.search(segment, plan, rows, () => searchRows(segment, plan, rows));
}

function searchRows(segment: Segment, plan: SearchPlan, rows: Bitset | undefined): SegmentCandidates {
  const { sparse, field, offset, limit, range } = plan;
  if (sparse !== undefined) return { segment, candidates: (segment.sparse.get(field.name) as SparsePart).search(sparse, offset + limit, rows, range), recall: 1 };
  const { places } = segment.part(field.name);
  if (places === undefined) return searchVectors(segment, plan, rows);
  return byRows(places, searchVectors(segment, plan, places.select(rows)));
}

/** What was found among vectors, by rows. */
function byRows(places: Places, { candidates, ...found }: SegmentCandidates): SegmentCandidates {
  return { ...found, candidates: places.toRows(candidates) };
}

// From here on rows are numbers of vectors.
function searchVectors(segment: Segment, plan: SearchPlan, rows: Bitset | undefined): SegmentCandidates {
  const k = plan.offset + plan.limit;
  const found = approximately(segment, plan, k, rows);
  return found ?? { segment, candidates: segment.part(plan.field.name).loaded.search(plan.queries, k, rows, plan.range), recall: 1 };
}

/** The same in other threads, as far as they are for it. */
export async function searchSegmentInThreads(segment: Segment, plan: SearchPlan, rows: Bitset | undefined): Promise<SegmentCandidates> {
  const { places } = segment.part(plan.field.name);
  if (places === undefined) return searchVectorsInThreads(segment, plan, rows);
  return byRows(places, await searchVectorsInThreads(segment, plan, places.select(rows)));
}

async function searchVectorsInThreads(segment: Segment, plan: SearchPlan, rows: Bitset | undefined): Promise<SegmentCandidates> {
  const k = plan.offset + plan.limit;
  const part = segment.part(plan.field.name);
  const { approximate, loaded: vectors } = part;
  if (plan.range !== undefined) return searchVectors(segment, plan, rows);
  const effort = approximate && effortOf(approximate, plan, k, rows !== undefined);
  if (approximate?.ann.searchAsync !== undefined && effort !== undefined) {
    const candidates = await approximate.ann.searchAsync(plan.queries as Float32Array, k, effort, rows);
    // A newer index has taken its place, and it is closed.
    if (part.approximate !== approximate) return searchVectors(segment, plan, rows);
    if (rows === undefined && plan.effort === undefined) searchFarAgain(approximate, plan.queries as Float32Array, effort, candidates, plan);
    return { segment, candidates, recall: effort.recall };
  }
  if (plan.recall < 1 || vectors.searchAsync === undefined) return searchVectors(segment, plan, rows);
  return { segment, candidates: await vectors.searchAsync(plan.queries, k, rows), recall: 1 };
}

// Undefined where only looking at every row will do.
function approximately(segment: Segment, plan: SearchPlan, k: number, rows: Bitset | undefined): SegmentCandidates | undefined {
  const way = planSegment(segment.part(plan.field.name), plan, k, rows !== undefined);
  if (way.kind === 'flat') return undefined;
  if (way.kind === 'codes') return byCodes(segment, way.codes, way.deviations, plan, k, rows);
  return plan.range?.rangeFilter === undefined ? byIndex(segment, way.index, plan, k, rows) : ring(segment, way.index, plan, k, rows);
}

// Codes alone of growing rows: how far they may be off is measured on the rows, so the recall says what is allowed for.
function byCodes(segment: Segment, codes: FlatCodes, deviations: number, plan: SearchPlan, k: number, rows: Bitset | undefined): SegmentCandidates {
  const candidates = codes.search(plan.queries as Float32Array, k, { deviations }, rows);
  return { segment, candidates: plan.range === undefined ? candidates : cutToRange(candidates, plan.range, plan.metric, k), recall: codes.recall({ deviations }) };
}

function byIndex(segment: Segment, approximate: SegmentIndex, plan: SearchPlan, k: number, rows: Bitset | undefined): SegmentCandidates | undefined {
  const effort = effortOf(approximate, plan, k, rows !== undefined);
  if (effort === undefined) return undefined;
  const candidates = approximate.ann.search(plan.queries as Float32Array, k, effort, rows);
  if (rows === undefined && plan.effort === undefined) searchFarAgain(approximate, plan.queries as Float32Array, effort, candidates, plan);
  return { segment, candidates: plan.range === undefined ? candidates : cutToRange(candidates, plan.range, plan.metric, k), recall: effort.recall };
}

// Rows that are nearer than the range begins take places of those in it: more are asked for until k are in it, or the
// last is beyond it.
function ring(segment: Segment, approximate: SegmentIndex, plan: SearchPlan, k: number, rows: Bitset | undefined): SegmentCandidates | undefined {
  const { range, dim, metric } = plan;
  const { loaded } = segment.part(plan.field.name);
  if (range === undefined) return undefined;
  const parts: Candidates[] = [];
  let recall = 1;
  for (let q = 0; q < plan.queryCount; q++) {
    const one = { ...plan, queries: plan.queries.subarray(q * dim, (q + 1) * dim), queryCount: 1 };
    let part: Candidates | undefined;
    for (let wanted = 2 * k; part === undefined && wanted <= INDEXED_K_MAX; wanted *= 2) {
      const found = byIndex(segment, approximate, { ...one, range: undefined }, wanted, rows);
      if (found === undefined) break;
      const count = found.candidates.counts[0] as number;
      const cut = cutToRange(found.candidates, range, metric, k);
      const whole = cut.counts[0] === k || count < wanted || count === loaded.size || isTooFar(found.candidates.scores[count - 1] as number, range, metric);
      if (whole) part = cut;
      recall = Math.min(recall, found.recall);
    }
    parts.push(part ?? loaded.search(one.queries, k, rows, range));
  }
  return { segment, candidates: joined(parts, k), recall };
}

function joined(parts: readonly Candidates[], k: number): Candidates {
  const all = { k, counts: new Uint32Array(parts.length), rows: new Uint32Array(parts.length * k), scores: new Float32Array(parts.length * k) };
  parts.forEach(({ counts, rows, scores }, q) => {
    all.counts[q] = counts[0] as number;
    all.rows.set(rows.subarray(0, counts[0]), q * k);
    all.scores.set(scores.subarray(0, counts[0]), q * k);
  });
  return all;
}
