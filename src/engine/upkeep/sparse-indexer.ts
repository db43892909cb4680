// Sparse indexer: the index file of a segment's sparse vectors, made of their column in steps, off the path of every call.

import { sliceColumn } from '../../model/column-rows.js';
import type { SparseColumn } from '../../model/columns.js';
import type { SparseField } from '../../model/schema.js';
import type { Core, SparseIndex } from '../../ports/core.js';
import { sparseRows } from '../write/sparse-vector.js';
import { vectorsOf } from '../write/text-vectors.js';

/** Rows of one step. */
const STEP_ROWS = 1024;

export interface BuiltSparse {
  readonly kind: 'sparse';
  readonly bytes: Uint8Array;
  readonly index: SparseIndex;
}

/** Of texts, in tokens. */
function lengthsOf(column: SparseColumn, first: number, end: number): Uint32Array {
  return Uint32Array.from(vectorsOf(column, first, end), ({ length }) => length);
}

/** Of at least one row, with a `pause` after each step. Undefined if it was aborted. Errors: `OutOfMemory`. */
export async function buildSparseIndex(field: SparseField, column: SparseColumn, rowsSha256: Uint8Array, core: Core, pause: () => Promise<void>, signal?: AbortSignal): Promise<BuiltSparse | undefined> {
  const rows = column.offsets.length - 1;
  const build = core.buildSparse(field.metric === 'BM25' ? 'frequencies' : 'impacts');
  try {
    for (let first = 0; first < rows; first += STEP_ROWS) {
      const end = Math.min(rows, first + STEP_ROWS);
      build.append(sparseRows(sliceColumn(column, first, end)), build.weights === 'impacts' ? undefined : lengthsOf(column, first, end));
      await pause();
      if (signal?.aborted === true) return undefined;
    }
    const bytes = build.finish(rowsSha256);
    return { kind: 'sparse', bytes, index: core.openSparse(bytes) };
  } finally {
    build.close();
  }
}
