// CollectionWrites: the verbs that change rows. A call is checked before anything is changed; a write is acknowledged
// when it is durable and visible.

import { encodeBatchParts, type WriteBatch } from '../../format/batch.js';
import { lengthOf } from '../../format/bytes.js';
import type { Push } from '../../format/push.js';
import { checkAck, type Ack } from '../../model/ack.js';
import { ElanusError, require } from '../../model/errors.js';
import { areColumns, type ColumnsInput } from '../../model/column-input.js';
import type { FilterInput, FilterParams } from '../../model/filter-object.js';
import { LIMITS } from '../../model/limits.js';
import { MILVUS } from '../../model/milvus-code.js';
import type { PrimaryKey, RowInput } from '../../model/row.js';
import type { WritableRows } from '../../model/row-scope.js';
import { primaryField } from '../../model/schema.js';
import { NO_STAMP } from '../../model/stamp.js';
import type { Predicates } from '../../ports/core.js';
import type { CheckedFilter } from '../../query/check.js';
import type { DeleteResult, MutationResult, UpsertOptions, WriteOptions } from '../api.js';
import type { OnConflict, PushAnswer } from '../api/push.js';
import type { AdoptedSegment } from '../api/upload.js';
import { Adoption, type AdoptionOptions, type SentFile } from '../write/adoption.js';
import { AutoIds } from '../write/auto-id.js';
import { BatchRoom } from '../write/batch-room.js';
import { areOneTurn, columnsToBatchInTurns } from '../write/columns-in-turns.js';
import { columnsToBatch, columnsToRows } from '../write/column-batch.js';
import { CallOrder } from './call-order.js';
import type { CollectionContext } from './collection-context.js';
import type { CollectionState } from './collection-state.js';
import type { CollectionWork } from './collection-work.js';
import { discardMissing } from './discard.js';
import { NO_HIDDEN, type HiddenValues } from './hidden-column.js';
import { checkKeys, keysWithin, matchingKeys } from '../read/lookup.js';
import { findInAll, requireKeys } from './missing.js';
import { wholeRows } from '../write/partial-rows.js';
import { numberWritten, partitionsOf } from './partitions.js';
import { INSERTS_KEYS } from './properties.js';
import { rowsToBatch, type NextId } from '../write/row-batch.js';
import { isOneTurn, rowsToBatchInTurns } from '../write/rows-in-turns.js';
import { compileFiltered, scopedWhole } from './scope.js';
import type { Payload } from '../log/write-log.js';
import { stampsOf } from '../table/pushes.js';
import { Receiver } from '../write/receiver.js';
import type { Writer } from '../write/writer.js';
import { checkWrittenModels } from '../write/written-models.js';

/** Which rows a deletion means. */
export type Deletion = { readonly ids: readonly (PrimaryKey | number)[] } | { readonly filter: FilterInput; readonly filterParams?: FilterParams; readonly partitionNames?: readonly string[] };

/** What a write waits for: its commit, then that `confirmed` resolves for its LSN. */
interface Acknowledgement {
  readonly ack: Ack;
  readonly confirmed: (lsn: bigint) => Promise<void>;
}

const FLUSHED: Acknowledgement = { ack: 'flushed', confirmed: async () => undefined };
/** Why rows that match are not looked for where some are missing. */
const UNKNOWN_MATCHES = 'which of them match is not known';

interface PreparedUpdate {
  readonly batch: WriteBatch;
  readonly payload: Payload;
  readonly ids: readonly PrimaryKey[];
}

export class CollectionWrites {
  readonly #context: CollectionContext;
  readonly #state: CollectionState;
  readonly #work: CollectionWork;
  readonly #order = new CallOrder();
  readonly #room: BatchRoom;
  readonly #autoIds: AutoIds | undefined;
  readonly #receiver: Receiver;
  readonly #adoption: Adoption;

  constructor(context: CollectionContext, state: CollectionState, work: CollectionWork) {
    this.#context = context;
    this.#state = state;
    this.#room = new BatchRoom(state.residency);
    this.#work = work;
    this.#receiver = new Receiver(state, work, this.#order);
    this.#adoption = new Adoption(state, work, this.#order, (key) => this.#autoIds?.seen(key));
    this.#autoIds = primaryField(state.schema).autoId === true ? new AutoIds(context.environment.ambient) : undefined;
  }

  /** Keys that are there are not given again. */
  async seenAll(): Promise<void> {
    await this.#autoIds?.seenAll(this.#state, this.#state.schema, this.#state.environment.core.predicates);
  }

  async insert(rows: readonly RowInput[] | ColumnsInput, options?: WriteOptions): Promise<MutationResult> {
    const autoIds = this.#autoIds;
    if (autoIds === undefined) return this.#write(rows, options, undefined);
    if (this.#areKeysGiven(rows)) return this.upsert(rows, options);
    const text = primaryField(this.#state.schema).type === 'VarChar';
    return this.#write(rows, options, () => (text ? String(autoIds.next()) : autoIds.next()));
  }

  async upsert(rows: readonly RowInput[] | ColumnsInput, options?: UpsertOptions): Promise<MutationResult> {
    const { partialUpdate = false } = options ?? {};
    require(typeof partialUpdate === 'boolean', () => 'partialUpdate: expected true or false');
    const result = partialUpdate ? await this.#update(rows, options) : await this.#write(rows, options, undefined);
    for (const id of result.ids) this.#autoIds?.seen(id);
    return result;
  }

  async delete(which: Deletion, options?: WriteOptions): Promise<DeleteResult> {
    const writer = this.#state.rowWriter();
    const ack = this.#ackOf(options);
    const { schema } = this.#state;
    require(typeof which === 'object' && which !== null && 'ids' in which !== 'filter' in which, () => 'delete: expected either ids or filter');
    const asked = 'ids' in which ? checkKeys(schema, which.ids) : findInAll(this.#state, UNKNOWN_MATCHES, () => matchingKeys(this.#state, schema, scopedWhole(this.#state, which), this.#predicates));
    return this.#order.enter(asked, async (keys) => ({ count: await this.#remove(writer, keys, ack) }));
  }

  /** Deletes, durably, the rows for which all of `within` hold, after every call before. */
  async deleteWithin(within: readonly CheckedFilter[]): Promise<void> {
    const writer = this.#state.writer();
    const find = async (): Promise<readonly PrimaryKey[]> => findInAll(this.#state, UNKNOWN_MATCHES, async () => {
      await applied(writer);
      return keysWithin(this.#state, this.#state.schema, compileFiltered({ within }, this.#state.schema), this.#predicates);
    });
    await this.#order.enterAfter(find, async (keys) => {
      for (let at = 0; at < keys.length; at += LIMITS.rowsPerBatchMax) await this.#remove(writer, keys.slice(at, at + LIMITS.rowsPerBatchMax), FLUSHED);
    });
  }

  /** Removes every row and every segment, at once and durably, after every call before. */
  async truncate(): Promise<void> {
    this.#state.writer();
    await this.#order.enter(undefined, () => this.#freeing(() => this.#work.sealer.truncate()));
  }

  /** What a client pushed; `subject` stands for whom it comes from. Errors: those of `Receiver`. */
  receive(push: Push, subject: Uint8Array, rule?: OnConflict, rows?: WritableRows): Promise<PushAnswer> {
    return this.#receiver.receive(push, subject, rule, rows);
  }

  /** The rows of a file that somebody sent. Errors: those of `Adoption`. */
  adopt(file: SentFile, options: AdoptionOptions): Promise<AdoptedSegment> {
    return this.#adoption.adopt(file, options);
  }

  hasTaken(sha256: string): boolean {
    return this.#adoption.hasTaken(sha256);
  }

  async discardMissing(): Promise<DeleteResult> {
    return { count: await this.#freeing(() => discardMissing(this.#state)) };
  }

  /** It is not written to any more. */
  close(): void {
    this.#room.clear();
  }

  async flush(): Promise<void> {
    const { outbox } = this.#state;
    this.#room.clear();
    if (outbox !== undefined) return this.#order.enter(undefined, () => outbox.writer.exclusive(() => outbox.writer.sync()));
    this.#state.writer();
    // Behind the writes that were asked for before, which may wait for room.
    await this.#order.enter(undefined, () => this.#work.sealer.seal());
  }

  async #write(rows: readonly RowInput[] | ColumnsInput, options: WriteOptions | undefined, nextId: NextId | undefined): Promise<MutationResult> {
    if (options?.inTurns === true && !(areColumns(rows) ? areOneTurn(rows, this.#state.schema) : isOneTurn(rows, this.#state.schema))) return this.#writeInTurns(rows, options, nextId);
    const writer = this.#state.rowWriter();
    const { ack, confirmed } = this.#ackOf(options);
    const { writeRoom, autoSeal } = this.#work;
    const memory = this.#room.memory();
    const toBatch = areColumns(rows) ? columnsToBatch : rowsToBatch;
    const { columns, ids } = toBatch(rows, this.#state.schema, nextId, memory.make, this.#hidden(this.#partitionOf(options)));
    checkWrittenModels(this.#state.schema, columns, options?.model);
    if (columns.rows === 0) return { ids, count: 0 };
    const batch = { kind: 'write', columns } as const;
    const payload = this.#encode(batch);
    const lsn = await this.#order.enter(writeRoom.for(batch), () => writer.commit(payload, ack, (at) => (writeRoom.apply(batch), at)));
    // Where it is not durable yet the log may have to write it again.
    if (ack === 'flushed') memory.free();
    autoSeal.whenFull();
    await confirmed(lsn);
    return { ids, count: ids.length };
  }

  // Its place among the calls is that of its beginning.
  async #writeInTurns(rows: readonly RowInput[] | ColumnsInput, options: WriteOptions, nextId: NextId | undefined): Promise<MutationResult> {
    const writer = this.#state.rowWriter();
    const { ack, confirmed } = this.#ackOf(options);
    const { writeRoom, autoSeal } = this.#work;
    const { ambient } = this.#context.environment;
    const memory = this.#room.memory();
    const prepare = async (): Promise<PreparedUpdate> => {
      for (;;) {
        const { schema } = this.#state;
        const hidden = this.#hidden(this.#partitionOf(options));
        const pause = (): Promise<void> => ambient.pause();
        const { columns, ids } = await (areColumns(rows) ? columnsToBatchInTurns(rows, schema, nextId, memory.make, hidden, pause) : rowsToBatchInTurns(rows, schema, nextId, memory.make, hidden, pause));
        await pause();
        // A field was added meanwhile.
        if (this.#state.schema !== schema) continue;
        checkWrittenModels(schema, columns, options.model);
        const batch = { kind: 'write', columns } as const;
        const payload = this.#encode(batch);
        await writeRoom.for(batch);
        return { batch, payload, ids };
      }
    };
    const { ids, lsn } = await this.#order.enter(prepare(), async ({ batch, payload, ids: written }) => ({ ids: written, lsn: await writer.commit(payload, ack, async (at) => (await writeRoom.applyInTurns(batch), at)) }));
    // As above.
    if (ack === 'flushed') memory.free();
    autoSeal.whenFull();
    await confirmed(lsn);
    return { ids, count: ids.length };
  }

  // The rows are read when every call before is applied, and no other begins before they are on their way to the log.
  async #update(rows: readonly RowInput[] | ColumnsInput, options: WriteOptions | undefined): Promise<MutationResult> {
    const writer = this.#state.rowWriter();
    const { ack, confirmed } = this.#ackOf(options);
    const { writeRoom, autoSeal } = this.#work;
    const given = this.#partitionOf(options);
    const parts = areColumns(rows) ? columnsToRows(rows, this.#state.schema) : rows;
    const prepare = async (): Promise<PreparedUpdate> => {
      await applied(writer);
      const { schema } = this.#state;
      const whole = await wholeRows(this.#state, schema, parts, this.#predicates);
      const partition = options?.partitionName === undefined ? (whole.partitions ?? given) : given;
      const leaving = whole.partitions?.find((number) => this.#state.leaving.has(number));
      if (leaving !== undefined) throw new ElanusError('NotFound', 'rows: the partition of one of them is being dropped, and it with that', { milvusCode: MILVUS.partitionNotFound });
      const { columns, ids } = rowsToBatch(whole.rows, schema, undefined, undefined, this.#hidden(partition));
      checkWrittenModels(schema, columns, options?.model);
      const batch = { kind: 'write', columns } as const;
      const payload = this.#encode(batch);
      await writeRoom.for(batch);
      return { batch, payload, ids };
    };
    const ids = await this.#order.enterAfter(prepare, async ({ batch, payload, ids: written }) => {
      const apply = (): number | Promise<number> => (options?.inTurns === true ? writeRoom.applyInTurns(batch) : writeRoom.apply(batch));
      if (written.length > 0) await confirmed(await writer.commit(payload, ack, async (lsn) => (await apply(), lsn)));
      return written;
    });
    autoSeal.whenFull();
    return { ids, count: ids.length };
  }

  async #remove(writer: Writer, keys: readonly PrimaryKey[], { ack, confirmed }: Acknowledgement): Promise<number> {
    if (keys.length === 0) return 0;
    requireKeys(this.#state, keys);
    const int64 = primaryField(this.#state.schema).type === 'Int64';
    const { pushes } = this.#state.ownTable;
    const full = pushes?.fullForDeletions(keys);
    if (full !== undefined) throw full;
    const stamp = pushes?.next();
    const batch = { kind: 'delete', keys: int64 ? BigInt64Array.from(keys as readonly bigint[]) : (keys as readonly string[]), ...(stamp === undefined ? {} : { stamps: stampsOf(stamp, keys.length) }) } as const;
    const done = await this.#freeing(() => writer.commit(this.#encode(batch), ack, (lsn) => ({ lsn, count: this.#work.writeRoom.apply(batch) })));
    this.#work.autoSeal.whenFull();
    await confirmed(done.lsn);
    return done.count;
  }

  /** Errors: `NotFound`, also of a partition that is being dropped; `InvalidArgument`. */
  #partitionOf(options: WriteOptions | undefined): number | undefined {
    const { manifests, leaving } = this.#state;
    const number = numberWritten(manifests.manifest, options?.partitionName);
    if (number !== undefined && leaving.has(number)) throw new ElanusError('NotFound', `partition not found[partition=${String(options?.partitionName)}]`, { milvusCode: MILVUS.partitionNotFound });
    return number;
  }

  #hidden(partition: HiddenValues['partition']): HiddenValues {
    const { manifests, environment, ownTable } = this.#state;
    const { manifest } = manifests;
    if (manifest.schema.hidden === undefined) return NO_HIDDEN;
    return { partition, partitions: partitionsOf(manifest).list.length, micros: BigInt(Math.floor(environment.ambient.nowMs())) * 1000n, stamp: ownTable.pushes?.next() ?? NO_STAMP };
  }

  // As `allow_insert_auto_id` lets it, if every row gives its key.
  #areKeysGiven(rows: readonly RowInput[] | ColumnsInput): boolean {
    const { schema, manifests } = this.#state;
    if (manifests.manifest.properties?.[INSERTS_KEYS] !== 'true') return false;
    const { name } = primaryField(schema);
    if (areColumns(rows)) return (rows.columns as Readonly<Record<string, unknown>> | null)?.[name] !== undefined;
    if (!Array.isArray(rows) || rows.length === 0) return false;
    return rows.every((row: unknown) => typeof row === 'object' && row !== null && Object.hasOwn(row, name));
  }

  get #predicates(): Predicates {
    return this.#context.engines.core.predicates;
  }

  /** Errors: `InvalidArgument`; `Unsupported` of "remote" where there is nothing to be sent. */
  #ackOf(options: WriteOptions | undefined): Acknowledgement {
    const asked = checkAck(options?.ack ?? this.#context.environment.ack ?? 'flushed');
    if (asked !== 'remote') return { ...FLUSHED, ack: asked };
    const { outbox, send, name } = this.#state;
    if (outbox === undefined || send === undefined) throw new ElanusError('Unsupported', `ack: "remote" is for copies of collections that take pushes, and "${name}" is none; use "flushed"`);
    return { ack: 'flushed', confirmed: (lsn) => outbox.confirmed(lsn, send) };
  }

  #encode(batch: Parameters<typeof encodeBatchParts>[0]): Payload {
    const payload = encodeBatchParts(batch, this.#state.schema);
    const sizeBytes = lengthOf(payload);
    this.#state.outbox?.requireRoom(sizeBytes);
    if (sizeBytes > LIMITS.batchBytesMax) throw new ElanusError('InvalidArgument', `the batch takes ${sizeBytes} bytes, at most ${LIMITS.batchBytesMax}: give fewer rows at once`, { milvusCode: MILVUS.tooLarge });
    return payload;
  }

  // What frees room may take the reserve.
  async #freeing<T>(work: () => Promise<T>): Promise<T> {
    const { room } = this.#context;
    return room === undefined ? work() : room.withReserve(work);
  }
}

/** Resolves when every commit of before is applied. */
function applied(writer: Writer): Promise<void> {
  return writer.exclusive(async () => undefined);
}
