// CollectionWrites: the verbs that change rows. A call is checked before anything is changed; a write is acknowledged
// when it is durable and visible.

import { encodeBatchParts } from '../format/batch.js';
import { lengthOf } from '../format/bytes.js';
import { checkAck, type Ack } from '../model/ack.js';
import { ElanusError, require } from '../model/errors.js';
import type { FilterInput, FilterParams } from '../model/filter-object.js';
import { LIMITS } from '../model/limits.js';
import { MILVUS } from '../model/milvus-code.js';
import type { PrimaryKey, RowInput } from '../model/row.js';
import { primaryField } from '../model/schema.js';
import type { DeleteResult, MutationResult, WriteOptions } from './api.js';
import { AutoIds } from './auto-id.js';
import { BatchRoom } from './batch-room.js';
import { CallOrder } from './call-order.js';
import type { CollectionContext } from './collection-context.js';
import type { CollectionState } from './collection-state.js';
import type { CollectionWork } from './collection-work.js';
import { discardMissing } from './discard.js';
import { applyBatch } from './log-replay.js';
import { checkKeys, matchingKeys } from './lookup.js';
import { requireKeys, requireWhole } from './missing.js';
import { rowsToBatch, type NextId } from './row-batch.js';
import type { Payload } from './write-log.js';
import { checkWrittenModels } from './written-models.js';

/** Which rows a deletion means. */
export type Deletion = { readonly ids: readonly (PrimaryKey | number)[] } | { readonly filter: FilterInput; readonly filterParams?: FilterParams };

export class CollectionWrites {
  readonly #context: CollectionContext;
  readonly #state: CollectionState;
  readonly #work: CollectionWork;
  readonly #order = new CallOrder();
  readonly #room = new BatchRoom();
  readonly #autoIds: AutoIds | undefined;

  constructor(context: CollectionContext, state: CollectionState, work: CollectionWork) {
    this.#context = context;
    this.#state = state;
    this.#work = work;
    this.#autoIds = primaryField(state.schema).autoId === true ? new AutoIds(context.environment.ambient) : undefined;
  }

  /** Keys that are there are not given again. */
  async seenAll(): Promise<void> {
    await this.#autoIds?.seenAll(this.#state, this.#state.schema, this.#state.environment.core.predicates);
  }

  async insert(rows: readonly RowInput[], options?: WriteOptions): Promise<MutationResult> {
    const autoIds = this.#autoIds;
    if (autoIds === undefined) return this.#write(rows, options, undefined);
    const text = primaryField(this.#state.schema).type === 'VarChar';
    return this.#write(rows, options, () => (text ? String(autoIds.next()) : autoIds.next()));
  }

  async upsert(rows: readonly RowInput[], options?: WriteOptions): Promise<MutationResult> {
    const result = await this.#write(rows, options, undefined);
    for (const id of result.ids) this.#autoIds?.seen(id);
    return result;
  }

  async delete(which: Deletion, options?: WriteOptions): Promise<DeleteResult> {
    const writer = this.#state.writer();
    const ack = this.#ackOf(options);
    const { schema } = this.#state;
    require(typeof which === 'object' && which !== null && 'ids' in which !== 'filter' in which, () => 'delete: expected either ids or filter');
    if ('filter' in which) requireWhole(this.#state, 'which of them match is not known');
    const asked = 'ids' in which ? checkKeys(schema, which.ids) : matchingKeys(this.#state, schema, which.filter, which.filterParams, this.#context.engines.core.predicates);
    return this.#order.enter(asked, async (keys) => {
      if (keys.length === 0) return { count: 0 };
      requireKeys(this.#state, keys);
      const int64 = primaryField(schema).type === 'Int64';
      const batch = { kind: 'delete', keys: int64 ? BigInt64Array.from(keys as readonly bigint[]) : (keys as readonly string[]) } as const;
      const commit = (): Promise<number> => writer.commit(this.#encode(batch), ack, () => applyBatch(this.#state.ownTable, batch));
      return { count: await this.#freeing(commit) };
    });
  }

  async discardMissing(): Promise<DeleteResult> {
    return { count: await this.#freeing(() => discardMissing(this.#state)) };
  }

  async flush(): Promise<void> {
    this.#state.writer();
    this.#room.clear();
    // Behind the writes that were asked for before, which may wait for room.
    await this.#order.enter(undefined, () => this.#work.sealer.seal());
  }

  async #write(rows: readonly RowInput[], options: WriteOptions | undefined, nextId: NextId | undefined): Promise<MutationResult> {
    const writer = this.#state.writer();
    const ack = this.#ackOf(options);
    const { writeRoom, autoSeal } = this.#work;
    const memory = this.#room.memory();
    const { columns, ids } = rowsToBatch(rows, this.#state.schema, nextId, memory.make);
    checkWrittenModels(this.#state.schema, columns, options?.model);
    if (columns.rows === 0) return { ids, count: 0 };
    const batch = { kind: 'write', columns } as const;
    const payload = this.#encode(batch);
    const sizeBytes = lengthOf(payload);
    await this.#order.enter(writeRoom.for(sizeBytes), () => writer.commit(payload, ack, () => writeRoom.apply(batch, sizeBytes)));
    // Where it is not durable yet the log may have to write it again.
    if (ack === 'flushed') memory.free();
    autoSeal.whenFull();
    return { ids, count: ids.length };
  }

  #ackOf(options: WriteOptions | undefined): Ack {
    return checkAck(options?.ack ?? this.#context.environment.ack ?? 'flushed');
  }

  #encode(batch: Parameters<typeof encodeBatchParts>[0]): Payload {
    const payload = encodeBatchParts(batch, this.#state.schema);
    const sizeBytes = lengthOf(payload);
    if (sizeBytes > LIMITS.batchBytesMax) throw new ElanusError('InvalidArgument', `the batch takes ${sizeBytes} bytes, at most ${LIMITS.batchBytesMax}: give fewer rows at once`, { milvusCode: MILVUS.tooLarge });
    return payload;
  }

  // What frees room may take the reserve.
  async #freeing<T>(work: () => Promise<T>): Promise<T> {
    const { room } = this.#context;
    return room === undefined ? work() : room.withReserve(work);
  }
}
