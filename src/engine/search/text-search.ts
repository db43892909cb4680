// Text search: the queries of a search for texts get their weights, by statistics of all live rows of the segments that
// are searched. What the statistics of a segment take is in memory with what its search takes.

import { countBits, type Bitset } from '../../model/bitset.js';
import { BM25_DEFAULTS, checkBm25Params, type Bm25Params } from '../../text/bm25.js';
import { CountedTexts } from '../../text/text-index.js';
import type { SearchPlan } from './search-plan.js';
import type { Segment } from '../table/segment.js';
import type { SparsePart } from '../table/sparse-part.js';
import { unlessDamaged, type Reader } from '../read/visit.js';

interface Part {
  readonly segment: Segment;
  /** The rows that are not deleted; undefined if none is. */
  readonly alive: Bitset | undefined;
}

/** The plan with its texts weighed, unless they are. REQUIRES: the field of all `parts` is in memory. */
export function weighed(plan: SearchPlan, parts: readonly Part[]): SearchPlan {
  if (plan.texts === undefined) return plan;
  const counted = new CountedTexts(plan.texts);
  for (const part of parts) count(counted, part, plan);
  return withWeights(plan, counted);
}

/** The same where it may have to be read. The segments are held. */
export async function weighedStored(reader: Reader, parts: readonly Part[], plan: SearchPlan): Promise<SearchPlan> {
  if (plan.texts === undefined) return plan;
  const counted = new CountedTexts(plan.texts);
  // What is in memory first and at once: what grows is seen as it was.
  const loaded = new Set(parts.filter(({ segment }) => sparsePart(segment, plan).isLoaded));
  for (const part of loaded) count(counted, part, plan);
  for (const part of parts) {
    if (loaded.has(part)) continue;
    const { segment } = part;
    await unlessDamaged(reader, segment, () => reader.residency.use(segment, { columns: [], field: plan.field.name, part: 'index' }, () => count(counted, part, plan)));
  }
  return withWeights(plan, counted);
}

function sparsePart(segment: Segment, { field }: SearchPlan): SparsePart {
  return segment.sparse.get(field.name) as SparsePart;
}

function count(counted: CountedTexts, { segment, alive }: Part, plan: SearchPlan): void {
  if (segment.damage !== undefined) return;
  const index = sparsePart(segment, plan).texts;
  counted.add({ index, alive, deleted: alive === undefined ? 0 : segment.rows - countBits(alive) });
}

function withWeights(plan: SearchPlan, counted: CountedTexts): SearchPlan {
  const { rows, bm25 } = counted.queries(bm25Of(plan));
  return { ...plan, texts: undefined, sparse: { rows, bm25, dropRatio: plan.sparse?.dropRatio ?? 0 } };
}

/** Those of the index as it was asked for. */
function bm25Of({ index: { params } }: SearchPlan): Bm25Params {
  const number = (name: string, preset: number): number => (params[name] === undefined ? preset : Number(params[name]));
  return checkBm25Params({ k1: number('bm25_k1', BM25_DEFAULTS.k1), b: number('bm25_b', BM25_DEFAULTS.b) });
}
