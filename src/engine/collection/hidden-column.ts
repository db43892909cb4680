// HiddenColumn: what rows have in the columns that a collection keeps for itself.

import type { Stamps } from '../../format/batch.js';
import type { Column, Columns } from '../../model/columns.js';
import type { Field } from '../../model/field.js';
import { CLIENT_FIELD, PARTITION_FIELD, STAMP_FIELD } from '../../model/hidden-field.js';
import { partitionOfKey } from '../../model/partition.js';
import type { PrimaryKey } from '../../model/row.js';
import type { Schema } from '../../model/schema.js';
import { NO_STAMP, type Stamp } from '../../model/stamp.js';

export interface HiddenValues {
  /** The partition of all rows, or of each; undefined where the partition key says it. */
  readonly partition: number | readonly number[] | undefined;
  /** Over so many partitions a partition key spreads rows. */
  readonly partitions: number;
  /** When they are written, in microseconds since 1970. */
  readonly micros: bigint;
  /** Of all rows, or of each. */
  readonly stamp: Stamp | Stamps;
}

export const NO_HIDDEN: HiddenValues = { partition: 0, partitions: 1, micros: 0n, stamp: NO_STAMP };

/** Of one hidden field; `columns` has those of the fields. */
export function hiddenColumn(field: Field, schema: Schema, rows: number, columns: Columns['byName'], { partition, partitions, micros, stamp }: HiddenValues): Column {
  if (field.name === STAMP_FIELD.name) return { type: 'Int64', values: 'times' in stamp ? stamp.times : new BigInt64Array(rows).fill(stamp.time) };
  if (field.name === CLIENT_FIELD.name) return { type: 'Int64', values: 'times' in stamp ? stamp.clients : new BigInt64Array(rows).fill(stamp.client) };
  if (field.name !== PARTITION_FIELD.name) return { type: 'Timestamptz', values: new BigInt64Array(rows).fill(micros) };
  if (typeof partition === 'number') return { type: 'Int32', values: new Int32Array(rows).fill(partition) };
  if (partition !== undefined) return { type: 'Int32', values: Int32Array.from(partition) };
  const key = schema.fields.find(({ partitionKey }) => partitionKey === true) as Field;
  const given = columns.get(key.name)?.values as ArrayLike<PrimaryKey>;
  return { type: 'Int32', values: Int32Array.from(given, (value) => partitionOfKey(value, partitions)) };
}
