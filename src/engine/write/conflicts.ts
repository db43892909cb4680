// Conflicts: a pushed batch whose collection has a rule for rows that meet what somebody else wrote. The batch that is logged is
// what the rule made of it, so that it is asked once, and never by a replay. What it changes against the stamps is stamped anew, later than all.

import type { Batch, PushMark, Stamps } from '../../format/batch.js';
import { hasBit } from '../../model/bitset.js';
import { joinedColumn } from '../../model/column-rows.js';
import { valuesPerRow, type Column, type Columns } from '../../model/columns.js';
import { ElanusError, require } from '../../model/errors.js';
import { isDenseVector } from '../../model/field.js';
import { PARTITION_FIELD } from '../../model/hidden-field.js';
import type { FieldValue, PrimaryKey, Row, RowInput } from '../../model/row.js';
import { primaryField, storedFields, type DenseField, type Schema } from '../../model/schema.js';
import { isLater, type Stamp } from '../../model/stamp.js';
import type { Conflict, OnConflict } from '../api/push.js';
import type { CollectionState } from '../collection/collection-state.js';
import { hasPartitionColumn, hasPartitionKey, partitionsOf } from '../collection/partitions.js';
import { fetchRows } from '../read/fetch.js';
import { planOutput, rowOf, vectorValue, type Output } from '../read/output.js';
import { LoadedColumns } from '../table/loaded-columns.js';
import { stampAt, stampsOfColumns, withStamps, type Pushes } from '../table/pushes.js';
import type { VectorPart } from '../table/vector-part.js';
import { someRows, type Received } from './received.js';
import { rowsToBatch } from './row-batch.js';
import { hidden, placesThere, whileHeld } from './there.js';
import { keyValue } from './value.js';

/** Conflicts between two turns of others. */
const ASKED_AT_ONCE = 64;
/** What a rule may take for a batch. */
const RULE_MS_MAX = 5000;

interface Decided {
  /** Rows of the batch that stay, ascending. */
  readonly kept: readonly number[];
  /** Those of them that are not later than what is there. */
  readonly restamped: ReadonlySet<number>;
  /** By the row that came. */
  readonly merged: ReadonlyMap<number, RowInput>;
}

export class Settlement {
  readonly #state: CollectionState;
  readonly #received: Received;
  readonly #there: readonly Stamp[];
  readonly #pushes: Pushes;
  readonly #mark: PushMark;

  /** `there`: when what is there of each key was written, as `stampsThere` gives it. */
  constructor(state: CollectionState, received: Received, there: readonly Stamp[], pushes: Pushes, mark: PushMark) {
    this.#state = state;
    this.#received = received;
    this.#there = there;
    this.#pushes = pushes;
    this.#mark = mark;
  }

  /** The batch to be logged. Errors: `InvalidArgument` for what the rule throws, or gives and cannot stay; those of reading what is there. */
  async batch(rule: OnConflict): Promise<Batch> {
    const { schema } = this.#state;
    const decided = await this.#decide(rule);
    const { kept, restamped, merged } = decided;
    const left = someRows(this.#received, Uint32Array.from(kept), schema);
    if (restamped.size === 0 && merged.size === 0) return { ...left, mark: this.#mark };
    const stamp = this.#stamp();
    if (left.kind === 'delete') return { ...left, stamps: restampedRows(left.stamps as Stamps, decided, stamp), mark: this.#mark };
    const columns = withStamps(left.columns, restampedRows(stampsOfColumns(left.columns) as Stamps, decided, stamp));
    return { kind: 'write', columns: merged.size === 0 ? columns : joined(columns, this.#mergedColumns(merged, stamp), schema), mark: this.#mark };
  }

  async #decide(rule: OnConflict): Promise<Decided> {
    const { keys, stamps } = this.#received;
    const conflicts = await this.#conflicts();
    const { ambient } = this.#state.environment;
    const sinceMs = ambient.nowMs();
    const kept: number[] = [];
    const restamped = new Set<number>();
    const merged = new Map<number, RowInput>();
    const asked = new Set([...conflicts.values()].map(({ key }) => key));
    let count = 0;
    for (const [row, key] of keys.entries()) {
      const isIncomingLater = isLater(stampAt(stamps, row), this.#there[row] as Stamp);
      const conflict = conflicts.get(row);
      if (conflict === undefined) {
        // Of a key that comes twice the last is asked about, the others are replaced by it.
        if (isIncomingLater && !asked.has(key)) kept.push(row);
        continue;
      }
      const answer = this.#ask(rule, conflict, row);
      if (typeof answer === 'object') merged.set(row, answer);
      else if (answer === 'incoming') kept.push(row);
      if (answer === 'incoming' && !isIncomingLater) restamped.add(row);
      if (++count % ASKED_AT_ONCE !== 0) continue;
      await ambient.pause();
      require(ambient.nowMs() - sinceMs <= RULE_MS_MAX, () => `the rule for conflicts takes more than ${RULE_MS_MAX} ms for a batch: send fewer rows at once`);
    }
    return { kept, restamped, merged };
  }

  /** By the rows of the batch, in their order. */
  async #conflicts(): Promise<ReadonlyMap<number, Conflict>> {
    const { schema } = this.#state;
    const { keys, stamps, batch } = this.#received;
    const output = planOutput(schema, ['*'], true);
    const last = new Map(keys.map((key, row) => [key, row]));
    const table = this.#state.table();
    const isMet = (key: PrimaryKey): boolean => table.keys.get(key) !== undefined || (batch.kind === 'write' && this.#pushes.isDeleted(key));
    const rows = [...last].filter(([key, row]) => (this.#there[row] as Stamp).client !== stampAt(stamps, row).client && isMet(key)).map(([, row]) => row).sort((a, b) => a - b);
    const met = rows.map((row) => keys[row] as PrimaryKey);
    const existing = await whileHeld(placesThere(this.#state, met), async (places) => {
      const found = await fetchRows(this.#state, places, output);
      return new Map(places.map(({ at }, place) => [at, found[place] ?? lost(met[at] as PrimaryKey)] as const));
    });
    const incoming = batch.kind === 'write' ? rowsOfColumns(batch.columns, rows, output) : [];
    return new Map(rows.map((row, at) => [row, { key: met[at] as PrimaryKey, existing: existing.get(at), incoming: incoming[at], later: isLater(stampAt(stamps, row), this.#there[row] as Stamp) ? 'incoming' : 'existing' }]));
  }

  #ask(rule: OnConflict, conflict: Conflict, row: number): ReturnType<OnConflict> {
    const where = `row ${row}, key ${String(conflict.key)}: the rule for conflicts`;
    let answer: unknown;
    try {
      answer = rule(conflict);
    } catch (cause) {
      throw new ElanusError('InvalidArgument', `${where}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
    if (answer === 'existing' || answer === 'incoming') return answer;
    require(typeof answer === 'object' && answer !== null && !Array.isArray(answer) && !('then' in answer), () => `${where}: expected 'existing', 'incoming' or a row, found ${Array.isArray(answer) ? 'an array' : typeof answer === 'object' && answer !== null ? 'a promise' : String(answer)}`);
    require(conflict.incoming !== undefined, () => `${where}: a deletion is taken or not, and becomes no row`);
    const { name } = primaryField(this.#state.schema);
    const { [name]: key = conflict.key, ...rest } = answer as RowInput;
    require(keyValue(primaryField(this.#state.schema), key, () => where) === conflict.key, () => `${where}: expected the same key, found ${String(key)}`);
    return { ...rest, [name]: key };
  }

  /** The server's own, above all that there is and that came. */
  #stamp(): Stamp {
    for (const time of this.#received.stamps.times) this.#pushes.clock.shown(time);
    return this.#pushes.next();
  }

  #mergedColumns(merged: Decided['merged'], stamp: Stamp): Columns {
    const { schema, manifests, environment } = this.#state;
    const { batch } = this.#received;
    const given = batch.kind === 'write' && hasPartitionColumn(schema) && !hasPartitionKey(schema) ? (batch.columns.byName.get(PARTITION_FIELD.name)?.values as Int32Array) : undefined;
    const partition = hasPartitionKey(schema) ? undefined : given === undefined ? 0 : Array.from(merged.keys(), (row) => given[row] as number);
    const micros = BigInt(Math.floor(environment.ambient.nowMs())) * 1000n;
    return rowsToBatch([...merged.values()], schema, undefined, undefined, { partition, partitions: partitionsOf(manifests.manifest).list.length, micros, stamp }).columns;
  }
}

function lost(key: PrimaryKey): never {
  throw hidden(key);
}

/** These rows as reads give them. */
function rowsOfColumns({ rows: count, byName }: Columns, rows: readonly number[], output: Output): readonly Row[] {
  const columns = new LoadedColumns(count);
  for (const [name, column] of byName) columns.add(name, column, 0);
  const dense = output.fields.filter((field): field is DenseField => isDenseVector(field.type));
  const part = (name: string): VectorPart => {
    throw new Error(`vector "${name}" is given apart`);
  };
  return rows.map((row) => rowOf({ columns, part }, row, output, new Map(dense.map((field) => [field.name, vectorAt(byName.get(field.name) as Column, field, row)]))));
}

function vectorAt(column: Column, field: DenseField, row: number): FieldValue {
  if (column.valid !== undefined && !hasBit(column.valid, row)) return null;
  const perRow = valuesPerRow(field);
  return vectorValue(field.type, (column.values as Float32Array).slice(row * perRow, (row + 1) * perRow));
}

/** The stamps of the rows that are kept. */
function restampedRows({ times, clients }: Stamps, { kept, restamped }: Decided, stamp: Stamp): Stamps {
  const pick = (of: BigInt64Array, anew: bigint): BigInt64Array => BigInt64Array.from(of, (value, at) => (restamped.has(kept[at] as number) ? anew : value));
  return { times: pick(times, stamp.time), clients: pick(clients, stamp.client) };
}

function joined(a: Columns, b: Columns, schema: Schema): Columns {
  const byName = new Map(storedFields(schema).map((field): [string, Column] => [field.name, joinedColumn([a.byName.get(field.name) as Column, b.byName.get(field.name) as Column], field)]));
  return { rows: a.rows + b.rows, byName };
}
