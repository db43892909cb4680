// SimStorage: the Storage port over a SimDisk, with calls that take a seeded number of turns, so that calls under way at
// once end in any order, and that fail where they are told to. Everything is a promise without a timer: a run from
// one seed is the same run every time.

import { concatBytes } from '../../src/format/bytes.js';
import { ElanusError, type ErrorCode } from '../../src/model/errors.js';
import type { ByteRange, Log, Storage, StorageUsage } from '../../src/ports/storage.js';
import { GuardedStorage, type Backend } from '../../src/storage/guard.js';
import { rangeWithin } from '../../src/storage/range.js';
import { randomInteger } from '../support/random.js';
import type { Bytes, Random } from './bytes.js';
import type { Change, SimDisk } from './disk.js';

const TURNS_MAX = 3;

export interface Hooks {
  /** Told of every change when it begins, after it has been counted as under way. */
  readonly onChange?: (change: Change) => void;
  /** Asked at every call, reads and closes of logs too, counted from 0; what it gives the call fails with. */
  readonly failing?: (call: number) => ErrorCode | undefined;
  /** Told of every change that was done. */
  readonly onDone?: (change: Change) => void;
  /** Told when the storage is freed: until then no other could be opened. */
  readonly onClose?: () => void;
}

export function simStorage(disk: SimDisk, next: Random, hooks: Hooks = {}): Storage {
  return new GuardedStorage(new SimBackend(disk, next, hooks));
}

class SimBackend implements Backend {
  readonly kind = 'sim';
  #calls = 0;

  constructor(private readonly disk: SimDisk, private readonly next: Random, private readonly hooks: Hooks) {}

  async read(key: string, range: ByteRange | undefined): Promise<Bytes> {
    await this.call(key);
    const file = this.disk.files.get(key);
    if (file === undefined) throw new ElanusError('NotFound', `${key}: no such file in the simulation`, { file: key });
    const { offset, length } = rangeWithin(key, file.content.length, range);
    return file.content.slice(offset, offset + length);
  }

  async size(key: string): Promise<number | undefined> {
    await this.call(key);
    return this.disk.files.get(key)?.content.length;
  }

  async list(prefix: string): Promise<string[]> {
    await this.call(prefix);
    return [...this.disk.files.keys()].filter((key) => key.startsWith(prefix));
  }

  async create(key: string, bytes: Uint8Array): Promise<boolean> {
    if (this.disk.files.has(key)) {
      await this.call(key);
      return false;
    }
    await this.change({ kind: 'create', key, bytes: bytes.slice() as Bytes });
    return true;
  }

  async remove(key: string): Promise<void> {
    if (this.disk.files.has(key)) await this.change({ kind: 'remove', key });
    else await this.call(key);
  }

  async openLog(key: string): Promise<Log> {
    await this.change({ kind: 'openLog', key });
    // Some platforms append and sync in one call.
    const log = this.#calls % 2 === 0 ? SimLog : SyncingSimLog;
    return new log(key, this, this.disk.files.get(key)?.content.length ?? 0);
  }

  async usage(): Promise<StorageUsage> {
    await this.call('usage');
    return { usageBytes: [...this.disk.files.values()].reduce((sum, { content }) => sum + content.length, 0) };
  }

  async close(): Promise<void> {
    this.hooks.onClose?.();
  }

  explain(error: unknown, about: string): ElanusError {
    return new ElanusError('StorageFailed', `${about}: the simulation itself failed: ${String(error)}`, { cause: error });
  }

  /** A call that changes nothing. */
  async call(about: string): Promise<void> {
    await this.turns();
    this.failIfTold(about);
  }

  async change(change: Change): Promise<void> {
    this.disk.begin(change);
    this.hooks.onChange?.(change);
    await this.turns();
    try {
      this.failIfTold(`${change.kind} ${change.key}`);
    } catch (error) {
      this.disk.fail(change, this.next);
      throw error;
    }
    this.disk.finish(change);
    this.hooks.onDone?.(change);
    await this.turns();
  }

  private failIfTold(about: string): void {
    const call = this.#calls++;
    const code = this.hooks.failing?.(call);
    if (code !== undefined) throw new ElanusError(code, `${about}: told to fail, call ${call}`);
  }

  private async turns(): Promise<void> {
    for (let turn = randomInteger(this.next, TURNS_MAX); turn > 0; turn--) await undefined;
  }
}

class SimLog implements Log {
  constructor(protected readonly key: string, protected readonly backend: SimBackend, protected size: number) {}

  get sizeBytes(): number {
    return this.size;
  }

  async append(...parts: readonly Uint8Array[]): Promise<void> {
    const bytes = concatBytes(parts);
    await this.backend.change({ kind: 'append', key: this.key, offset: this.size, bytes });
    this.size += bytes.length;
  }

  async sync(): Promise<void> {
    await this.backend.change({ kind: 'sync', key: this.key });
  }

  async truncate(sizeBytes: number): Promise<void> {
    await this.backend.change({ kind: 'truncate', key: this.key, sizeBytes });
    this.size = sizeBytes;
  }

  async close(): Promise<void> {
    await this.backend.call(this.key);
  }
}

class SyncingSimLog extends SimLog {
  async appendDurably(...parts: readonly Uint8Array[]): Promise<void> {
    const bytes = concatBytes(parts);
    await this.backend.change({ kind: 'append', key: this.key, offset: this.size, bytes });
    await this.backend.change({ kind: 'sync', key: this.key });
    this.size += bytes.length;
  }
}
