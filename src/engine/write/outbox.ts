// Outbox: the own writes of a copy that the server's segments do not have yet: a log like that of any collection, whose
// batches are applied over the segments. A batch leaves it when a manifest has it, not when it was sent; until it is
// sent nothing takes it away.

import { decodeBatch, encodeBatch, type Batch } from '../../format/batch.js';
import { bytesOfHex, hexOf } from '../../format/bytes.js';
import { lsnOf } from '../../format/keys.js';
import { readLog, type LogRecord } from '../../format/log.js';
import type { Manifest } from '../../format/manifest.js';
import { MARKS_MAX, REFUSED_MAX, SKIPPED_MAX, type OutboxState, type RefusedWrite } from '../../format/outbox-state.js';
import { chainOf, CLIENT_BYTES, PUSH_BATCHES_MAX, PUSH_BYTES_MAX, PUSH_FRAME_BYTES, PUSH_HEADER_BYTES, PUSH_ONE_BYTES_MAX, type Push } from '../../format/push.js';
import { ElanusError, errorCodeOf } from '../../model/errors.js';
import type { PrimaryKey } from '../../model/row.js';
import { primaryField, type Schema } from '../../model/schema.js';
import { stampClient } from '../../model/stamp.js';
import { writable, type Environment } from '../database/environment.js';
import { OutboxFiles } from '../files/outbox-files.js';
import { isDamage } from '../read/visit.js';
import type { CollectionFiles } from '../files/collection-files.js';
import type { PushAnswer } from '../api/push.js';
import { applyBatch, openLog, replayLogs, type Replayed } from '../log/log-replay.js';
import { WriteLog } from '../log/write-log.js';
import { Pushes } from '../table/pushes.js';
import type { Table } from '../table/table.js';
import { Writer } from './writer.js';

/** A log with batches that are in the segments is left behind from this size on. */
const LOG_BYTES_MAX = 1024 * 1024;
/** What may wait to be sent. */
export const OUTBOX_BYTES_MAX = 256 * 1024 * 1024;
const NO_CHAIN = '0'.repeat(16);

interface Sent {
  /** LSN of the last batch. */
  readonly last: bigint;
  readonly push: Push;
  /** Of each batch of the push. */
  readonly chains: readonly Uint8Array[];
}

/** `committed` is told of own writes. */
type OutboxContext = Environment & { readonly warn: (message: string) => void; readonly committed: () => void };

export class Outbox {
  readonly writer: Writer;
  readonly #context: OutboxContext;
  readonly #files: CollectionFiles;
  readonly #stored: OutboxFiles;
  /** A batch that changes nothing. */
  readonly #nothing: Uint8Array;
  #state: OutboxState;
  /** Those of the batches behind `sent` and before `until`, as they were last asked for. */
  #unsent: { readonly sent: bigint; readonly until: bigint; readonly keys: ReadonlySet<PrimaryKey> } | undefined;
  #changing: Promise<void> = Promise.resolve();
  /** Keys of the logs, oldest first; the last is written to. */
  #logs: readonly string[];

  private constructor(context: OutboxContext, files: CollectionFiles, stored: OutboxFiles, schema: Schema, state: OutboxState, writer: Writer, logs: readonly string[]) {
    this.#context = context;
    this.#files = files;
    this.#stored = stored;
    this.#nothing = encodeBatch(deletionOfNothing(schema), schema);
    this.#state = state;
    this.writer = writer;
    this.#logs = logs;
  }

  /** What there is, applied to `table`. Errors: `Corrupt`, those of the storage. */
  static async open(context: OutboxContext, files: CollectionFiles, table: Table, manifest: Manifest): Promise<Outbox> {
    const { ambient, storage } = context;
    const stored = new OutboxFiles(writable(storage), files);
    const first = (await files.logKeys()).map(lsnOf).find((lsn) => lsn !== undefined) ?? 1n;
    const found = confirmedBy(await stored.load(), manifest);
    const state = found ?? (await stored.save(freshState(ambient.randomBytes(CLIENT_BYTES), first - 1n, 0n)));
    const replayed = await replayOver(context, files, table, manifest, state);
    for (const { file, count } of replayed.report.lost) context.warn(`${file}: ${count} of the writes that wait to be sent are damaged and lost`);
    const log = await openLog(context, files, replayed, 0);
    const logs = [...replayed.applied.map(({ key }) => key).filter((key) => key !== log.key), log.key];
    return new Outbox(context, files, stored, manifest.schema, state, new Writer(log, context), logs);
  }

  /** What there is, applied to `table`, where nothing may be stored or written yet. Errors: as of `open`. */
  static async show(environment: Environment, files: CollectionFiles, table: Table, manifest: Manifest): Promise<void> {
    const [oldest] = await files.logKeys();
    if (oldest === undefined) return;
    const found = confirmedBy(await new OutboxFiles(writable(environment.storage), files).load(), manifest);
    await replayOver(environment, files, table, manifest, found ?? freshState(new Uint8Array(CLIENT_BYTES), (lsnOf(oldest) ?? 1n) - 1n, 0n));
  }

  /** As `pending`, of a copy that does not open; undefined if a log of it cannot be read. Errors: those of the storage. */
  static async pendingIn({ storage }: Environment, files: CollectionFiles): Promise<number | undefined> {
    const logs = await files.logKeys();
    const [first = 1n] = logs.map((key) => lsnOf(key) ?? 1n);
    const { confirmed } = (await new OutboxFiles(writable(storage), files).load()) ?? { confirmed: first - 1n };
    let last = confirmed;
    try {
      for (const key of logs) {
        const { bytes } = await files.vault.openLog(await storage.read(key), key);
        const { nextLsn } = readLog(bytes, key);
        if (nextLsn - 1n > last) last = nextLsn - 1n;
      }
    } catch (error) {
      if (!isDamage(error)) throw error;
      return undefined;
    }
    return Number(last - confirmed);
  }

  /** As `renew`, of a copy that does not open. Errors: those of the storage. */
  static async renewIn(environment: Environment, files: CollectionFiles): Promise<void> {
    const stored = new OutboxFiles(writable(environment.storage), files);
    const state = await stored.load();
    if (state !== undefined) await stored.save(renewed(state, environment));
  }

  /** Keys of the logs that are needed. */
  get logs(): readonly string[] {
    return this.#logs;
  }

  get refused(): readonly RefusedWrite[] {
    return this.#state.refused;
  }

  /** Batches that the server has not confirmed to have. */
  get unsent(): number {
    return Number(this.writer.nextLsn - 1n - this.#state.sent);
  }

  /** Batches that are applied over the segments. */
  get pending(): number {
    return Number(this.writer.nextLsn - 1n - this.#state.confirmed);
  }

  /** Errors: `QuotaExceeded` if too much waits to be sent; `InvalidArgument` if a batch could not be sent. */
  requireRoom(sizeBytes: number): void {
    const one = PUSH_HEADER_BYTES + PUSH_FRAME_BYTES + sizeBytes;
    if (one > PUSH_ONE_BYTES_MAX) throw new ElanusError('InvalidArgument', `the batch takes ${sizeBytes} bytes, and a copy sends at most ${PUSH_ONE_BYTES_MAX} at once: give fewer rows`);
    if (this.writer.logBytes + sizeBytes > OUTBOX_BYTES_MAX) throw new ElanusError('QuotaExceeded', `${this.pending} own writes take ${this.writer.logBytes} bytes, at most ${OUTBOX_BYTES_MAX}: they must be sent first`);
  }

  /** Whether the server has confirmed the batch. */
  hasSent(lsn: bigint): boolean {
    return lsn <= this.#state.sent;
  }

  /** Resolves when the server has confirmed the batch, which `send` sends with all before it. Errors: the code that it was refused with; those of `send`. */
  async confirmed(lsn: bigint, send: (lsn: bigint) => Promise<void>): Promise<void> {
    if (!this.hasSent(lsn)) await send(lsn);
    const refused = this.#state.refused.find((one) => one.lsn === lsn);
    if (refused !== undefined) throw new ElanusError(errorCodeOf(refused.code) ?? 'InvalidArgument', `the server did not take it, and listRefused has it: ${refused.message}`);
    if (!this.hasSent(lsn)) throw new ElanusError('Network', 'the server has not confirmed the write, which is kept and sent later');
  }

  /**
   * What is to be sent next, in place of each batch that is passed over one that changes nothing; undefined if the server has all. `ahead`:
   * batches that were read and not sent yet, at first none; each call leaves some for the next. Errors: `Corrupt` if a log is damaged.
   */
  async next(ahead: LogRecord[]): Promise<Sent | undefined> {
    const { sent, base, chain, client } = this.#state;
    const batches: Uint8Array[] = [];
    const chains: Uint8Array[] = [];
    let sizeBytes = PUSH_HEADER_BYTES;
    let last = sent;
    let link: Uint8Array = bytesOfHex(chain);
    const unsent = ahead.findIndex(({ lsn }) => lsn === sent + 1n);
    ahead.splice(0, unsent < 0 ? ahead.length : unsent);
    if (ahead.length === 0 && sent + 1n < this.writer.appliedLsn) for await (const record of this.#after(sent)) ahead.push(record);
    const passed = passedOver(this.#state);
    for (const { lsn, payload: written } of ahead) {
      const payload = passed.has(lsn) ? this.#nothing : written;
      sizeBytes += PUSH_FRAME_BYTES + payload.length;
      if (batches.length > 0 && (sizeBytes > PUSH_BYTES_MAX || batches.length === PUSH_BATCHES_MAX)) break;
      batches.push(payload);
      link = await chainOf(link, payload, (bytes) => this.#context.ambient.sha256(bytes));
      chains.push(link);
      last = lsn;
    }
    if (batches.length === 0) return undefined;
    return { last, chains, push: { client: bytesOfHex(client), after: { id: sent - base, chain: bytesOfHex(chain) }, batches } };
  }

  /** Keys of the rows that were written or deleted by batches that the server has not confirmed to have. Errors: `Corrupt` if a log is damaged. */
  async unsentKeys(manifest: Manifest): Promise<ReadonlySet<PrimaryKey>> {
    const { sent } = this.#state;
    const until = this.writer.nextLsn;
    if (this.#unsent?.sent === sent && this.#unsent.until === until) return this.#unsent.keys;
    const passed = passedOver(this.#state);
    const keys = new Set<PrimaryKey>();
    for await (const { lsn, payload } of this.#after(sent)) if (!passed.has(lsn)) for (const key of keysIn(decodeBatch(payload, manifest, `own write ${lsn}`), primaryField(manifest.schema).name)) keys.add(key);
    this.#unsent = { sent, until, keys };
    return keys;
  }

  /**
   * The server has answered what `next` gave; nothing is noted if the copy was renewed in between. Durable when it resolves; what was
   * refused is then kept apart. Gives whether anything was refused.
   */
  async answered({ push, chains }: Sent, answer: Extract<PushAnswer, { readonly kind: 'taken' }>): Promise<boolean> {
    const { base, client } = this.#state;
    if (client !== hexOf(push.client)) return false;
    const sent = base + answer.lastId;
    const chain = chains[Number(answer.lastId - push.after.id) - 1];
    if (chain === undefined) throw new ElanusError('Network', `the server says that it has batch ${answer.lastId}, of ${push.after.id + 1n} to ${push.after.id + BigInt(push.batches.length)}`);
    const told: RefusedWrite[] = [];
    const passed = passedOver(this.#state);
    for (const { id, code, message } of answer.refused) {
      const payload = push.batches[Number(id - push.after.id) - 1];
      if (payload === undefined || passed.has(base + id)) continue;
      await this.#stored.saveRefused(base + id, payload);
      told.push({ lsn: base + id, code, message });
    }
    await this.#change((state) => {
      if (state.client !== client) return state;
      const kept = [...state.refused, ...told];
      // Of two marks the later says all; of too many the oldest are given up.
      const marks = [...state.marks.filter(({ at }) => at < answer.lsn), { lsn: sent, at: answer.lsn }].slice(-MARKS_MAX);
      const skipped = [...state.skipped, ...kept.slice(0, -REFUSED_MAX).map(({ lsn }) => lsn)];
      return { ...state, sent, chain: hexOf(chain), marks, refused: kept.slice(-REFUSED_MAX), skipped, time: answer.time > state.time ? answer.time : state.time };
    });
    return told.length > 0;
  }

  /** The server does not know this copy as what it was: from now on it is another client, and sends what is not confirmed again. */
  async renew(): Promise<void> {
    await this.#change((state) => renewed(state, this.#context));
  }

  /** Takes a manifest and its table, within `writer.exclusive`: what the segments have leaves the outbox, the rest is applied. */
  async overlay(table: Table, manifest: Manifest): Promise<void> {
    await this.#change((state) => confirmedBy(state, manifest) as OutboxState);
    usePushes(table, this.#state, manifest, this.#context.ambient);
    const passed = passedOver(this.#state);
    for await (const { lsn, payload } of this.#after(this.#state.confirmed)) if (!passed.has(lsn)) applyBatch(table, decodeBatch(payload, manifest, `own write ${lsn}`));
    await this.#leaveLogs();
  }

  /** The batch that was refused, as it was written. Errors: `NotFound`. */
  refusedBatch(lsn: bigint): Promise<Uint8Array> {
    return this.#stored.refused(lsn);
  }

  /** Takes refused batches off the list; what is not on it is left alone. */
  async discard(lsns: readonly bigint[]): Promise<void> {
    const given = new Set(lsns);
    await this.#change((state) => {
      const refused = state.refused.filter(({ lsn }) => !given.has(lsn));
      if (refused.length === state.refused.length) return state;
      return { ...state, refused, skipped: [...state.skipped, ...state.refused.map(({ lsn }) => lsn).filter((lsn) => given.has(lsn))] };
    });
  }

  /** Changes take turns; what `edit` gives is durable when this resolves. If it is the same nothing is stored. */
  #change(edit: (state: OutboxState) => OutboxState): Promise<void> {
    const done = this.#changing.then(async () => {
      const before = this.#state;
      const edited = edit(before);
      if (edited === before) return;
      const dropped = before.refused.filter(({ lsn }) => !edited.refused.some((kept) => kept.lsn === lsn));
      this.#state = await this.#stored.save({ ...edited, skipped: edited.skipped.filter((lsn) => lsn > edited.confirmed).slice(-SKIPPED_MAX) });
      for (const { lsn } of dropped) await this.#stored.dropRefused(lsn);
    });
    this.#changing = done.catch(() => undefined);
    return done;
  }

  // What the segments have is not read again: a log of which they have all goes, one that grew large is left for a new one.
  async #leaveLogs(): Promise<void> {
    const { ambient, storage } = this.#context;
    const { nextLsn } = this.writer;
    const { confirmed } = this.#state;
    const hasConfirmed = (lsnOf(this.#logs.at(-1) ?? '') ?? nextLsn) <= confirmed;
    if (hasConfirmed && this.writer.logBytes > LOG_BYTES_MAX && nextLsn > (lsnOf(this.#logs.at(-1) ?? '') ?? 0n)) {
      await this.writer.sync();
      const key = this.#files.logKey(nextLsn);
      await this.writer.changeLog(await WriteLog.start(writable(storage), ambient, key, this.#files, nextLsn));
      this.#logs = [...this.#logs, key];
    }
    this.#logs = this.#logs.filter((_, at) => (lsnOf(this.#logs[at + 1] ?? '') ?? nextLsn + 1n) > confirmed + 1n);
  }

  async *#after(from: bigint): AsyncGenerator<LogRecord> {
    for (const [at, key] of this.#logs.entries()) {
      const next = lsnOf(this.#logs[at + 1] ?? '');
      if (next !== undefined && next <= from + 1n) continue;
      const { bytes } = await this.#files.vault.openLog(await this.#context.storage.read(key), key);
      for (const { lsn, payload } of readLog(bytes, key, 0n).records) if (lsn > from && lsn < this.writer.appliedLsn) yield { lsn, payload };
    }
  }
}

/** Applies what `state` has not confirmed. */
async function replayOver({ ambient, storage }: Environment, files: CollectionFiles, table: Table, manifest: Manifest, state: OutboxState): Promise<Replayed> {
  usePushes(table, state, manifest, ambient);
  const passed = passedOver(state);
  return replayLogs(storage, files, { apply: (batch, lsn) => void (passed.has(lsn) || applyBatch(table, batch)), nextLsn: state.confirmed + 1n, schemas: manifest });
}

function keysIn(batch: Batch, key: string): Iterable<PrimaryKey> {
  return batch.kind === 'delete' ? batch.keys : ((batch.columns.byName.get(key)?.values ?? []) as Iterable<PrimaryKey>);
}

function deletionOfNothing(schema: Schema): Batch {
  const none = new BigInt64Array(0);
  return { kind: 'delete', keys: primaryField(schema).type === 'Int64' ? none : [], stamps: { times: none, clients: none } };
}

function freshState(client: Uint8Array, base: bigint, time: bigint): OutboxState {
  return { version: 0, client: hexOf(client), base, sent: base, chain: NO_CHAIN, confirmed: base, marks: [], refused: [], skipped: [], time };
}

/** `state` as another client, of what is not confirmed. */
function renewed({ confirmed, refused, skipped, time }: OutboxState, { ambient }: Environment): OutboxState {
  return { ...freshState(ambient.randomBytes(CLIENT_BYTES), confirmed, time), refused, skipped };
}

function passedOver({ refused, skipped }: OutboxState): ReadonlySet<bigint> {
  return new Set([...refused.map(({ lsn }) => lsn), ...skipped]);
}

/** The state when the segments of `manifest` are there. */
function confirmedBy(state: OutboxState | undefined, { nextLsn }: Manifest): OutboxState | undefined {
  if (state === undefined) return undefined;
  const inSegments = state.marks.filter(({ at }) => at <= nextLsn).at(-1)?.lsn;
  if (inSegments === undefined || inSegments <= state.confirmed) return state;
  return { ...state, confirmed: inSegments, marks: state.marks.filter(({ lsn }) => lsn > inSegments) };
}

// Who has seen a row writes later than that, whatever the clocks say.
function usePushes(table: Table, { client, time }: OutboxState, { pushes }: Manifest, ambient: Environment['ambient']): void {
  table.pushes = new Pushes(primaryField(table.schema), () => ambient.nowMs(), stampClient(bytesOfHex(client)));
  table.pushes.clock.shown(time);
  if (pushes !== undefined) table.pushes.clock.shown(pushes.time);
}
