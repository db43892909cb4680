// Segment plan: which way a search goes through a segment's vectors. By recall: 1 is a look at every row that takes part.
// Else by the index, with the least effort that its calibration says is enough; without one by codes of the rows, if
// there are any; if nothing reaches the recall, by every row.
//
// Under a filter the core goes on deciding, query by query (native/src/index/ann_searcher.cc): few rows, whose codes take
// less than 240 KiB (512 KiB where what is near the query is cut out), are scored one by one; the graph is taken where
// at least 45 % of the rows met first pass, and left when it has scored 40 times what it keeps; else lists are read without the rows that do not
// pass, until for long (`patience`, calibrated) none has been among the k best. Measured so that none of 42 cells of
// data set, selectivity and correlation costs more than 1.4 times its best.

import { listsToRead } from '../../model/search-effort.js';
import type { FlatCodes } from '../../ports/core.js';
import { effortFor, givenEffort, type Effort } from './effort.js';
import type { SearchPlan } from './search-plan.js';
import type { SegmentIndex, VectorPart } from '../table/vector-part.js';

/** Rows that a search by an index gives at most; beyond, every row is looked at. */
export const INDEXED_K_MAX = 16_384;
/** Standard errors of 1-bit codes that are allowed for. */
const DEVIATIONS: readonly number[] = [1, 1.5, 2, 2.5, 3, 4];

export type SegmentPlan =
  | { readonly kind: 'flat'; readonly why: string }
  | { readonly kind: 'index'; readonly index: SegmentIndex; readonly effort: Effort; readonly why: string }
  | { readonly kind: 'codes'; readonly codes: FlatCodes; readonly deviations: number; readonly why: string };

type Asked = Pick<SearchPlan, 'recall' | 'effort' | 'index' | 'range'>;

/** The way for k rows. `filtered`: not every row takes part. */
export function planSegment({ approximate, codes }: Pick<VectorPart, 'approximate' | 'codes'>, plan: Asked, k: number, filtered: boolean): SegmentPlan {
  if (plan.recall === 1 && plan.effort === undefined) return { kind: 'flat', why: 'recall 1 was asked for, or an index that is exact' };
  if (approximate?.partial === true) return { kind: 'flat', why: `of the index ${approximate.ann.stage === 'scan' ? '1-bit' : '4-bit'} codes have come; vectors are asked for until the recall is to be expected` };
  if (approximate !== undefined) {
    const effort = effortOf(approximate, plan, k, filtered);
    if (effort === undefined) return { kind: 'flat', why: `no effort that was calibrated reaches recall ${plan.recall} for ${k} rows` };
    return { kind: 'index', index: approximate, effort, why: `${approximate.ann.kind}, effort ${effort.effort}, keep ${effort.keep}, rerank ${effort.rerank}${filtered ? `, patience ${effort.patience}` : ''}` };
  }
  if (codes === undefined) return { kind: 'flat', why: 'there is no index, and there are no codes yet' };
  if (plan.range?.rangeFilter !== undefined) return { kind: 'flat', why: 'codes do not begin at a score' };
  const deviations = DEVIATIONS.find((tried) => codes.recall({ deviations: tried }) >= plan.recall);
  return deviations === undefined ? { kind: 'flat', why: `codes do not reach recall ${plan.recall}` } : { kind: 'codes', codes, deviations, why: `codes, ${deviations} standard errors allowed for` };
}

/** What a search does for its recall; undefined where only looking at every row will do. */
export function effortOf({ ann, calibration }: SegmentIndex, { recall, effort, index }: Pick<SearchPlan, 'recall' | 'effort' | 'index'>, k: number, filtered: boolean): Effort | undefined {
  const lists: { readonly nprobe?: number } = effort?.nprobe === undefined ? {} : { nprobe: listsToRead(index, effort.nprobe, ann.lists) };
  // Who reads every list wants every row looked at, not the best by their codes.
  if (ann.kind === 'ivf' && lists.nprobe === ann.lists) return undefined;
  const given = effort && givenEffort(calibration, ann.kind, k, { ...effort, ...lists });
  return given ?? (recall === 1 ? undefined : effortFor(calibration, ann.kind, k, recall, filtered));
}
