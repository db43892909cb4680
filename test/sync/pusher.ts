// Pusher: one who pushes to a collection of numbered notes, as a client does, with a clock of its own.

import { encodeBatch, type Batch } from '../../src/format/batch.js';
import { chainOf, type Push } from '../../src/format/push.js';
import type { Column } from '../../src/model/columns.js';
import type { Schema } from '../../src/model/schema.js';
import { stampClient, timeOfMs } from '../../src/model/stamp.js';
import { webAmbient } from '../../src/platform/ambient.js';

export const START_MS = 1_700_000_000_000;
export const NOTE_FIELDS = [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'text', type: 'VarChar', maxLength: 20 }, { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' }] as const;

/** One who pushes, as a client does; `ms` are of its clock, after the start. */
export class Pusher {
  readonly client: Uint8Array;
  id = 0n;
  chain: Uint8Array = new Uint8Array(8);

  readonly #schema: () => Schema;

  constructor(number: number, schema: () => Schema) {
    this.client = new Uint8Array(16).fill(number);
    this.#schema = schema;
  }

  stamps(ms: number, rows: number): { readonly times: BigInt64Array; readonly clients: BigInt64Array } {
    return { times: new BigInt64Array(rows).fill(timeOfMs(START_MS + ms)), clients: new BigInt64Array(rows).fill(stampClient(this.client)) };
  }

  write(ms: number, rows: readonly (readonly [number, string])[], change: Record<string, Column> = {}): Uint8Array {
    const { times, clients } = this.stamps(ms, rows.length);
    const byName = new Map<string, Column>(Object.entries({
      id: { type: 'Int64', values: BigInt64Array.from(rows, ([id]) => BigInt(id)) },
      text: { type: 'VarChar', values: rows.map(([, text]) => text) },
      v: { type: 'FloatVector', dim: 2, values: Float32Array.from(rows.flatMap(([id]) => [id, 1])) },
      $stamp: { type: 'Int64', values: times },
      $client: { type: 'Int64', values: clients },
      ...change,
    } as const));
    return encodeBatch({ kind: 'write', columns: { rows: rows.length, byName } }, this.#schema());
  }

  delete(ms: number, ids: readonly number[]): Uint8Array {
    const batch: Batch = { kind: 'delete', keys: BigInt64Array.from(ids, BigInt), stamps: this.stamps(ms, ids.length) };
    return encodeBatch(batch, this.#schema());
  }

  /** What is to be sent of these, which then count as sent. */
  async push(...batches: readonly Uint8Array[]): Promise<Push> {
    const push = { client: this.client, after: { id: this.id, chain: this.chain }, batches };
    for (const batch of batches) this.chain = await chainOf(this.chain, batch, webAmbient().sha256);
    this.id += BigInt(batches.length);
    return push;
  }
}
