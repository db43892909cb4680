// StateStore: the numbered states in a storage, under `access/`. As catalogs are, each is stored twice, under an odd version
// and the next, so that what a crash tore is told from what was damaged; a change has happened once the second is durable. Then all
// before are removed, with the passwords and keys that they had. Changes take turns.

import { ElanusError, requireIntact } from '../../model/errors.js';
import type { Storage } from '../../ports/storage.js';
import { nextTurn } from '../slices.js';
import { INITIAL_STATE, type AccessState } from './state.js';
import { decodeState, encodeInTurns } from './state-file.js';

const PREFIX = 'access/';
const KEY = /^access\/(\d{20})\.json$/;
const CHANGES_WAITING_MAX = 1_000;

const keyOf = (version: number): string => `${PREFIX}${String(version).padStart(20, '0')}.json`;
const isSecond = (version: number): boolean => version % 2 === 0;

export type Change = (state: AccessState) => AccessState | Promise<AccessState>;

/** Is told of each state before it counts, and waited for. */
export type Prepare = (state: AccessState) => Promise<void>;

export class StateStore {
  readonly #storage: Storage;
  readonly #prepare: Prepare;
  #state: AccessState;
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  /** Why no more may be changed. */
  #broken: ElanusError | undefined;

  private constructor(storage: Storage, state: AccessState, prepare: Prepare) {
    this.#storage = storage;
    this.#prepare = prepare;
    this.#state = state;
  }

  /** Errors: `Corrupt`: rather than let in whom an older state lets in, nobody is. */
  static async open(storage: Storage, prepare: Prepare = unprepared): Promise<StateStore> {
    const state = await readNewest(storage);
    await prepare(state);
    return new StateStore(storage, state, prepare);
  }

  /** Over a storage that is empty. */
  static begin(storage: Storage): StateStore {
    return new StateStore(storage, INITIAL_STATE, unprepared);
  }

  get state(): AccessState {
    return this.#state;
  }

  /** Stores what `change` makes of the state, unless that is the same. Errors: those of `change` and of the storage; then all is as before. */
  async change(change: Change): Promise<AccessState> {
    if (this.#waiting >= CHANGES_WAITING_MAX) throw new ElanusError('Busy', `users and roles: ${CHANGES_WAITING_MAX} changes are waiting already`);
    this.#waiting++;
    const done = this.#tail.then(() => this.#apply(change));
    this.#tail = done.catch(() => undefined);
    try {
      return await done;
    } finally {
      this.#waiting--;
    }
  }

  async #apply(change: Change): Promise<AccessState> {
    if (this.#broken !== undefined) throw this.#broken;
    const next = await change(this.#state);
    if (next === this.#state) return next;
    // Whoever asked was admitted, and the change made, in this turn.
    await nextTurn();
    await this.#prepare(next);
    try {
      await put(this.#storage, next);
    } catch (error) {
      await this.#restore(error);
      throw error;
    }
    this.#state = next;
    return next;
  }

  // The storage may have the new state although storing it failed: the one before is stored again, above it.
  async #restore(cause: unknown): Promise<void> {
    try {
      await put(this.#storage, this.#state);
    } catch {
      this.#broken = new ElanusError('ReadOnly', `users and roles: a change failed, and it is not known whether it is stored: start the server again`, { cause });
    }
  }
}

const unprepared: Prepare = () => Promise.resolve();

async function versionsIn(storage: Storage): Promise<readonly number[]> {
  return (await storage.list(PREFIX)).flatMap((key) => KEY.exec(key)?.[1] ?? []).map(Number).sort((a, b) => b - a);
}

async function put(storage: Storage, state: AccessState): Promise<void> {
  const older = await versionsIn(storage);
  const newest = older[0] ?? 0;
  const first = newest + (isSecond(newest) ? 1 : 2);
  for (const version of [first, first + 1]) {
    if (!(await storage.create(keyOf(version), await encodeInTurns(state, version, nextTurn)))) throw new ElanusError('Busy', `${keyOf(version)} exists already: another process changes users and roles`);
  }
  for (const version of older) await storage.remove(keyOf(version));
}

async function readNewest(storage: Storage): Promise<AccessState> {
  const versions = await versionsIn(storage);
  for (const version of versions) {
    const found = await readVersion(storage, version);
    if (!(found instanceof ElanusError)) return found;
    // An odd one alone was torn by a crash, before anybody was told of it; what both copies lack is damage.
    const twin = isSecond(version) ? version - 1 : version + 1;
    if (!versions.includes(twin)) {
      if (isSecond(version)) throw found;
      continue;
    }
    const other = await readVersion(storage, twin);
    if (other instanceof ElanusError) throw found;
    return other;
  }
  // The very first may be torn, too.
  requireIntact(versions.every((version) => version === 1), PREFIX, 'no state of users and roles is whole');
  return INITIAL_STATE;
}

async function readVersion(storage: Storage, version: number): Promise<AccessState | ElanusError> {
  const key = keyOf(version);
  try {
    return decodeState(await storage.read(key), version, key);
  } catch (error) {
    if (error instanceof ElanusError && error.code === 'Corrupt') return error;
    throw error;
  }
}
