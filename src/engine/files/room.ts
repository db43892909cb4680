// Room: makes room in the storage where a write lacks it. What can be had again is removed, the least missed first, and
// the write is tried again; what exists only here never is. A small reserve is kept, so that a full storage can still
// be told of deletions and drops. Decision 26.

import { RESERVE_KEY } from '../../format/keys.js';
import { ElanusError } from '../../model/errors.js';
import type { Ambient } from '../../ports/ambient.js';
import type { Storage } from '../../ports/storage.js';

/** Bytes of the reserve: a few thousand deletions, or a drop. */
const RESERVE_BYTES = 64 * 1024;
/** The reserve is made where so many times its size is free. */
const RESERVE_SHARE = 4;

/** What can be removed, and had again. */
export interface Spare {
  /** What goes first: 0 what no reader needs; 1 what is derived, without which answers are slower; 2 what a pull brings back. */
  readonly rank: 0 | 1 | 2;
  /** When it was last used, in uses; what is not open counts as unused. */
  readonly lastUse: number;
  readonly sizeBytes: number;
  /** Errors: those of the storage. */
  remove(): Promise<void>;
}

/** What a write that lacks room is worth: 'optional' takes room only from what no reader needs; 'freeing' takes the reserve too. */
export type Worth = 'optional' | 'needed' | 'freeing';

export interface RoomOwner {
  /** Everything that can be removed now. */
  readonly spares: () => Promise<readonly Spare[]>;
  readonly warn: (message: string) => void;
}

export class Room {
  readonly #storage: Storage;
  readonly #ambient: Ambient;
  readonly #owner: RoomOwner;
  readonly #reserveBytes: number;
  #making: Promise<unknown> = Promise.resolve();
  #lacked = false;

  constructor(storage: Storage, ambient: Ambient, owner: RoomOwner, reserveBytes = RESERVE_BYTES) {
    this.#storage = storage;
    this.#ambient = ambient;
    this.#owner = owner;
    this.#reserveBytes = reserveBytes;
  }

  /** Does `write`, which stores about so many bytes, and again after room was made, until there is none to be made. Errors: those of `write`. */
  async attempt<T>(bytes: number, worth: Worth, write: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await write();
      } catch (error) {
        if (!lacksRoom(error)) throw error;
        this.#lacked = true;
        const made = this.#making.then(() => this.#make(bytes, worth));
        this.#making = made.catch(() => undefined);
        if (!(await made)) throw error;
      }
    }
  }

  /** Whether there is room for what can be done without. Until a write has lacked room that is taken for granted; from then on the storage must tell. */
  async hasRoomFor(bytes: number): Promise<boolean> {
    if (!this.#lacked) return true;
    const free = await this.#freeBytes();
    if (free === undefined || free < bytes + this.#reserveBytes) return false;
    this.#lacked = false;
    return true;
  }

  /** Errors: `QuotaExceeded` if so many bytes cannot be had, whatever is removed. Where the storage does not tell they are taken for granted. */
  async requireFor(bytes: number, what: string): Promise<void> {
    const free = await this.#freeBytes();
    if (free === undefined || bytes <= free) return;
    const spare = (await this.#owner.spares()).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    if (bytes > free + spare) throw new ElanusError('QuotaExceeded', `${what}: it takes ${bytes} bytes; ${Math.max(0, free)} are free, and ${spare} can be freed`);
  }

  /** Does `work`, which frees room in the end, with the reserve if it lacks room. Errors: those of `work`. */
  async withReserve<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!lacksRoom(error) || !(await this.useReserve())) throw error;
      return work();
    }
  }

  /** Gives up the reserve. False if there is none. */
  async useReserve(): Promise<boolean> {
    if ((await this.#storage.size(RESERVE_KEY)) === undefined) return false;
    await this.#storage.remove(RESERVE_KEY);
    return true;
  }

  /** Makes the reserve if there is none, the storage has a quota, and much of that is free. */
  async keepReserve(): Promise<void> {
    if ((await this.#storage.size(RESERVE_KEY)) !== undefined) return;
    const free = await this.#freeBytes();
    if (free === undefined || free < this.#reserveBytes * RESERVE_SHARE) return;
    try {
      // Of chance, as a storage may pack what it keeps.
      await this.#storage.create(RESERVE_KEY, this.#ambient.randomBytes(this.#reserveBytes));
    } catch (error) {
      if (!lacksRoom(error)) throw error;
      this.#owner.warn(`no reserve is kept for when the storage is full: ${String(error)}`);
    }
  }

  /** Undefined where the storage does not tell. */
  async #freeBytes(): Promise<number | undefined> {
    const { quotaBytes, usageBytes } = await this.#storage.usage();
    return quotaBytes === undefined || usageBytes === undefined ? undefined : quotaBytes - usageBytes;
  }

  /** False if nothing was removed. */
  async #make(bytes: number, worth: Worth): Promise<boolean> {
    const all = await this.#owner.spares();
    const spares = all.filter(({ rank }) => worth !== 'optional' || rank === 0).sort((a, b) => a.rank - b.rank || a.lastUse - b.lastUse);
    const spare = spares.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    if (spare + ((await this.#freeBytes()) ?? bytes) < bytes) return worth === 'freeing' && this.useReserve();
    let removed = 0;
    let freed = 0;
    for (const { sizeBytes, remove } of spares) {
      if (freed >= bytes) break;
      try {
        await remove();
        removed++;
        freed += sizeBytes;
      } catch (error) {
        this.#owner.warn(`could not be removed to make room: ${String(error)}`);
      }
    }
    return removed > 0 || (worth === 'freeing' && (await this.useReserve()));
  }
}

export function lacksRoom(error: unknown): boolean {
  return error instanceof ElanusError && error.code === 'QuotaExceeded';
}
