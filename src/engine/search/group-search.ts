// Group search: the nearest rows of each of the nearest groups. How many rows that takes is not known before: more are asked
// for until there are enough groups, at last without the rows of groups that need no more. With exact search the groups are
// exactly those of a look at every row; with an index they are as near as its recall makes them.

import { LIMITS } from '../../model/limits.js';
import type { Core } from '../../ports/core.js';
import { pathReader, type PathValue } from '../../query/field-path.js';
import { HitGroups, type GroupBy, type HitGroup } from '../../query/grouping.js';
import { compareScores, isAscending } from '../../query/score.js';
import { rank, type Ranked } from './candidates.js';
import type { Moment } from './moment.js';
import { valuesAt } from './place-values.js';
import type { SearchPlan } from './search-plan.js';
import type { Segment } from '../table/segment.js';
import { searchStored } from './stored-search.js';
import { weighedStored } from './text-search.js';
import { unlessDamaged, type Reader } from '../read/visit.js';

const ROWS_FIRST = 64;
const ROWS_GROWTH = 4;

export interface Ranking {
  readonly hits: readonly Ranked[];
  readonly recall: number;
}

export interface GroupRanking {
  /** Nearest first, and so are their hits. */
  readonly groups: readonly HitGroup<Ranked>[];
  readonly recall: number;
}

/** The `k` best rows of a moment for the one query of `plan`. */
export async function rankAt(reader: Reader, moment: Moment, given: SearchPlan, k: number, core: Core, without?: ReadonlyMap<Segment, Iterable<number>>): Promise<Ranking> {
  const plan = await weighedStored(reader, moment.parts(), given);
  const found = await searchStored(reader, moment.parts(without), { ...plan, limit: k, offset: 0 }, core);
  return { hits: rank(found, 0, plan.metric, 0, k), recall: found.reduce((least, { recall }) => Math.min(least, recall), 1) };
}

/** The first `wanted` groups for the one query of `plan`. */
export async function searchGroups(reader: Reader, moment: Moment, plan: SearchPlan, { path, size, strict }: GroupBy, wanted: number, core: Core): Promise<GroupRanking> {
  let groups = new HitGroups<Ranked>(size);
  let recall = 1;
  const enough = (): boolean => groups.count >= wanted && (!strict || groups.fullOf(wanted) === wanted);
  const take = async (k: number, without?: ReadonlyMap<Segment, Iterable<number>>): Promise<boolean> => {
    const found = await rankAt(reader, moment, plan, k, core, without);
    recall = Math.min(recall, found.recall);
    const values = await valuesAt(reader, found.hits, path);
    found.hits.forEach((hit, at) => {
      const value = values[at];
      if (value !== undefined) groups.add(value, hit);
    });
    return found.hits.length < k;
  };
  let exhausted = false;
  let k = Math.min(LIMITS.topKMax, Math.max(ROWS_FIRST, 2 * wanted * size));
  for (; ; k = Math.min(LIMITS.topKMax, k * ROWS_GROWTH)) {
    groups = new HitGroups(size);
    exhausted = await take(k);
    if (exhausted || enough() || k === LIMITS.topKMax) break;
  }
  while (!exhausted && !enough()) exhausted = await take(k, await settledRows(reader, moment, groups, path, wanted, strict));
  return { groups: sorted(groups.all(), moment, plan).slice(0, wanted), recall };
}

// Rows that would add nothing: those of groups that need no more, and those that were found.
async function settledRows(reader: Reader, moment: Moment, groups: HitGroups<Ranked>, path: GroupBy['path'], wanted: number, strict: boolean): Promise<ReadonlyMap<Segment, Iterable<number>>> {
  const complete = groups.count >= wanted;
  const settled = (value: PathValue): boolean => groups.isSettled(value, strict) || (complete && !groups.has(value));
  const rows = new Map<Segment, number[]>();
  for (const { segment } of moment.parts()) {
    const found: number[] = [];
    await unlessDamaged(reader, segment, () =>
      reader.residency.use(segment, { columns: [path.column] }, () => {
        const read = pathReader(segment.columns.snapshot(), path);
        for (let row = 0; row < segment.rows; row++) if (settled(read(row))) found.push(row);
      }),
    );
    rows.set(segment, found);
  }
  for (const { hits } of groups.all()) for (const { segment, row } of hits) rows.get(segment)?.push(row);
  return rows;
}

// What a later look finds may be nearer where an index is approximate.
function sorted(groups: readonly HitGroup<Ranked>[], moment: Moment, { metric }: SearchPlan): readonly HitGroup<Ranked>[] {
  const ascending = isAscending(metric);
  const compare = (a: Ranked, b: Ranked): number => compareScores(a.score, b.score, ascending) || moment.compare(a, b);
  for (const { hits } of groups) hits.sort(compare);
  return [...groups].sort((a, b) => compare(a.hits[0] as Ranked, b.hits[0] as Ranked));
}
