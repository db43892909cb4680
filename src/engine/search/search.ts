// Search: queries against every segment, merged and with the fields asked for. All on the CPU in one go, so that the
// answer is of one moment; or sealed segments on the accelerator, and again on the CPU if anything changed meanwhile; or,
// where vectors are not in memory, over a snapshot (`stored-search`).

import type { Hit } from '../../model/hit.js';
import type { PrimaryKey } from '../../model/row.js';
import { primaryField } from '../../model/schema.js';
import type { Accelerator, Candidates, Core, FlatIndex } from '../../ports/core.js';
import type { Explain } from '../api/explain.js';
import { rank, type SegmentCandidates } from './candidates.js';
import { fetchRows } from '../read/fetch.js';
import { matchingRows, mayMatchRows } from '../read/matching.js';
import { keyOf, rowOf } from '../read/output.js';
import { Moment } from './moment.js';
import type { SearchPlan } from './search-plan.js';
import { isOneTurn, searchInTurns } from './search-in-turns.js';
import { searchSegment, searchSegmentInThreads } from './segment-search.js';
import type { Segment } from '../table/segment.js';
import { searchStored } from './stored-search.js';
import type { Table } from '../table/table.js';
import { weighed, weighedStored } from './text-search.js';
import type { Reader } from '../read/visit.js';

/** What is worth the way to other threads: so many queries, or values to look at. */
const THREAD_QUERIES_MIN = 16;
const THREAD_VALUES_MIN = 20_000_000;
/** The same where others wait for this thread. */
const CONCURRENT_VALUES_MIN = 200_000;

export interface Engines {
  readonly core: Core;
  /** Whether a search leaves its thread free for others, though its caller would be answered sooner if it did not. */
  readonly concurrent?: boolean;
  /** Of the Ambient. */
  readonly pause: () => Promise<void>;
  /** Undefined if there is none, or none that works any more. */
  readonly accelerator: Accelerator | undefined;
  /** Opens it, if one was offered that is not open yet. Never rejects. */
  readonly wantAccelerator: () => Promise<void>;
  readonly acceleratorFailed: (error: unknown) => void;
}

export interface SearchAnswer {
  /** Of each query. */
  readonly hits: readonly (readonly Hit[])[];
  /** The least of the segments'. */
  readonly recall: number;
  readonly explain?: Explain;
}

/** A table may be switched to a newer one, and vectors released, while a search waits. */
export async function runSearch(reader: Reader, plan: SearchPlan, engines: Engines): Promise<SearchAnswer> {
  if (!isInMemory(reader.table(), plan)) return runStoredSearch(reader, plan, engines.core);
  for (const segment of reader.table().sealed) reader.residency.touch(segment, plan.field.name, plan.columns);
  const parts = (await searchAccelerated(reader.table(), plan, engines)) ?? (await searchInThreads(reader.table(), plan, engines)) ?? (await searchAlone(reader, plan, engines));
  if (parts === undefined || !isInMemory(reader.table(), plan)) return runStoredSearch(reader, plan, engines.core);
  const hits = Array.from({ length: plan.queryCount }, (_, query) =>
    rank(parts, query, plan.metric, plan.offset, plan.limit).map(({ segment, row, score }) => ({
      id: keyOf(segment, row, plan.schema),
      score,
      fields: rowOf(segment, row, plan.output),
    })),
  );
  return { hits, recall: leastRecall(parts) };
}

// Whether all that the search looks at is in memory, so that it can be done at once.
function isInMemory({ sealed }: Table, plan: SearchPlan): boolean {
  const { columns, field, outputVectors } = plan;
  for (const segment of sealed) {
    // The texts of all segments weigh the terms of a text, whatever the filter.
    if (segment.damage !== undefined || (plan.texts === undefined && !takesPart(segment, plan))) continue;
    if (!segment.partOf(field.name).isLoaded || !segment.hasColumns(columns)) return false;
    if (outputVectors.some((name) => segment.part(name).vectors === undefined)) return false;
  }
  return true;
}

function takesPart(segment: Segment, { filter }: SearchPlan): boolean {
  return segment.damage === undefined && mayMatchRows(segment, filter);
}

async function runStoredSearch(reader: Reader, plan: SearchPlan, core: Core): Promise<SearchAnswer> {
  const moment = new Moment(reader.table().segments());
  try {
    const weighedPlan = await weighedStored(reader, moment.parts(), plan);
    const parts = await searchStored(reader, moment.parts(), weighedPlan, core);
    const ranked = Array.from({ length: plan.queryCount }, (_, query) => rank(parts, query, plan.metric, plan.offset, plan.limit));
    const rows = await fetchRows(reader, ranked.flat(), plan.hitOutput);
    let at = 0;
    const { name } = primaryField(plan.schema);
    const hits = ranked.map((places) => places.flatMap(({ score }): Hit[] => {
      const row = rows[at++];
      if (row === undefined) return [];
      const { [name]: id, ...rest } = row;
      return [{ id: id as PrimaryKey, score, fields: plan.hitOutput === plan.output ? row : rest }];
    }));
    return { hits, recall: leastRecall(parts) };
  } finally {
    moment.close();
  }
}

function leastRecall(parts: readonly SegmentCandidates[]): number {
  return parts.reduce((least, part) => Math.min(least, part.recall), 1);
}

// All in this thread; undefined if it is not all in memory.
async function searchAlone(reader: Reader, plan: SearchPlan, engines: Engines): Promise<readonly SegmentCandidates[] | undefined> {
  if (!isInMemory(reader.table(), plan)) return undefined;
  const table = reader.table();
  const segments = table.segments();
  const taking = segments.filter((segment) => takesPart(segment, plan));
  const parts = engines.concurrent === true && !isOneTurn(taking, plan) ? await searchHereInTurns(table, segments, plan, engines) : undefined;
  if (parts !== undefined) return parts;
  return isInMemory(reader.table(), plan) ? searchHere(reader.table().segments(), plan, engines.core) : undefined;
}

// Undefined if segments were changed or released meanwhile.
function searchHereInTurns(table: Table, segments: readonly Segment[], unweighed: SearchPlan, { core, pause }: Engines): Promise<readonly SegmentCandidates[] | undefined> {
  const before = table.segmentChanges;
  const plan = weighed(unweighed, segments.map((segment) => ({ segment, alive: segment.alive() })));
  const taking = segments.filter((segment) => takesPart(segment, plan));
  return searchInTurns(taking, plan, core, pause, () => table.segmentChanges !== before || !isInMemory(table, plan));
}

function searchHere(segments: readonly Segment[], unweighed: SearchPlan, core: Core): readonly SegmentCandidates[] {
  const plan = weighed(unweighed, segments.map((segment) => ({ segment, alive: segment.alive() })));
  return segments.filter((segment) => takesPart(segment, plan)).map((segment) => searchSegment(segment, plan, matchingRows(segment, plan.filter, core.predicates, segment.alive())));
}

// Undefined if it is too little for threads, there are none, or there are other segments when they have ended. The answer is
// of the moment at which they began: rows that are written or deleted meanwhile change nothing of it. The growing segment is
// searched at once: what is written next would have to wait for it.
async function searchInThreads(table: Table, plan: SearchPlan, engines: Engines): Promise<readonly SegmentCandidates[] | undefined> {
  const { sealed } = table;
  const { core, concurrent = false } = engines;
  if (plan.sparse !== undefined || sealed[0]?.part(plan.field.name).vectors?.searchAsync === undefined || !isMuch(table, plan, concurrent)) return undefined;
  const before = table.segmentChanges;
  const intact = sealed.filter((segment) => takesPart(segment, plan));
  const others = unstored(table).filter((segment) => takesPart(segment, plan));
  const searchOthers = async (): Promise<readonly SegmentCandidates[] | undefined> => (concurrent && !isOneTurn(others, plan) ? searchHereInTurns(table, others, plan, engines) : searchHere(others, plan, core));
  try {
    return await keptInMemory(intact, async () => {
      const found = intact.map(async (segment) => searchSegmentInThreads(segment, plan, matchingRows(segment, plan.filter, core.predicates, segment.alive()?.slice())));
      const [last, ...parts] = await Promise.all([searchOthers(), ...found]);
      return last === undefined || table.segmentChanges !== before ? undefined : [...parts, ...last];
    });
  } catch (error) {
    // A table that was closed meanwhile is closed to the rest of the search, too.
    if (table.segmentChanges !== before) return undefined;
    throw error;
  }
}

/** Runs `work` while nothing of these segments is released. */
async function keptInMemory<T>(segments: readonly Segment[], work: () => Promise<T>): Promise<T> {
  for (const segment of segments) segment.beginUse();
  try {
    return await work();
  } finally {
    for (const segment of segments) segment.endUse();
  }
}

function unstored({ frozen, growing }: Table): readonly Segment[] {
  return growing === undefined ? frozen : [...frozen, growing];
}

function isMuch({ sealed }: Table, plan: SearchPlan, concurrent: boolean): boolean {
  if (plan.queryCount >= THREAD_QUERIES_MIN) return true;
  const values = sealed.reduce((sum, segment) => sum + segment.rows * plan.dim, 0);
  if (concurrent && plan.queryCount * values >= CONCURRENT_VALUES_MIN) return true;
  return plan.recall === 1 && plan.queryCount * values >= THREAD_VALUES_MIN;
}

// Undefined if the accelerator is not for this search, failed, or the table changed while it ran.
async function searchAccelerated(table: Table, plan: SearchPlan, engines: Engines): Promise<readonly SegmentCandidates[] | undefined> {
  const { accelerator, core } = engines;
  if (plan.queryCount === 1 || plan.range !== undefined || plan.field.type !== 'FloatVector' || table.sealed.length === 0 || prefersIndexes(table, plan)) return undefined;
  if (accelerator === undefined) void engines.wantAccelerator();
  if (accelerator === undefined || plan.queryCount < accelerator.queriesMin) return undefined;
  const before = table.changes;
  const intact = table.sealed.filter((segment) => takesPart(segment, plan));
  try {
    return await keptInMemory(intact, async () => {
      const parts: SegmentCandidates[] = [];
      for (const segment of intact) parts.push({ segment, candidates: await searchSealed(segment, plan, accelerator, core), recall: 1 });
      return table.changes === before ? [...parts, ...searchHere(unstored(table), plan, core)] : undefined;
    });
  } catch (error) {
    if (table.changes === before) engines.acceleratorFailed(error);
    return undefined;
  }
}

// A graph answers sooner than a device looks at every row.
function prefersIndexes(table: Table, plan: SearchPlan): boolean {
  return plan.recall < 1 && table.sealed.some((segment) => segment.part(plan.field.name).approximate !== undefined);
}

async function searchSealed(segment: Segment, plan: SearchPlan, accelerator: Accelerator, core: Core): Promise<Candidates> {
  const k = plan.offset + plan.limit;
  const part = segment.part(plan.field.name);
  const vectors = part.loaded as FlatIndex;
  const accelerated = await (part.accelerated ??= accelerator.attach(vectors));
  const { places } = part;
  const matching = matchingRows(segment, plan.filter, core.predicates, segment.alive());
  const rows = places === undefined ? matching : places.select(matching);
  const found = accelerated === undefined || k > accelerated.kMax ? vectors.search(plan.queries as Float32Array, k, rows) : await accelerated.search(plan.queries as Float32Array, k, rows);
  return places === undefined ? found : places.toRows(found);
}
