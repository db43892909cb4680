// Expiry: rows of sealed segments that have expired are marked as deleted for good, so that merges drop them. Reads do not
// see them anyway, so nothing depends on when that happens; a row that was written anew under their key stays.

import { setRows } from '../../model/bitset.js';
import { primaryField } from '../../model/schema.js';
import type { Predicates } from '../../ports/core.js';
import { fieldsOf } from '../../query/fields.js';
import type { CheckedFilter } from '../../query/check.js';
import type { CollectionState } from './collection-state.js';
import { matchingRows } from '../read/matching.js';
import { keyOf } from '../read/output.js';
import { lifeScope } from './scope.js';
import { deletionsStored } from '../upkeep/sealer.js';
import type { Segment } from '../table/segment.js';
import { unlessDamaged } from '../read/visit.js';

/** Gives how many there were. Errors: those of the storage. */
export async function dropExpired(state: CollectionState, predicates: Predicates): Promise<number> {
  const living = lifeScope(state);
  if (living.length === 0 || !state.writes) return 0;
  const expired: CheckedFilter = { kind: 'not', operand: { kind: 'and', operands: living } };
  const found = new Map<Segment, Uint32Array>();
  for (const segment of state.table().sealed) {
    if (segment.damage !== undefined) continue;
    const columns = [...fieldsOf(expired), primaryField(state.schema).name];
    await unlessDamaged(state, segment, () =>
      state.residency.use(segment, { columns }, () => {
        const rows = Uint32Array.from(setRows(matchingRows(segment, expired, predicates, segment.alive()) ?? new Uint8Array(0)));
        if (rows.length > 0) found.set(segment, rows);
      }),
    );
  }
  if (found.size === 0) return 0;
  return state.writer().exclusive(() => forget(state, found));
}

async function forget(state: CollectionState, found: ReadonlyMap<Segment, Uint32Array>): Promise<number> {
  const table = state.ownTable;
  let count = 0;
  for (const [segment, rows] of found) {
    if (!table.sealed.includes(segment)) continue;
    const { name } = primaryField(state.schema);
    await state.residency.use(segment, { columns: [name] }, () => {
      for (const row of rows) if (segment.isAlive(row)) count += table.delete([keyOf(segment, row, state.schema)], table.storedEpoch);
    });
  }
  if (count === 0) return 0;
  const segments = await deletionsStored(state);
  await state.manifests.change((before) => ({ ...before, segments }));
  state.takeEntries();
  await state.sweep();
  return count;
}
