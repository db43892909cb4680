// Pushes: of a collection that takes pushes, who has pushed which batches, and when keys that are not there were deleted. It changes with the table, batch by batch, in order of the LSN, and is in a file of the manifest when that is stored.

import type { Batch, PushMark, Stamps } from '../../format/batch.js';
import { sortedTombstones, type PushState } from '../../format/push-state.js';
import type { Columns } from '../../model/columns.js';
import { ElanusError } from '../../model/errors.js';
import type { Field } from '../../model/field.js';
import { CLIENT_FIELD, STAMP_FIELD } from '../../model/hidden-field.js';
import type { PrimaryKey } from '../../model/row.js';
import { msOfTime, NO_STAMP, StampClock, type Stamp } from '../../model/stamp.js';
import { KnownClients } from './known-clients.js';
import { PUSH_LIMITS, REMEMBERED_DAYS } from './push-limits.js';

/** About what it takes in memory of a deletion. */
const TOMBSTONE_BYTES = 200;

export const REMEMBERED_MS = REMEMBERED_DAYS * 24 * 3600 * 1000;

/** Between two times that room is looked for. */
const ROOM_MS = 60_000;

export class Pushes {
  readonly clock: StampClock;
  readonly clients: KnownClients;
  readonly #key: Field;
  readonly #nowMs: () => number;
  readonly #tombstones = new Map<PrimaryKey, Stamp>();
  #tombstoneUnits = 0;
  /** When it was last looked for what is old. */
  #lookedMs = -Infinity;
  #floor = 0n;
  #changes = 0;

  readonly #client: bigint;
  /** The file that has what there was at so many changes. */
  #stored: { readonly name: string; readonly changes: number } | undefined;

  /** `key`: the primary key's field; `client`: that of own writes. */
  constructor(key: Field, nowMs: () => number, client = 0n) {
    this.#key = key;
    this.#nowMs = nowMs;
    this.#client = client;
    this.clock = new StampClock(nowMs);
    this.clients = new KnownClients(nowMs);
  }

  /** Of an own write. */
  next(): Stamp {
    return { time: this.clock.tick(), client: this.#client };
  }

  /** Differs whenever what is to be stored may differ. */
  get changes(): number {
    return this.#changes + this.clients.changes;
  }

  get tombstones(): number {
    return this.#tombstones.size;
  }

  /** Errors: `QuotaExceeded` if no other client of that user can be remembered. */
  requireRoomForClient(subject: Uint8Array): void {
    if (this.clients.fullFor(subject) === undefined) return;
    this.#makeRoom();
    const full = this.clients.fullFor(subject);
    if (full !== undefined) throw full;
  }

  /** What to say if it cannot be remembered that these keys were deleted, a `QuotaExceeded`. */
  fullForDeletions(keys: Iterable<PrimaryKey>): ElanusError | undefined {
    const { tombstones, tombstoneUnits } = PUSH_LIMITS;
    const isFull = (): boolean => {
      let [count, units] = [this.#tombstones.size, this.#tombstoneUnits];
      for (const key of keys) if (!this.#tombstones.has(key)) [count, units] = [count + 1, units + unitsOf(key)];
      return count > tombstones || units > tombstoneUnits;
    };
    if (!isFull()) return undefined;
    this.#makeRoom();
    return isFull() ? new ElanusError('QuotaExceeded', `at most ${tombstones} deleted keys, of ${tombstoneUnits} characters, are remembered for ${REMEMBERED_DAYS} days`) : undefined;
  }

  /** Whether the file of that name has what there is, less the clock. */
  isStoredAs(name: string): boolean {
    return this.#stored?.name === name && this.#stored.changes === this.changes;
  }

  /** A file of that name has what there was at so many `changes`. */
  storedAs(name: string, changes: number): void {
    this.#stored = { name, changes };
  }

  /** Bytes that it takes, about. */
  get memoryBytes(): number {
    return this.clients.memoryBytes + this.#tombstones.size * TOMBSTONE_BYTES;
  }

  /** What was stored. */
  load({ time, floor, clients, keys, stamps }: PushState): void {
    this.clock.shown(time);
    this.#floor = floor;
    this.clients.load(clients);
    keys.forEach((key: PrimaryKey, at: number) => this.#bury(key, stampAt(stamps, at)));
  }

  /** As it is now, less what is so old that nobody needs it; `floor` is to be taken by `removedAll`, `mark` by `noteFile`. */
  state(floor = this.#floor, mark?: PushMark): PushState {
    this.#forgetOld();
    const tombstones = floor === this.#floor ? this.#tombstones : new Map<PrimaryKey, Stamp>();
    return { time: this.clock.last, floor, clients: this.clients.states(mark), ...sortedTombstones(tombstones, this.#key) };
  }

  /** When a key that is not there was deleted; no stamp if that is not known. */
  deletedAt(key: PrimaryKey): Stamp {
    const found = this.#tombstones.get(key) ?? NO_STAMP;
    return found.time >= this.#floor ? found : { time: this.#floor, client: (1n << 63n) - 1n };
  }

  /** Whether it is remembered that this key was deleted, by itself and not with all. */
  isDeleted(key: PrimaryKey): boolean {
    const found = this.#tombstones.get(key);
    return found !== undefined && found.time >= this.#floor;
  }

  /** All rows were removed at the time `floor`. */
  removedAll(floor: bigint): void {
    this.#floor = floor;
    this.#tombstones.clear();
    this.#tombstoneUnits = 0;
    this.#changes++;
  }

  /** What it takes more when a batch is applied, at most. */
  bytesToNote(batch: Batch | { readonly mark: PushMark }): number {
    const { mark } = batch;
    const deletions = 'kind' in batch && batch.kind === 'delete' && batch.stamps !== undefined ? batch.keys.length : 0;
    return (mark === undefined ? 0 : this.clients.bytesToNote(mark)) + deletions * TOMBSTONE_BYTES;
  }

  /** A batch is applied. */
  note({ mark, ...batch }: Batch): void {
    if (mark !== undefined) this.clients.note(mark);
    if (batch.kind === 'write') {
      const times = batch.columns.byName.get(STAMP_FIELD.name)?.values as BigInt64Array | undefined;
      times?.forEach((time) => this.clock.shown(time));
      this.#noteKeys((batch.columns.byName.get(this.#key.name)?.values ?? []) as Iterable<PrimaryKey>);
    } else if (batch.stamps !== undefined) {
      const { keys, stamps } = batch;
      keys.forEach((key: PrimaryKey, at: number) => {
        this.#bury(key, stampAt(stamps, at));
        this.clock.shown(stamps.times[at] as bigint);
      });
      this.#changes++;
    }
  }

  /** A file is there with rows of these keys. */
  noteFile(mark: PushMark, keys: Iterable<PrimaryKey>): void {
    this.clients.note(mark);
    this.#noteKeys(keys);
  }

  #noteKeys(keys: Iterable<PrimaryKey>): void {
    if (this.#tombstones.size > 0) for (const key of keys) if (this.#unbury(key)) this.#changes++;
  }

  #bury(key: PrimaryKey, stamp: Stamp): void {
    if (!this.#tombstones.has(key)) this.#tombstoneUnits += unitsOf(key);
    this.#tombstones.set(key, stamp);
  }

  #unbury(key: PrimaryKey): boolean {
    const isKnown = this.#tombstones.delete(key);
    if (isKnown) this.#tombstoneUnits -= unitsOf(key);
    return isKnown;
  }

  // All is looked at, so that who is refused must not have it done again and again.
  #makeRoom(): void {
    if (this.#nowMs() - this.#lookedMs >= ROOM_MS) this.#forgetOld();
  }

  #forgetOld(): void {
    this.#lookedMs = this.#nowMs();
    const since = this.#nowMs() - REMEMBERED_MS;
    for (const [key, { time }] of this.#tombstones) if (msOfTime(time) < since) this.#unbury(key);
    this.clients.forget(since);
  }
}

function unitsOf(key: PrimaryKey): number {
  return typeof key === 'string' ? key.length : 0;
}

/** The same for each of several rows. */
export function stampsOf({ time, client }: Stamp, rows: number): Stamps {
  return { times: new BigInt64Array(rows).fill(time), clients: new BigInt64Array(rows).fill(client) };
}

export function stampAt({ times, clients }: Stamps, at: number): Stamp {
  return { time: times[at] as bigint, client: clients[at] as bigint };
}

/** Of the rows of a write, as its columns have them. */
export function stampsOfColumns(columns: Columns): Stamps | undefined {
  const times = columns.byName.get(STAMP_FIELD.name)?.values;
  const clients = columns.byName.get(CLIENT_FIELD.name)?.values;
  return times === undefined || clients === undefined ? undefined : { times: times as BigInt64Array, clients: clients as BigInt64Array };
}

export function withStamps({ rows, byName }: Columns, { times, clients }: Stamps): Columns {
  return { rows, byName: new Map([...byName, [STAMP_FIELD.name, { type: 'Int64', values: times }], [CLIENT_FIELD.name, { type: 'Int64', values: clients }]]) };
}
