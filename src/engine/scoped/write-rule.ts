// WriteRule: what is pushed by who may write some rows alone: rows of the rule, in the place of such or of none. A deletion of what is
// not there is nobody's: it is left out, as remembering it would keep out what others write under that key.

import { setRows } from '../../model/bitset.js';
import { ElanusError } from '../../model/errors.js';
import type { PrimaryKey } from '../../model/row.js';
import type { CheckedFilter } from '../../query/check.js';
import { evaluateFilter } from '../../query/evaluate.js';
import type { CollectionState } from '../collection/collection-state.js';
import { analyzeBy } from '../database/analyzers.js';
import type { RowPlace } from '../read/fetch.js';
import { holdsAt } from '../search/place-values.js';
import { receivedRows, type Received } from '../write/received.js';

/** What of it may be taken. Errors: `NotPermitted`, naming the first row that may not; `StorageFailed` where a damaged file hides what is there. */
export async function requireWithin(state: CollectionState, received: Received, filter: CheckedFilter): Promise<Received> {
  const { batch, keys } = received;
  const { predicates } = state.environment.core;
  if (batch.kind === 'write') {
    const within = new Set(setRows(evaluateFilter(filter, batch.columns, predicates, { analyze: analyzeBy(state.schema) })));
    requireAll(keys, (at) => within.has(at), 'would not be');
  }
  const table = state.table();
  const there = keys.flatMap((key): readonly (RowPlace & { readonly key: PrimaryKey })[] => {
    const place = table.keys.get(key);
    return place === undefined ? [] : [{ key, segment: table.segment(place.ordinal), row: place.row }];
  });
  const damage = there.find(({ segment }) => segment.damage !== undefined);
  if (damage !== undefined) throw new ElanusError('StorageFailed', `the row ${String(damage.key)} is in a file that is damaged or missing`, { cause: damage.segment.damage });
  for (const { segment } of there) segment.retain();
  try {
    const within = new Set(setRows(await holdsAt(state, there, filter, predicates)));
    requireAll(there.map(({ key }) => key), (at) => within.has(at), 'is not');
  } finally {
    for (const { segment } of there) segment.release();
  }
  if (batch.kind === 'write' || there.length === keys.length) return received;
  const rows = Uint32Array.from(keys.keys()).filter((row) => table.keys.get(keys[row] as PrimaryKey) !== undefined);
  return receivedRows(received, rows, state.schema);
}

function requireAll(keys: readonly PrimaryKey[], isWithin: (at: number) => boolean, word: string): void {
  const outside = keys.find((_, at) => !isWithin(at));
  if (outside !== undefined) throw new ElanusError('NotPermitted', `the row ${String(outside)} ${word} among those that the caller may write`);
}
