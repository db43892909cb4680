// KnownClients: who has pushed to a collection: of each client whose it is, its last batch, and which refusals it does not know of.
// What a stamp calls a client (`stampClient`) is one user's alone.

import type { PushMark } from '../../format/batch.js';
import { hexOf, sameBytes } from '../../format/bytes.js';
import { CLIENT_REFUSALS_MAX, type ClientState, type KnownRefusal } from '../../format/push-state.js';
import { ElanusError } from '../../model/errors.js';
import { stampClient } from '../../model/stamp.js';
import { NOBODY, PUSH_LIMITS, REMEMBERED_DAYS } from './push-limits.js';

/** About what it takes in memory of a client; of a refused batch. */
const CLIENT_BYTES = 400;
const REFUSAL_BYTES = 1000;

export class KnownClients {
  readonly #nowMs: () => number;
  readonly #clients = new Map<string, ClientState>();
  /** Keys of `#clients` by what stamps call them; of several of one user the last that was heard of. */
  readonly #byStamp = new Map<bigint, string>();
  /** How many clients each has, by the hexadecimal digits of a subject. */
  readonly #clientsOf = new Map<string, number>();
  #refusals = 0;
  #changes = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Differs whenever what is to be stored may differ, but for what is forgotten. */
  get changes(): number {
    return this.#changes;
  }

  /** Bytes that it takes, about. */
  get memoryBytes(): number {
    return this.#clients.size * CLIENT_BYTES + this.#refusals * REFUSAL_BYTES;
  }

  /** What it takes more when a mark is noted, at most. */
  bytesToNote({ refusal }: PushMark): number {
    return CLIENT_BYTES + (refusal === undefined ? 0 : REFUSAL_BYTES);
  }

  /** Whether one more refused batch can be remembered. */
  get hasRoomForRefusal(): boolean {
    return this.#refusals < PUSH_LIMITS.refusals;
  }

  /** What to say if no other client of that user can be remembered, a `QuotaExceeded`. */
  fullFor(subject: Uint8Array): ElanusError | undefined {
    const { clients, clientsOfUser } = PUSH_LIMITS;
    const user = hexOf(subject);
    const isFull = this.#clients.size >= clients || (user !== NOBODY && (this.#clientsOf.get(user) ?? 0) >= clientsOfUser);
    return isFull ? new ElanusError('QuotaExceeded', `at most ${clients} clients and files that were sent are remembered, ${clientsOfUser} of one user, for ${REMEMBERED_DAYS} days`) : undefined;
  }

  load(clients: readonly ClientState[]): void {
    for (const state of clients) this.#keep(state);
  }

  /** In order of their numbers; with `mark` as if that were noted. */
  states(mark?: PushMark): readonly ClientState[] {
    const known = mark === undefined ? this.#clients : new Map([...this.#clients, [hexOf(mark.client), this.#heardOf(mark)] as const]);
    return [...known].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, state]) => state);
  }

  /** Undefined if nothing was heard of it. */
  get(client: Uint8Array): ClientState | undefined {
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
    const known = this.get(client);
    const last = known?.refused.findLast((one) => one.id <= id);
    if (known === undefined || last === undefined) return;
    this.#keep({ ...known, refused: known.refused.filter((one) => one.id > id), told: last.id });
    this.#changes++;
  }

  note(mark: PushMark): void {
    this.#keep(this.#heardOf(mark));
    this.#changes++;
  }

  /** Forgets of whom nothing was heard since then. */
  forget(sinceMs: number): void {
    for (const [key, { client, refused, subject, seenMs }] of this.#clients) {
      if (seenMs >= sinceMs) continue;
      this.#refusals -= refused.length;
      this.#count(subject, -1);
      this.#clients.delete(key);
      if (this.#byStamp.get(stampClient(client)) === key) this.#byStamp.delete(stampClient(client));
    }
  }

  // What a log says again is known with what became of it since.
  #heardOf({ client, subject, id, chain, refusal }: PushMark): ClientState {
    const before = this.get(client);
    const seenMs = this.#nowMs();
    if (before !== undefined && id <= before.id) return { ...before, seenMs };
    const all: readonly KnownRefusal[] = [...(before?.refused ?? []), ...(refusal === undefined ? [] : [{ id, ...refusal }])];
    const told = all.at(-CLIENT_REFUSALS_MAX - 1)?.id ?? before?.told ?? 0n;
    return { client: client.slice(), subject: subject.slice(), id, chain: chain.slice(), seenMs, refused: all.slice(-CLIENT_REFUSALS_MAX), told };
  }

  #keep(state: ClientState): void {
    const key = hexOf(state.client);
    const before = this.#clients.get(key);
    this.#refusals += state.refused.length - (before?.refused.length ?? 0);
    if (before === undefined) this.#count(state.subject, 1);
    this.#clients.set(key, state);
    this.#byStamp.set(stampClient(state.client), key);
  }

  #count(subject: Uint8Array, more: number): void {
    const user = hexOf(subject);
    const count = (this.#clientsOf.get(user) ?? 0) + more;
    if (count > 0) this.#clientsOf.set(user, count);
    else this.#clientsOf.delete(user);
  }

  #ownerOf(client: bigint): Uint8Array | undefined {
    return this.#clients.get(this.#byStamp.get(client) ?? '')?.subject;
  }
}
