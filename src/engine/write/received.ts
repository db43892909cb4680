// Received: a batch that a client pushed, before it is applied: checked as what a caller gives, its stamps believed only so
// far, and without the rows that something later has taken the place of.

import { decodeBatch, type Batch, type PushMark, type Stamps } from '../../format/batch.js';
import { sameBytes } from '../../format/bytes.js';
import type { ClientState } from '../../format/push-state.js';
import type { Schemas } from '../../format/schema-json.js';
import { hasBit } from '../../model/bitset.js';
import { pickColumn } from '../../model/column-rows.js';
import type { ColumnInput, ColumnsInput } from '../../model/column-input.js';
import type { Column, Columns } from '../../model/columns.js';
import { ElanusError, require, requireIntact } from '../../model/errors.js';
import { DYNAMIC_FIELD } from '../../model/field.js';
import { PARTITION_FIELD } from '../../model/hidden-field.js';
import { MILVUS } from '../../model/milvus-code.js';
import type { PrimaryKey } from '../../model/row.js';
import { functionOf, primaryField, shownSchema, type Schema } from '../../model/schema.js';
import { isLater, timeMax, type Stamp } from '../../model/stamp.js';
import type { PushRefusal } from '../api/push.js';
import type { HiddenValues } from '../collection/hidden-column.js';
import { hasPartitionColumn, hasPartitionKey } from '../collection/partitions.js';
import { completedColumns } from '../table/absent-column.js';
import { stampAt, stampsOfColumns, withStamps } from '../table/pushes.js';
import { columnsToBatch } from './column-batch.js';

/** Where a batch stands among those of its client: it is the next, it is here already, or it cannot be taken. */
export type Standing = 'next' | 'known' | PushRefusal;

/** `mark` of the batch, `before` the chain of the one before it, as the client says. */
export function standingOf(known: ClientState | undefined, { subject, id, chain }: PushMark, before: Uint8Array): Standing {
  if (known === undefined) return id === 1n ? 'next' : 'fork';
  if (!sameBytes(known.subject, subject)) return 'foreign';
  if (id < known.id) return 'known';
  if (id === known.id) return sameBytes(known.chain, chain) ? 'known' : 'fork';
  if (id > known.id + 1n) return 'gap';
  return sameBytes(known.chain, before) ? 'next' : 'fork';
}

/** Numbers of the partitions into which rows may go. */
export interface PartitionsTaken {
  readonly numbers: ReadonlySet<number>;
}

export interface Received {
  readonly keys: readonly PrimaryKey[];
  readonly stamps: Stamps;
  /** The times of the stamps as they came. */
  readonly sent: BigInt64Array;
  /** Rows whose stamps were set back. */
  readonly clamped: number;
  /** All of it; of a write by the newest schema. */
  readonly batch: Batch;
}

export type ReceivedWrite = Received & { readonly batch: Extract<Batch, { readonly kind: 'write' }> };

/** `writerOf` says whose a row is that says it is of a client. Errors: `InvalidArgument` for what no caller could have written; `Corrupt`; those of `writerOf`. */
export function readReceived(bytes: Uint8Array, schemas: Schemas, nowMs: number, partitions: PartitionsTaken, writerOf: (client: bigint) => bigint): Received {
  const where = 'a pushed batch';
  const batch = decodeBatch(bytes, schemas, where);
  requireIntact(batch.mark === undefined, where, 'expected no mark');
  const { schema } = schemas;
  if (batch.kind === 'delete') {
    require(batch.stamps !== undefined, () => `${where}: expected stamps`);
    const { stamps, clamped } = clampedStamps(ofWriters(batch.stamps, writerOf), nowMs);
    const { maxLength = Infinity } = primaryField(schema);
    batch.keys.forEach((key: PrimaryKey) => require(typeof key === 'bigint' || key.length <= maxLength, () => `${where}: a key of ${String(key).length} characters`));
    return { keys: Array.from(batch.keys as Iterable<PrimaryKey>), stamps, sent: batch.stamps.times, clamped, batch: { ...batch, stamps } };
  }
  const columns = completedColumns(batch.columns, schema);
  const stamps = stampsOfColumns(columns);
  return receivedWrite(stamps === undefined ? columns : withStamps(columns, ofWriters(stamps, writerOf)), schema, nowMs, partitions);
}

function ofWriters({ times, clients }: Stamps, writerOf: (client: bigint) => bigint): Stamps {
  return { times, clients: clients.map((client) => writerOf(client)) };
}

/** Rows that came, as all stored columns of `schema`. Errors: `InvalidArgument`. */
export function receivedWrite(given: Columns, schema: Schema, nowMs: number, partitions: PartitionsTaken): ReceivedWrite {
  const found = stampsOfColumns(given);
  require(found !== undefined, () => 'a pushed batch: expected stamps');
  const { stamps, clamped } = clampedStamps(found, nowMs);
  const { columns, ids } = columnsToBatch(inputOf(given, schema), schema, undefined, undefined, { partition: partitionOf(given, schema, partitions), partitions: partitions.numbers.size, micros: BigInt(Math.floor(nowMs)) * 1000n, stamp: stamps });
  return { keys: ids, stamps, sent: found.times, clamped, batch: { kind: 'write', columns } };
}

/** As `HiddenValues.partition` has it. Errors: `NotFound`. */
function partitionOf({ byName }: Columns, schema: Schema, { numbers }: PartitionsTaken): HiddenValues['partition'] {
  if (hasPartitionKey(schema)) return undefined;
  if (!hasPartitionColumn(schema)) return 0;
  const given = Array.from((byName.get(PARTITION_FIELD.name) as Column).values as Int32Array);
  const unknown = given.find((number) => !numbers.has(number));
  if (unknown !== undefined) throw new ElanusError('NotFound', `a pushed batch: no partition of number ${unknown}`, { milvusCode: MILVUS.partitionNotFound });
  return given;
}

function clampedStamps({ times, clients }: Stamps, nowMs: number): Pick<Received, 'stamps' | 'clamped'> {
  const max = timeMax(nowMs);
  let clamped = 0;
  const believed = times.map((time) => {
    require(time >= 0n, () => `a pushed batch: expected stamps of 0 or more, found ${time}`);
    if (time <= max) return time;
    clamped++;
    return max;
  });
  return { stamps: { times: believed, clients: clients.slice() }, clamped };
}

/** Stored columns as a caller gives them: what functions make is made again, what is hidden is given by us. */
export function inputOf({ rows, byName }: Columns, schema: Schema): ColumnsInput {
  const { fields, enableDynamicField } = shownSchema(schema);
  const names = [...fields.map(({ name }) => name).filter((name) => functionOf(schema, name) === undefined), ...(enableDynamicField ? [DYNAMIC_FIELD] : [])];
  return { columns: Object.fromEntries(names.map((name) => [name, columnInput(byName.get(name) as Column, rows)])) };
}

function columnInput(column: Column, rows: number): ColumnInput {
  const valid = column.valid === undefined ? {} : { valid: Array.from({ length: rows }, (_, row) => hasBit(column.valid as NonNullable<Column['valid']>, row)) };
  if (column.type === 'JSON') return { texts: column.values, ...valid };
  if (column.type === 'SparseFloatVector') return { offsets: column.offsets, indices: column.indices, values: column.values, ...valid };
  if (column.type === 'Array') return { offsets: column.offsets, values: column.values.values as ColumnInput & readonly never[], ...valid };
  return { values: column.values as ColumnInput & readonly never[], ...valid };
}

/**
 * What was set back is later than what the same client wrote before, which may have been set back to the same time: of what is `there` the time after that, at most the one that was
 * sent. So no stamp is above what was sent, and what a client writes next, whose time is above that, is later whether it is set back or not.
 */
export function inOwnOrder(received: Received, there: readonly Stamp[]): Received {
  const { stamps, sent, clamped, batch } = received;
  if (clamped === 0) return received;
  const times = stamps.times.map((time, row) => {
    const [came, before] = [sent[row] as bigint, there[row] as Stamp];
    if (time === came || before.client !== stamps.clients[row] || time > before.time) return time;
    return before.time < came ? before.time + 1n : came;
  });
  const ordered = { ...stamps, times };
  return { ...received, stamps: ordered, batch: batch.kind === 'delete' ? { ...batch, stamps: ordered } : { ...batch, columns: withStamps(batch.columns, ordered) } };
}

/** The batch less the rows for which something later is `there`, with its mark. */
export function survivors(received: Received, there: readonly Stamp[], mark: PushMark, schema: Schema): Batch {
  const rows = Uint32Array.from(received.keys.keys()).filter((row) => isLater(stampAt(received.stamps, row), there[row] as Stamp));
  return { ...someRows(received, rows, schema), mark };
}

/** As if these rows of it had come alone. */
export function receivedRows(received: Received, rows: Uint32Array, schema: Schema): Received {
  const { keys, stamps, sent } = received;
  return { ...received, keys: Array.from(rows, (row) => keys[row] as PrimaryKey), stamps: { times: picked(stamps.times, rows), clients: picked(stamps.clients, rows) }, sent: picked(sent, rows), batch: someRows(received, rows, schema) };
}

/** These rows of the batch. */
export function someRows({ batch, stamps, keys }: Received, rows: Uint32Array, schema: Schema): Batch {
  if (rows.length === keys.length) return batch;
  if (batch.kind === 'write') {
    const byName = new Map(Array.from(batch.columns.byName, ([name, column]) => [name, pickColumn(column, rows)] as const));
    return { kind: 'write', columns: { rows: rows.length, byName } };
  }
  return deletionOf(Array.from(rows, (row) => keys[row] as PrimaryKey), schema, { times: picked(stamps.times, rows), clients: picked(stamps.clients, rows) });
}

/** Of what changes nothing: the mark alone, with why. */
export function markOnly(mark: PushMark, schema: Schema): Batch {
  return { ...deletionOf([], schema, { times: new BigInt64Array(0), clients: new BigInt64Array(0) }), mark };
}

function deletionOf(keys: readonly PrimaryKey[], schema: Schema, stamps: Stamps): Batch {
  return { kind: 'delete', keys: primaryField(schema).type === 'Int64' ? BigInt64Array.from(keys as readonly bigint[]) : (keys as readonly string[]), stamps };
}

function picked(values: BigInt64Array, rows: Uint32Array): BigInt64Array {
  return BigInt64Array.from(rows, (row) => values[row] as bigint);
}

/** Whether the batch is at fault, and not the server: then it is answered, and the next go on. Once it is read, what is damaged or missing is the server's. */
export function isFaultOfBatch(error: unknown, isRead: boolean): error is ElanusError {
  if (!(error instanceof ElanusError)) return false;
  const { code } = error;
  return code === 'InvalidArgument' || code === 'Unsupported' || code === 'NotPermitted' || (!isRead && (code === 'Corrupt' || code === 'NotFound'));
}
