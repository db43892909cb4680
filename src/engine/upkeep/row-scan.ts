// Row scan: exact search of a segment whose vectors are read from storage for it, piece by piece, and not kept.

import { bitsetOf, countBits, hasBit, setBit, setRows, type Bitset } from '../../model/bitset.js';
import { vectorBytes } from '../../format/extents.js';
import { valuesPerRow } from '../../model/columns.js';
import type { Candidates, Core, VectorElement, VectorValues } from '../../ports/core.js';
import { CandidateList } from '../search/candidate-list.js';
import type { DenseField } from '../../model/schema.js';
import type { SearchPlan } from '../search/search-plan.js';
import type { Segment, StoredSegment } from '../table/segment.js';
import { flatOf } from '../table/vector-part.js';

/** Below this share of the rows only those that take part are read. */
const FEW_SHARE = 0.02;
/** Vectors that are read at once where few take part. */
const FEW_BYTES = 4 * 1024 * 1024;

/** `matching` rows take part; all of them if undefined. Errors: `Corrupt`, `OutOfMemory`. */
export async function scanRows(segment: Segment, plan: SearchPlan, matching: Bitset | undefined, core: Core): Promise<Candidates> {
  const list = new CandidateList(plan.queryCount, plan.offset + plan.limit);
  const { files } = segment.stored as StoredSegment;
  const { places } = segment.part(plan.field.name);
  const rows = places === undefined ? matching : places.defined(matching);
  if (rows !== undefined && countBits(rows) < segment.rows * FEW_SHARE) {
    const wanted = Uint32Array.from(setRows(rows));
    const atOnce = Math.max(1, Math.floor(FEW_BYTES / vectorBytes(plan.field)));
    for (let first = 0; first < wanted.length; first += atOnce) {
      const some = wanted.subarray(first, first + atOnce);
      scanPiece(await files.vectors(plan.field.name, some), undefined, (position) => some[position] as number, plan, core, list);
    }
    return list.candidates();
  }
  for await (const { first, values } of files.scan(plan.field.name)) {
    const count = values.length / valuesPerRow(plan.field);
    const part = rows && bitsFrom(rows, first, count);
    scanPiece(values, part, (position) => first + position, plan, core, list);
  }
  return list.candidates();
}

function scanPiece(values: VectorValues<VectorElement>, part: Bitset | undefined, rowAt: (position: number) => number, plan: SearchPlan, core: Core, list: CandidateList): void {
  const piece = flatOf(plan.field as DenseField, core);
  try {
    piece.append(values);
    const { k, counts, rows, scores } = piece.search(plan.queries, plan.offset + plan.limit, part, plan.range);
    for (let q = 0; q < plan.queryCount; q++) {
      const count = counts[q] as number;
      if (count === 0) continue;
      list.add(q, rows.slice(q * k, q * k + count).map(rowAt), scores.slice(q * k, q * k + count), plan.metric);
    }
  } finally {
    piece.close();
  }
}

function bitsFrom(bits: Bitset, first: number, count: number): Bitset {
  const part = bitsetOf(count, false);
  for (let at = 0; at < count; at++) if (hasBit(bits, first + at)) setBit(part, at);
  return part;
}
