// The storage port's rules, kept once for every implementation: keys and ranges are checked, a closed storage
// refuses, writes to one key take turns, a key has at most one open log, and whatever the platform throws leaves
// as an ElanusError. What is left to an implementation is a Backend, which may rely on all of that.

import { ElanusError, require } from '../model/errors.js';
import type { ByteRange, Log, ReadStorage, Storage, StorageUsage } from '../ports/storage.js';
import { GuardedLog } from './guard-log.js';
import { checkKey, checkPrefix } from './key.js';
import { checkRange } from './range.js';
import { Turns } from './turns.js';

/** Reads of a platform. Keys and ranges are checked already. */
export interface ReadBackend {
  readonly kind: string;
  read(key: string, range: ByteRange | undefined, room?: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  size(key: string): Promise<number | undefined>;
  /** Need not be sorted. */
  list(prefix: string): Promise<string[]>;
  /** As in ReadStorage. */
  refresh?(): Promise<boolean>;
  /** Called once, when no other call is under way and no log is open. */
  close(): Promise<void>;
  /** What the platform threw, in our words. `about` is the key, the prefix, or what was done. */
  explain(error: unknown, about: string): ElanusError;
}

/** Writes of a platform. Calls for one key come one after another, those to its log included. */
export interface Backend extends ReadBackend {
  /** As in Storage. */
  readonly isShared?: boolean;
  create(key: string, bytes: Uint8Array): Promise<boolean>;
  remove(key: string): Promise<void>;
  openLog(key: string): Promise<Log>;
  usage(): Promise<StorageUsage>;
}

export class GuardedReads<B extends ReadBackend = ReadBackend> implements ReadStorage {
  readonly kind: string;
  private readonly underWay = new Set<Promise<unknown>>();
  private closing: Promise<void> | undefined;
  readonly refresh?: () => Promise<boolean>;

  constructor(protected readonly backend: B) {
    this.kind = backend.kind;
    if (backend.refresh !== undefined) this.refresh = () => this.run('what is published', () => backend.refresh?.() ?? Promise.resolve(true));
  }

  async read(key: string, range?: ByteRange, room?: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    checkKey(key);
    if (range !== undefined) checkRange(key, range);
    require(room === undefined || room.length === range?.length, () => `${key}: expected room for the ${String(range?.length)} bytes of the range, found ${String(room?.length)}`);
    return this.run(key, () => this.backend.read(key, range, room));
  }

  async size(key: string): Promise<number | undefined> {
    checkKey(key);
    return this.run(key, () => this.backend.size(key));
  }

  async list(prefix: string): Promise<readonly string[]> {
    checkPrefix(prefix);
    // The default order of sort is by code units.
    return (await this.run(prefix, () => this.backend.list(prefix))).sort();
  }

  close(): Promise<void> {
    this.closing ??= this.finish();
    return this.closing;
  }

  protected async finish(): Promise<void> {
    await this.settle();
    await this.backend.close();
  }

  /** No call is under way when this resolves, and once closing none begins. */
  protected async settle(): Promise<void> {
    await Promise.allSettled(this.underWay);
  }

  protected async run<T>(about: string, work: () => Promise<T>): Promise<T> {
    if (this.closing !== undefined) throw new ElanusError('Closed', `${this.kind} storage is closed (${about || 'list'})`);
    const call = work();
    this.underWay.add(call);
    try {
      return await call;
    } catch (error) {
      throw error instanceof ElanusError ? error : this.backend.explain(error, about);
    } finally {
      this.underWay.delete(call);
    }
  }
}

export class GuardedStorage<B extends Backend = Backend> extends GuardedReads<B> implements Storage {
  private readonly turns = new Turns();
  private readonly logs = new Map<string, GuardedLog>();

  get isShared(): boolean {
    return this.backend.isShared === true;
  }

  async create(key: string, bytes: Uint8Array): Promise<boolean> {
    checkKey(key);
    return this.write(key, () => this.backend.create(key, bytes));
  }

  async remove(key: string): Promise<void> {
    checkKey(key);
    return this.write(key, async () => {
      this.requireNoLog(key);
      await this.backend.remove(key);
    });
  }

  async openLog(key: string): Promise<Log> {
    checkKey(key);
    return this.write(key, async () => {
      this.requireNoLog(key);
      const log = new GuardedLog(key, await this.backend.openLog(key), (work) => this.write(key, work), () => this.logs.delete(key));
      this.logs.set(key, log);
      return log;
    });
  }

  async usage(): Promise<StorageUsage> {
    return this.run('usage', () => this.backend.usage());
  }

  protected override async finish(): Promise<void> {
    await this.settle();
    try {
      for (const log of this.logs.values()) await log.release();
    } finally {
      await this.backend.close();
    }
  }

  private write<T>(key: string, work: () => Promise<T>): Promise<T> {
    return this.run(key, () => this.turns.take(key, work));
  }

  private requireNoLog(key: string): void {
    if (this.logs.has(key)) throw new ElanusError('InvalidArgument', `${key}: its log is open; close it first`);
  }
}
