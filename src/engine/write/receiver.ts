// Receiver: what a client pushed goes into the collection, batch by batch, each once, in the order of its numbers. Of each row
// the later write stays, or what a rule says. Nothing is answered as taken that is not durable, and a refusal is kept until its client knows of it.

import { batchRefusal } from '../../format/batch-refusal.js';
import { encodeBatchParts, type Batch, type PushMark } from '../../format/batch.js';
import { sameBytes } from '../../format/bytes.js';
import { chainOf, type Push } from '../../format/push.js';
import { CLIENT_REFUSALS_MAX } from '../../format/push-state.js';
import { ElanusError } from '../../model/errors.js';
import { ALL_WRITABLE, type WritableRows } from '../../model/row-scope.js';
import type { OnConflict, PushAnswer } from '../api/push.js';
import type { CallOrder } from '../collection/call-order.js';
import type { CollectionState } from '../collection/collection-state.js';
import type { CollectionWork } from '../collection/collection-work.js';
import { requireKeys } from '../collection/missing.js';
import { partitionsOf } from '../collection/partitions.js';
import { compileRule } from '../scoped/row-rule.js';
import { requireWithin } from '../scoped/write-rule.js';
import type { Pushes } from '../table/pushes.js';
import { Settlement } from './conflicts.js';
import { inOwnOrder, isFaultOfBatch, markOnly, readReceived, standingOf, survivors, type Standing } from './received.js';
import { stampsThere } from './there.js';

/** A batch on its way into the log; undefined if it is there already. */
interface Prepared {
  readonly standing: Standing;
  readonly batch?: Batch;
  readonly clamped?: number;
}

interface Receiving {
  readonly pushes: Pushes;
  readonly rule: OnConflict | undefined;
  readonly rows: WritableRows;
}

export class Receiver {
  readonly #state: CollectionState;
  readonly #work: CollectionWork;
  readonly #order: CallOrder;

  constructor(state: CollectionState, work: CollectionWork, order: CallOrder) {
    this.#state = state;
    this.#work = work;
    this.#order = order;
  }

  /**
   * `subject`: 8 bytes that stand for whom it comes from; `rule` decides instead of the stamps; `rows` are those that he may write. Errors:
   * `Unsupported` if the collection takes no pushes; those of the storage, then it may be sent again.
   */
  async receive({ client, after, batches }: Push, subject: Uint8Array, rule?: OnConflict, rows = ALL_WRITABLE): Promise<PushAnswer> {
    const writer = this.#state.writer();
    const { pushes } = this.#state.ownTable;
    if (pushes === undefined) throw new ElanusError('Unsupported', `collection "${this.#state.name}" takes no pushes: its property sync.push is not true`);
    let clamped = 0;
    const known = pushes.clients.get(client);
    // Before anything that is known of the client: nobody else is told of it, or may begin anew with what is not his.
    if (!pushes.clients.isOf(subject, client)) return { kind: 'foreign' };
    // Who has sent more before than it now knows of, or asks for what it was told, was restored from a copy.
    if (known !== undefined && (known.id > after.id + BigInt(batches.length) || after.id < known.told)) return { kind: 'fork', lastId: known.id };
    if (known !== undefined) pushes.clients.told(client, after.id < known.id || sameBytes(known.chain, after.chain) ? after.id : 0n);
    let { id, chain } = after;
    for (const bytes of batches) {
      // The client is told first; it sends the rest again then.
      if ((pushes.clients.get(client)?.refused.length ?? 0) >= CLIENT_REFUSALS_MAX && id >= (pushes.clients.get(client)?.id ?? 0n)) break;
      const before = chain;
      id += 1n;
      chain = await chainOf(before, bytes, (joined) => this.#state.environment.ambient.sha256(joined));
      const done = await this.#take(bytes, { client, subject, id, chain }, before, { pushes, rule, rows });
      if (done.standing === 'foreign') return { kind: 'foreign' };
      if (done.standing !== 'next' && done.standing !== 'known') return { kind: done.standing, lastId: pushes.clients.get(client)?.id ?? 0n };
      clamped += done.clamped ?? 0;
    }
    await writer.exclusive(() => writer.sync());
    this.#work.autoSeal.whenFull();
    const { id: lastId = 0n, refused = [] } = pushes.clients.get(client) ?? {};
    return { kind: 'taken', lastId, lsn: writer.nextLsn, time: pushes.clock.last, refused: refused.filter((one) => one.id > after.id), clamped };
  }

  // What is there is looked at when every call before is applied, and no other begins before this is on its way to the log.
  async #take(bytes: Uint8Array, mark: PushMark, before: Uint8Array, receiving: Receiving): Promise<Prepared> {
    const writer = this.#state.writer();
    const prepare = async (): Promise<Prepared> => {
      await writer.exclusive(async () => undefined);
      const known = receiving.pushes.clients.get(mark.client);
      const standing = standingOf(known, mark, before);
      if (standing === 'next' && known === undefined) receiving.pushes.requireRoomForClient(mark.subject);
      return standing === 'next' ? { standing, ...(await this.#prepare(bytes, mark, receiving)) } : { standing };
    };
    return this.#order.enterAfter(prepare, async (prepared) => {
      const { batch } = prepared;
      if (batch === undefined) return prepared;
      await writer.commit(encodeBatchParts(batch, this.#state.schema), 'memory', () => this.#work.writeRoom.apply(batch));
      return prepared;
    });
  }

  async #prepare(bytes: Uint8Array, mark: PushMark, { pushes, rule, rows }: Receiving): Promise<Omit<Prepared, 'standing'>> {
    const { manifests, environment, schema } = this.#state;
    const { manifest } = manifests;
    let isRead = false;
    try {
      const numbers = new Set(partitionsOf(manifest).list.map(({ number }) => number).filter((number) => !this.#state.leaving.has(number)));
      const whole = readReceived(bytes, manifest, environment.ambient.nowMs(), { numbers }, (client) => pushes.clients.writerOf(client, mark));
      isRead = true;
      if (whole.batch.kind === 'delete') requireKeys(this.#state, whole.keys);
      const allowed = whole.batch.kind === 'delete' ? rows.deleted : rows.written;
      const received = allowed.length > 0 ? await requireWithin(this.#state, whole, compileRule(allowed, manifest)) : whole;
      const there = await stampsThere(this.#state, received.keys, pushes);
      const ordered = inOwnOrder(received, there);
      const batch = rule === undefined ? survivors(ordered, there, mark, schema) : await new Settlement(this.#state, ordered, there, pushes, mark).batch(rule);
      const full = batch.kind === 'delete' ? pushes.fullForDeletions(batch.keys) : undefined;
      if (full !== undefined) return this.#refused(mark, pushes, full);
      await this.#work.writeRoom.for(batch);
      return { batch, clamped: received.clamped };
    } catch (error) {
      if (!isFaultOfBatch(error, isRead)) throw error;
      return this.#refused(mark, pushes, error);
    }
  }

  #refused(mark: PushMark, pushes: Pushes, error: ElanusError): Pick<Prepared, 'batch'> {
    if (!pushes.clients.hasRoomForRefusal) throw new ElanusError('QuotaExceeded', `collection "${this.#state.name}": too many refused batches wait for their clients to ask: ${error.message}`, { cause: error });
    return { batch: markOnly({ ...mark, refusal: batchRefusal(error.code, error.message) }, this.#state.schema) };
  }
}
