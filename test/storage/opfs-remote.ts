// An OPFS storage of a dedicated worker, seen from the page: every call is a message, every answer is awaited.
// Each opened storage has a worker of its own, so that owners are as far apart as those of two tabs.

import { ElanusError, type ErrorCode } from '../../src/model/errors.js';
import type { ByteRange, Log, Storage, StorageUsage } from '../../src/ports/storage.js';

export interface Call {
  readonly id: number;
  /** The log that is meant; otherwise the storage. */
  readonly log?: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

export interface Answer {
  readonly call: number;
  readonly value?: unknown;
  /** Number and size of the log that was opened or used. */
  readonly log?: number;
  readonly sizeBytes?: number;
  readonly refused?: { readonly code: ErrorCode; readonly message: string; readonly file: string | undefined };
  /** What else was thrown, which fails the test. */
  readonly broken?: string;
}

export class RemoteOpfs implements Storage {
  readonly kind = 'opfs';
  private readonly worker = new Worker(new URL('./opfs.worker.ts', import.meta.url), { type: 'module' });
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private calls = 0;

  static async open(name: string): Promise<RemoteOpfs> {
    const storage = new RemoteOpfs();
    try {
      await storage.call('open', [name]);
      return storage;
    } catch (error) {
      storage.kill();
      throw error;
    }
  }

  private constructor() {
    this.worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      this.waiting.get(data.call)?.(data);
      this.waiting.delete(data.call);
    };
  }

  /** Ends the worker as a closed tab would, without closing anything. */
  kill(): void {
    this.worker.terminate();
  }

  async call(method: string, args: readonly unknown[], log?: number): Promise<Answer> {
    const id = this.calls++;
    const answer = await new Promise<Answer>((resolve) => {
      this.waiting.set(id, resolve);
      this.worker.postMessage({ id, method, args, ...(log === undefined ? {} : { log }) } satisfies Call);
    });
    if (answer.broken !== undefined) throw new Error(answer.broken);
    if (answer.refused === undefined) return answer;
    const { code, message, file } = answer.refused;
    throw new ElanusError(code, message, file === undefined ? {} : { file });
  }

  private async value<T>(method: string, ...args: unknown[]): Promise<T> {
    return (await this.call(method, args)).value as T;
  }

  read(key: string, range?: ByteRange, room?: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    return this.value('read', key, range, room);
  }

  size(key: string): Promise<number | undefined> {
    return this.value('size', key);
  }

  list(prefix: string): Promise<readonly string[]> {
    return this.value('list', prefix);
  }

  create(key: string, bytes: Uint8Array): Promise<boolean> {
    return this.value('create', key, bytes);
  }

  remove(key: string): Promise<void> {
    return this.value('remove', key);
  }

  usage(): Promise<StorageUsage> {
    return this.value('usage');
  }

  suspend(): Promise<void> {
    return this.value('suspend');
  }

  close(): Promise<void> {
    return this.value('close');
  }

  async openLog(key: string): Promise<Log> {
    return new RemoteLog(this, await this.call('openLog', [key]));
  }
}

class RemoteLog implements Log {
  sizeBytes: number;

  constructor(private readonly storage: RemoteOpfs, private readonly opened: Answer) {
    this.sizeBytes = opened.sizeBytes ?? 0;
  }

  append(...parts: readonly Uint8Array[]): Promise<void> {
    return this.call('append', ...parts);
  }

  sync(): Promise<void> {
    return this.call('sync');
  }

  truncate(sizeBytes: number): Promise<void> {
    return this.call('truncate', sizeBytes);
  }

  close(): Promise<void> {
    return this.call('close');
  }

  private async call(method: string, ...args: unknown[]): Promise<void> {
    const { sizeBytes } = await this.storage.call(method, args, this.opened.log);
    this.sizeBytes = sizeBytes ?? this.sizeBytes;
  }
}
