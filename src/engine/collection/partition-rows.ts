// PartitionRows: how many rows each partition of a collection has. Of a collection without partitions that is known; else
// one column is read.

import { bitsetOf, setRows, type Bitset } from '../../model/bitset.js';
import { PARTITION_FIELD } from '../../model/hidden-field.js';
import { DEFAULT_PARTITION } from '../../model/partition.js';
import type { Predicates } from '../../ports/core.js';
import type { CollectionState } from './collection-state.js';
import { countRows } from '../read/lookup.js';
import { hasPartitionColumn, partitionsOf } from './partitions.js';
import { compileFiltered, scopedWhole } from './scope.js';
import type { Segment } from '../table/segment.js';
import { visitSegments } from '../read/visit.js';

/** Live rows by the partition's name, in order of their making. */
export async function countByPartition(state: CollectionState, predicates: Predicates): Promise<ReadonlyMap<string, number>> {
  const { list } = partitionsOf(state.manifests.manifest);
  const { schema } = state;
  if (!hasPartitionColumn(schema)) return new Map([[DEFAULT_PARTITION.name, await countRows(state, schema, scopedWhole(state, {}), predicates)]]);
  const counts = new Map(list.map(({ number }) => [number, 0]));
  const living = compileFiltered(scopedWhole(state, {}), schema);
  const look = (segment: Segment, rows: Bitset | undefined): void => {
    const numbers = segment.columns.snapshot().byName.get(PARTITION_FIELD.name)?.values as Int32Array;
    for (const row of setRows(rows ?? bitsetOf(segment.rows, true))) {
      const number = numbers[row] as number;
      counts.set(number, (counts.get(number) ?? 0) + 1);
    }
  };
  await visitSegments(state, { columns: [PARTITION_FIELD.name], filter: living, predicates }, look, () => undefined);
  return new Map(list.map(({ name, number }) => [name, counts.get(number) ?? 0]));
}
