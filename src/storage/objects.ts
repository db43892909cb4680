// Files in an object store: one object each, put whole under its key, and logs in pieces. Nothing is kept open and
// nothing is cached. There is no lock: create is decided by the store, logs by their numbers.

import { ElanusError } from '../model/errors.js';
import type { ByteRange, Log, StorageUsage } from '../ports/storage.js';
import type { Backend, ReadBackend } from './guard.js';
import { isKey } from './key.js';
import { openObjectLog } from './object-log.js';
import { listPieces, piecePrefix, readPieces, sizeOf } from './object-pieces.js';
import { requireCreateOnly } from './object-probe.js';
import { newTag, type ObjectHead, type ObjectReader, type ObjectStore } from './object-store.js';
import { rangeWithin } from './range.js';

export class ObjectReads<S extends ObjectReader = ObjectReader> implements ReadBackend {
  readonly kind: string;

  constructor(protected readonly store: S) {
    this.kind = store.kind;
  }

  async read(key: string, range: ByteRange | undefined): Promise<Uint8Array<ArrayBuffer>> {
    // Stores know no empty range.
    const content = range?.length === 0 ? 'beyond' : await this.store.get(key, range);
    if (content === undefined) throw this.absent(key);
    if (content === 'beyond') return this.readBehind(key, await this.present(key), range);
    if (content.isLog) return this.readLog(key, await this.present(key), range);
    // A range that reaches beyond the end comes cut short.
    const { length } = rangeWithin(key, content.sizeBytes, range);
    if (content.bytes.length !== length) throw new ElanusError('Network', `${key}: expected ${length} bytes from ${this.kind}, found ${content.bytes.length}`);
    return content.bytes;
  }

  async size(key: string): Promise<number | undefined> {
    const head = await this.store.head(key);
    return head?.isLog ? sizeOf((await listPieces(this.store, key, head)).pieces) : head?.sizeBytes;
  }

  async list(prefix: string): Promise<string[]> {
    // Pieces of logs, and what others put there under names that are no keys, are no files of ours.
    return (await this.store.list(prefix)).map(({ name }) => name).filter(isKey);
  }

  async close(): Promise<void> {}

  explain(error: unknown, about: string): ElanusError {
    return new ElanusError('Network', `${about}: ${this.kind} refused: ${String(error)}`, { cause: error });
  }

  private async readLog(key: string, head: ObjectHead, range: ByteRange | undefined): Promise<Uint8Array<ArrayBuffer>> {
    return readPieces(this.store, key, (await listPieces(this.store, key, head)).pieces, range);
  }

  /** A range that is empty, or begins behind the end of the object. */
  private async readBehind(key: string, head: ObjectHead, range: ByteRange | undefined): Promise<Uint8Array<ArrayBuffer>> {
    if (head.isLog) return this.readLog(key, head, range);
    const { length } = rangeWithin(key, head.sizeBytes, range);
    if (length > 0) throw new ElanusError('Network', `${key}: ${this.kind} refused a range within its ${head.sizeBytes} bytes`);
    return new Uint8Array(0);
  }

  private async present(key: string): Promise<ObjectHead> {
    const head = await this.store.head(key);
    if (head === undefined) throw this.absent(key);
    return head;
  }

  private absent(key: string): ElanusError {
    return new ElanusError('NotFound', `${key}: no such object in ${this.kind}`, { file: key });
  }
}

export class ObjectBackend extends ObjectReads<ObjectStore> implements Backend {
  readonly isShared = true;

  /** Errors: `Unsupported` if the store does not decide who creates an object; nothing may be written to it then. */
  async prove(): Promise<void> {
    try {
      await requireCreateOnly(this.store);
    } catch (error) {
      throw error instanceof ElanusError ? error : this.explain(error, 'opening to write');
    }
  }

  create(key: string, bytes: Uint8Array): Promise<boolean> {
    return this.store.putNew(key, bytes, { tag: newTag() });
  }

  /**
   * A log goes from its end, so that a crash in the middle leaves a shorter log, which can be removed again. What took a
   * number for a new owner stays, an empty object: else who had the log before could append to it again.
   */
  async remove(key: string): Promise<void> {
    const head = await this.store.head(key);
    if (head === undefined) return;
    const pieces = head.isLog ? (await this.store.list(piecePrefix(key, head.tag))).filter(({ sizeBytes }) => sizeBytes > 0) : [];
    for (const name of pieces.map((piece) => piece.name).sort().reverse()) await this.store.remove(name);
    await this.store.remove(key);
  }

  async openLog(key: string): Promise<Log> {
    return openObjectLog(this.store, key, await this.logHead(key));
  }

  /** Stores tell neither what is kept nor what is allowed. */
  async usage(): Promise<StorageUsage> {
    return {};
  }

  /** The head of the log's first piece, which is made or marked so if it is not yet. */
  private async logHead(key: string): Promise<ObjectHead> {
    const tag = newTag();
    if (await this.store.putNew(key, new Uint8Array(0), { tag, isLog: true })) return { sizeBytes: 0, tag, isLog: true };
    const content = await this.store.get(key);
    if (typeof content !== 'object') throw new ElanusError('Busy', `${key}: removed while it was opened as a log`, { file: key });
    if (content.isLog) return content;
    // Under its own tag, so that putting it twice, or late, makes no difference.
    const mark = { tag: content.tag === '' ? strangersTag : content.tag, isLog: true };
    await this.store.put(key, content.bytes, mark);
    return { sizeBytes: content.sizeBytes, ...mark };
  }
}

/** Of logs that began as a file that somebody else put. */
const strangersTag = '0'.repeat(16);
