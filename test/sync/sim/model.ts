// Model: what the server must have, from what was given to it, by the rules of docs/format.md alone: each batch of a client
// once, of each row the later write. It knows nothing of logs, segments, files or time but the clock it is told.

import type { Batch } from '../../../src/format/batch.js';

export interface Write {
  readonly time: bigint;
  readonly client: bigint;
  /** Undefined of a deletion. */
  readonly text: string | undefined;
}

const AHEAD_MS = 60_000;

export class Model {
  readonly rows = new Map<bigint, Write>();
  /** Number of the last batch of each client. */
  readonly known = new Map<string, bigint>();
  /** Texts of all writes that came, and of deletions their time. */
  readonly came = new Set<string>();
  /** Batches that the server logged. */
  batches = 0n;
  /** All that was ever given for a key. */
  readonly #history = new Map<bigint, Write[]>();
  #last = 0n;

  /** Batch number `id` of a client, that the server has now; once. */
  take(client: string, id: bigint, batch: Batch, nowMs: number): void {
    const last = this.known.get(client) ?? 0n;
    if (id <= last) return;
    if (id !== last + 1n) throw new Error(`the server has batch ${id} of ${client} and not ${last + 1n}`);
    this.known.set(client, id);
    this.batches++;
    for (const { key, time, writer, text } of rowsOf(batch)) {
      this.came.add(text ?? `${key}-${time}-${writer}`);
      this.#put(key, { time: this.#believed(time, nowMs), client: writer, text });
    }
  }

  /** The server's own write, which is later than all that it has seen. */
  own(key: bigint, text: string | undefined, nowMs: number): void {
    const now = BigInt(nowMs) << 16n;
    this.#last = now > this.#last ? now : this.#last + 1n;
    this.batches++;
    this.#put(key, { time: this.#last, client: 0n, text });
  }

  /** The rows that there are, as everybody must show them in the end. */
  shown(): readonly string[] {
    return [...this.rows].flatMap(([key, { text }]) => (text === undefined ? [] : [`${key}:${text}`])).sort();
  }

  /** Whether who wrote `own` last may see `shown`: his own, or, once that came, what is not earlier. */
  maySee(key: bigint, own: string, shown: string | undefined): boolean {
    const history = this.#history.get(key) ?? [];
    const mine = history.find(({ text }) => text === own);
    return shown === own || (mine !== undefined && history.some(({ text, time, client }) => text === shown && (time > mine.time || (time === mine.time && client >= mine.client))));
  }

  #believed(time: bigint, nowMs: number): bigint {
    const max = (BigInt(nowMs + AHEAD_MS) << 16n) | 0xffffn;
    return time > max ? max : time;
  }

  #put(key: bigint, write: Write): void {
    if (write.time > this.#last) this.#last = write.time;
    this.#history.set(key, [...(this.#history.get(key) ?? []), write]);
    const before = this.rows.get(key);
    const isLater = before === undefined || write.time > before.time || (write.time === before.time && write.client > before.client);
    if (isLater) this.rows.set(key, write);
  }
}

interface RowWritten {
  readonly key: bigint;
  readonly time: bigint;
  readonly writer: bigint;
  readonly text: string | undefined;
}

export function rowsOf(batch: Batch): readonly RowWritten[] {
  if (batch.kind === 'delete') {
    const { keys, stamps } = batch;
    return Array.from(keys as BigInt64Array, (key, at) => ({ key, time: stamps?.times[at] ?? 0n, writer: stamps?.clients[at] ?? 0n, text: undefined }));
  }
  const { rows, byName } = batch.columns;
  const values = (name: string): ArrayLike<unknown> => (byName.get(name)?.values ?? []) as ArrayLike<unknown>;
  return Array.from({ length: rows }, (_, at) => ({ key: values('id')[at] as bigint, time: values('$stamp')[at] as bigint, writer: values('$client')[at] as bigint, text: values('text')[at] as string }));
}
