// Model: what the server must have, from what was given to it, by the rules of docs/format.md alone: each batch of a client
// once, of each row the later write, or what a rule for conflicts makes of two. It knows nothing of logs, segments, files or time but the clock it is told.

import type { OnConflict } from '../../../src/engine/api/push.js';
import type { Batch } from '../../../src/format/batch.js';
import { rowsOf } from './rows-written.js';

export interface Write {
  readonly time: bigint;
  readonly client: bigint;
  /** Undefined of a deletion. */
  readonly text: string | undefined;
}

const AHEAD_MS = 60_000;
/** What texts begin with that the server does not take. */
export const REFUSED_TEXT = 'no';

export class Model {
  readonly rows = new Map<bigint, Write>();
  /** Number of the last batch of each client. */
  readonly known = new Map<string, bigint>();
  /** Texts of all writes that came, and of deletions their time. */
  readonly came = new Set<string>();
  /** Batches that the server logged. */
  batches = 0n;
  /** All that was ever given for a key, also what a server that died in the middle may have or not. */
  readonly #history = new Map<bigint, Write[]>();
  /** Of each key what each writer wrote last, by its own order: that of the times that it gave. */
  readonly #lastOf = new Map<bigint, Map<bigint, Write>>();
  #last = 0n;

  /** `rule`: what decides between rows of different writers; then batches must be given in the order in which the server takes them. */
  constructor(readonly rule: OnConflict | undefined) {}

  /** A batch on its way to the server. */
  offer(batch: Batch, nowMs: number): void {
    if (isRefused(batch)) return;
    for (const { key, time, writer, text } of rowsOf(batch)) this.#note(key, { time: this.#believed(time, nowMs), client: writer, text });
  }

  /** Batch number `id` of a client, that the server has now; once. */
  take(client: string, id: bigint, batch: Batch, nowMs: number): void {
    const last = this.known.get(client) ?? 0n;
    if (id <= last) return;
    if (id !== last + 1n) throw new Error(`the server has batch ${id} of ${client} and not ${last + 1n}`);
    this.known.set(client, id);
    this.batches++;
    if (isRefused(batch)) return;
    for (const { key, time, writer, text } of rowsOf(batch)) {
      this.came.add(text ?? `${key}-${time}-${writer}`);
      this.#written(key, { time, client: writer, text });
      const write = this.#ordered(key, { time: this.#believed(time, nowMs), client: writer, text }, time);
      if (this.rule === undefined || !this.#meets(key, write)) this.#put(key, write);
      else this.#settle(this.rule, key, write, nowMs);
    }
  }

  /** The server's own write, which is later than all that it has seen. */
  own(key: bigint, text: string | undefined, nowMs: number): void {
    this.batches++;
    const write = { time: this.#tick(nowMs), client: 0n, text };
    this.#written(key, write);
    this.#put(key, write);
  }

  /**
   * Keys of which `shown` has what nobody wrote last: whatever stamps are believed, and whoever wins, nobody's own order is reversed. Not where a rule
   * decides.
   */
  reversed(shown: ReadonlyMap<bigint, string>): readonly string[] {
    if (this.rule !== undefined) return [];
    return [...this.#lastOf].filter(([key, byWriter]) => [...byWriter.values()].every(({ text }) => text !== shown.get(key))).map(([key]) => `${key}:${shown.get(key) ?? 'deleted'}`);
  }

  /** The rows that there are, as everybody must show them in the end. */
  shown(): readonly string[] {
    return [...this.rows].flatMap(([key, { text }]) => (text === undefined ? [] : [`${key}:${text}`])).sort();
  }

  /** Whether who wrote `own` last may see `shown`: his own, or, once that came, what is not earlier. */
  maySee(key: bigint, own: string, shown: string | undefined): boolean {
    const history = this.#history.get(key) ?? [];
    // What a rule made of it may be anything that was there.
    if (this.rule !== undefined && this.came.has(own)) return shown === own || shown === undefined || history.some(({ text }) => text === shown);
    const mine = history.find(({ text }) => text === own);
    return shown === own || (mine !== undefined && history.some(({ text, time, client }) => text === shown && (time > mine.time || (time === mine.time && client >= mine.client))));
  }

  #meets(key: bigint, { client, text }: Write): boolean {
    const before = this.rows.get(key);
    return before !== undefined && before.client !== client && (before.text !== undefined || text !== undefined);
  }

  #settle(rule: OnConflict, key: bigint, write: Write, nowMs: number): void {
    const before = this.rows.get(key) as Write;
    const isLater = write.time > before.time || (write.time === before.time && write.client > before.client);
    const shown = ({ text }: Write) => (text === undefined ? undefined : { text });
    const answer = rule({ key, existing: shown(before), incoming: shown(write), later: isLater ? 'incoming' : 'existing' });
    if (answer === 'existing') return;
    if (answer === 'incoming' && isLater) return this.#put(key, write);
    if (write.time > this.#last) this.#last = write.time;
    this.#put(key, { time: this.#tick(nowMs), client: 0n, text: answer === 'incoming' ? write.text : (answer['text'] as string) });
  }

  #tick(nowMs: number): bigint {
    const now = BigInt(nowMs) << 16n;
    this.#last = now > this.#last ? now : this.#last + 1n;
    return this.#last;
  }

  #believed(time: bigint, nowMs: number): bigint {
    const max = (BigInt(nowMs + AHEAD_MS) << 16n) | 0xffffn;
    return time > max ? max : time;
  }

  // What was set back is later than what is there of the same writer, but not above what it said.
  #ordered(key: bigint, write: Write, sent: bigint): Write {
    const before = this.rows.get(key);
    if (write.time === sent || before?.client !== write.client || write.time > before.time) return write;
    return { ...write, time: before.time + 1n < sent ? before.time + 1n : sent };
  }

  #written(key: bigint, write: Write): void {
    const byWriter = this.#lastOf.get(key) ?? new Map<bigint, Write>();
    if ((byWriter.get(write.client)?.time ?? -1n) < write.time) byWriter.set(write.client, write);
    this.#lastOf.set(key, byWriter);
  }

  #note(key: bigint, write: Write): void {
    this.#history.set(key, [...(this.#history.get(key) ?? []), write]);
  }

  #put(key: bigint, write: Write): void {
    if (write.time > this.#last) this.#last = write.time;
    this.#note(key, write);
    const before = this.rows.get(key);
    const isLater = before === undefined || write.time > before.time || (write.time === before.time && write.client > before.client);
    if (isLater) this.rows.set(key, write);
  }
}

function isRefused(batch: Batch): boolean {
  return rowsOf(batch).some(({ text }) => text?.startsWith(REFUSED_TEXT) === true);
}
