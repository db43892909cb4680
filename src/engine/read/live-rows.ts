// LiveRows: all rows of a collection as of one moment, segment by segment and portion by portion, as columns.

import type { Columns } from '../../model/columns.js';
import { throwIfAborted } from '../database/background.js';
import type { CollectionState } from '../collection/collection-state.js';
import { requireWhole } from '../collection/missing.js';
import { portionsOf, readPortion } from '../upkeep/merged-rows.js';

export interface RowPortion {
  /** Which of the segments it is of; portions of one follow each other. */
  readonly segment: number;
  /** All stored columns. */
  readonly columns: Columns;
}

/** REQUIRES: nothing grows, as after a seal; rows that are written since are not in it. Errors: `Corrupt` if rows are missing; `Closed` if aborted. */
export async function* liveRows(state: CollectionState, signal: AbortSignal | undefined): AsyncGenerator<RowPortion> {
  requireWhole(state, 'a part of the rows is not sent for all');
  const { environment, residency, schema } = state;
  const sources = state.table().sealed.map((segment) => ({ segment, rows: segment.rowsWhere(true) }));
  for (const { segment } of sources) segment.retain();
  try {
    const pause = async (): Promise<void> => {
      await environment.ambient.pause();
      if (signal !== undefined) throwIfAborted(signal);
    };
    for (const [at, source] of sources.entries()) {
      for (const portion of portionsOf([source], schema)) yield { segment: at, columns: await readPortion(portion, { schema, residency, pause }) };
    }
  } finally {
    for (const { segment } of sources) segment.release();
  }
}
