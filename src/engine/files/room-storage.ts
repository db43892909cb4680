// RoomStorage: the Storage port where every write that lacks room is tried again once room was made for it.

import { lengthOf } from '../../format/bytes.js';
import { CATALOG_PREFIX, isIndexKey } from '../../format/keys.js';
import type { ByteRange, Log, Storage, StorageUsage } from '../../ports/storage.js';
import type { Room, Worth } from './room.js';

/** What opening a log or cutting it may take. */
const SMALL_BYTES = 4096;

export class RoomStorage implements Storage {
  readonly kind: string;
  readonly isShared: boolean;
  readonly #inner: Storage;
  readonly #room: Room;
  readonly #isOptional: boolean;
  #freeing = 0;

  /** `isOptional`: no file that is created through it is worth what a reader needs. */
  constructor(inner: Storage, room: Room, isOptional = false) {
    this.#isOptional = isOptional;
    this.kind = inner.kind;
    this.isShared = inner.isShared === true;
    this.#inner = inner;
    this.#room = room;
  }

  /** While `work` runs, catalogs may be stored in the place of the reserve. */
  async freeing<T>(work: () => Promise<T>): Promise<T> {
    this.#freeing++;
    try {
      return await work();
    } finally {
      this.#freeing--;
    }
  }

  read(key: string, range?: ByteRange, room?: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    return this.#inner.read(key, range, room);
  }

  size(key: string): Promise<number | undefined> {
    return this.#inner.size(key);
  }

  list(prefix: string): Promise<readonly string[]> {
    return this.#inner.list(prefix);
  }

  create(key: string, bytes: Uint8Array): Promise<boolean> {
    let attempts = 0;
    return this.#room.attempt(bytes.length, this.#worthOf(key), async () => {
      // What an attempt that lacked room may have left is no file; where others write, it may be theirs.
      if (attempts++ > 0 && !this.isShared) await this.#inner.remove(key);
      return this.#inner.create(key, bytes);
    });
  }

  remove(key: string): Promise<void> {
    return this.#inner.remove(key);
  }

  async openLog(key: string): Promise<Log> {
    return new RoomLog(await this.#room.attempt(SMALL_BYTES, 'needed', () => this.#inner.openLog(key)), this.#room);
  }

  usage(): Promise<StorageUsage> {
    return this.#inner.usage();
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  // An index is derived, as is what merges others: nothing that a reader needs is given up for it.
  #worthOf(key: string): Worth {
    if (this.#isOptional || isIndexKey(key)) return 'optional';
    return this.#freeing > 0 && key.startsWith(CATALOG_PREFIX) ? 'freeing' : 'needed';
  }
}

class RoomLog implements Log {
  readonly #inner: Log;
  readonly #room: Room;
  #syncedBytes: number;
  /** Appended since the last sync. */
  #unsynced: (readonly Uint8Array[])[] = [];
  readonly appendDurably?: Log['append'];

  constructor(inner: Log, room: Room) {
    this.#inner = inner;
    this.#room = room;
    this.#syncedBytes = inner.sizeBytes;
    if (inner.appendDurably !== undefined) this.appendDurably = (...parts) => this.#append(parts, () => (inner as Required<Log>).appendDurably(...parts)).then(() => this.#synced());
  }

  get sizeBytes(): number {
    return this.#inner.sizeBytes;
  }

  async append(...parts: readonly Uint8Array[]): Promise<void> {
    await this.#append(parts, () => this.#inner.append(...parts));
    this.#unsynced.push(parts);
  }

  // What a failed sync was to keep may be gone: it is written again.
  async sync(): Promise<void> {
    let failed = false;
    const bytes = this.#unsynced.reduce((sum, parts) => sum + lengthOf(parts), 0);
    await this.#room.attempt(bytes, 'needed', async () => {
      if (failed) await this.#appendAgain();
      failed = true;
      await this.#inner.sync();
    });
    this.#synced();
  }

  async truncate(sizeBytes: number): Promise<void> {
    await this.#room.attempt(SMALL_BYTES, 'needed', () => this.#inner.truncate(sizeBytes));
    this.#synced();
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  // What a failed append left is cut off before the next.
  async #append(parts: readonly Uint8Array[], append: () => Promise<void>): Promise<void> {
    const start = this.#inner.sizeBytes;
    let failed = false;
    await this.#room.attempt(lengthOf(parts), 'needed', async () => {
      if (failed) await this.#inner.truncate(start);
      failed = true;
      await append();
    });
  }

  async #appendAgain(): Promise<void> {
    await this.#inner.truncate(this.#syncedBytes);
    for (const parts of this.#unsynced) await this.#inner.append(...parts);
  }

  #synced(): void {
    this.#syncedBytes = this.#inner.sizeBytes;
    this.#unsynced = [];
  }
}
