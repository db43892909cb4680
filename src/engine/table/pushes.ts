// Pushes: of a collection that takes pushes, which batches of which client it has and which it refused, and when keys that
// are not there were deleted. It changes with the table, batch by batch, in order of the LSN, and is in a file of the manifest when that is stored.

import type { Batch, PushMark, Stamps } from '../../format/batch.js';
import { hexOf, sameBytes } from '../../format/bytes.js';
import { CLIENT_REFUSALS_MAX, sortedTombstones, type ClientState, type KnownRefusal, type PushState } from '../../format/push-state.js';
import type { Columns } from '../../model/columns.js';
import { ElanusError } from '../../model/errors.js';
import type { Field } from '../../model/field.js';
import { CLIENT_FIELD, STAMP_FIELD } from '../../model/hidden-field.js';
import type { PrimaryKey } from '../../model/row.js';
import { msOfTime, NO_STAMP, stampClient, StampClock, type Stamp } from '../../model/stamp.js';
import { NOBODY, PUSH_LIMITS } from './push-limits.js';

/** About what it takes in memory of a client; of a deletion; of a refused batch. */
const CLIENT_BYTES = 400;
const TOMBSTONE_BYTES = 200;
const REFUSAL_BYTES = 1000;

/** For how long deletions and clients are remembered that nothing is heard of. */
const REMEMBERED_DAYS = 90;
export const REMEMBERED_MS = REMEMBERED_DAYS * 24 * 3600 * 1000;

/** Between two times that room is looked for. */
const ROOM_MS = 60_000;

export class Pushes {
  readonly clock: StampClock;
  readonly #key: Field;
  readonly #nowMs: () => number;
  readonly #clients = new Map<string, ClientState>();
  /** Keys of `#clients` by what stamps call them; of several of one user the last that was heard of. */
  readonly #byStamp = new Map<bigint, string>();
  /** How many clients each has, by the hexadecimal digits of a subject. */
  readonly #clientsOf = new Map<string, number>();
  readonly #tombstones = new Map<PrimaryKey, Stamp>();
  #tombstoneUnits = 0;
  #refusals = 0;
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
  }

  /** Of an own write. */
  next(): Stamp {
    return { time: this.clock.tick(), client: this.#client };
  }

  /** Differs whenever what is to be stored may differ. */
  get changes(): number {
    return this.#changes;
  }

  get tombstones(): number {
    return this.#tombstones.size;
  }

  /** Whether one more refused batch can be remembered. */
  get hasRoomForRefusal(): boolean {
    return this.#refusals < PUSH_LIMITS.refusals;
  }

  /** Errors: `QuotaExceeded` if no other client of that user can be remembered. */
  requireRoomForClient(subject: Uint8Array): void {
    const { clients, clientsOfUser } = PUSH_LIMITS;
    const user = hexOf(subject);
    const isFull = (): boolean => this.#clients.size >= clients || (user !== NOBODY && (this.#clientsOf.get(user) ?? 0) >= clientsOfUser);
    if (!isFull()) return;
    this.#makeRoom();
    if (isFull()) throw new ElanusError('QuotaExceeded', `at most ${clients} clients and files that were sent are remembered, ${clientsOfUser} of one user, for ${REMEMBERED_DAYS} days`);
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
    return this.#stored?.name === name && this.#stored.changes === this.#changes;
  }

  /** A file of that name has what there was at so many `changes`. */
  storedAs(name: string, changes: number): void {
    this.#stored = { name, changes };
  }

  /** Bytes that it takes, about. */
  get memoryBytes(): number {
    return this.#clients.size * CLIENT_BYTES + this.#tombstones.size * TOMBSTONE_BYTES + this.#refusals * REFUSAL_BYTES;
  }

  /** What was stored. */
  load({ time, floor, clients, keys, stamps }: PushState): void {
    this.clock.shown(time);
    this.#floor = floor;
    for (const state of clients) this.#keep(state);
    keys.forEach((key: PrimaryKey, at: number) => this.#bury(key, stampAt(stamps, at)));
  }

  /** As it is now, less what is so old that nobody needs it; `floor` is to be taken by `removedAll`, `mark` by `noteFile`. */
  state(floor = this.#floor, mark?: PushMark): PushState {
    this.#forgetOld();
    const known = mark === undefined ? this.#clients : new Map([...this.#clients, [hexOf(mark.client), this.#heardOf(mark)] as const]);
    const clients = [...known].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, state]) => state);
    const tombstones = floor === this.#floor ? this.#tombstones : new Map<PrimaryKey, Stamp>();
    return { time: this.clock.last, floor, clients, ...sortedTombstones(tombstones, this.#key) };
  }

  /** Undefined if nothing was heard of it. */
  client(client: Uint8Array): ClientState | undefined {
    return this.#clients.get(hexOf(client));
  }

  /** Whether the client is this user's, or may become it: what its stamps would be called is neither the server's nor another's. */
  isOf(subject: Uint8Array, client: Uint8Array): boolean {
    const called = stampClient(client);
    const owner = this.#ownerOf(called);
    return called !== 0n && (owner === undefined || sameBytes(owner, subject));
  }

  /**
   * Whose the row is that a client pushes and says to be of `client`: one of the same user's, as a client that took another number sends what it wrote before; of whom nothing is
   * known, then it is that of who pushes. Errors: `NotPermitted` if it is the server's, or another user's.
   */
  writerOf(client: bigint, by: Pick<PushMark, 'client' | 'subject'>): bigint {
    const pusher = stampClient(by.client);
    if (client === pusher) return client;
    const owner = this.#ownerOf(client);
    if (client === 0n || (owner !== undefined && !sameBytes(owner, by.subject))) throw new ElanusError('NotPermitted', `a pushed row that says it is of client ${client}, which is somebody else`);
    return owner === undefined ? pusher : client;
  }

  /** The client knows what became of its batches up to `id`. */
  told(client: Uint8Array, id: bigint): void {
    const known = this.client(client);
    const last = known?.refused.findLast((one) => one.id <= id);
    if (known === undefined || last === undefined) return;
    this.#keep({ ...known, refused: known.refused.filter((one) => one.id > id), told: last.id });
    this.#changes++;
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
    return (mark === undefined ? 0 : CLIENT_BYTES) + (mark?.refusal === undefined ? 0 : REFUSAL_BYTES) + deletions * TOMBSTONE_BYTES;
  }

  /** A batch is applied. */
  note({ mark, ...batch }: Batch): void {
    if (mark !== undefined) this.#noteMark(mark);
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
    this.#noteMark(mark);
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
    for (const [client, state] of this.#clients) if (state.seenMs < since) this.#forget(client, state);
  }

  #noteMark(mark: PushMark): void {
    this.#keep(this.#heardOf(mark));
    this.#changes++;
  }

  // What a log says again may have been told since; it is among the oldest then.
  #heardOf({ client, subject, id, chain, refusal }: PushMark): ClientState {
    const before = this.client(client);
    const all: readonly KnownRefusal[] = [...(before?.refused ?? []), ...(refusal === undefined ? [] : [{ id, ...refusal }])];
    const told = all.at(-CLIENT_REFUSALS_MAX - 1)?.id ?? before?.told ?? 0n;
    return { client: client.slice(), subject: subject.slice(), id, chain: chain.slice(), seenMs: this.#nowMs(), refused: all.slice(-CLIENT_REFUSALS_MAX), told };
  }

  #keep(state: ClientState): void {
    const client = hexOf(state.client);
    const before = this.#clients.get(client);
    this.#refusals += state.refused.length - (before?.refused.length ?? 0);
    if (before === undefined) this.#count(state.subject, 1);
    this.#clients.set(client, state);
    this.#byStamp.set(stampClient(state.client), client);
  }

  #count(subject: Uint8Array, more: number): void {
    const user = hexOf(subject);
    const count = (this.#clientsOf.get(user) ?? 0) + more;
    if (count > 0) this.#clientsOf.set(user, count);
    else this.#clientsOf.delete(user);
  }

  #forget(client: string, { client: bytes, refused, subject }: ClientState): void {
    this.#refusals -= refused.length;
    this.#count(subject, -1);
    this.#clients.delete(client);
    if (this.#byStamp.get(stampClient(bytes)) === client) this.#byStamp.delete(stampClient(bytes));
  }

  #ownerOf(client: bigint): Uint8Array | undefined {
    return this.#clients.get(this.#byStamp.get(client) ?? '')?.subject;
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
