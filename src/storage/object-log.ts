// A log in an object store, which has no append: every append, and every cut, is a new object, put only if its number
// is free. So the number is also the fence: of two writers that hold one log, one gets it and the other is refused,
// then and for ever. No object is replaced, and none removed before the log is, so that a put that got no answer can
// not arrive later and bring back what was refused, or take away what was kept.

import { joinBytes } from '../format/bytes.js';
import { ElanusError } from '../model/errors.js';
import type { Log } from '../ports/storage.js';
import { encodePiece, listPieces, pieceName, sizeOf } from './object-pieces.js';
import { newTag, type ObjectHead, type ObjectStore } from './object-store.js';

/** Openings that meet try again with the next number. */
const claimsMax = 5;

const nothing = new Uint8Array(0);

/** Takes over the log whose first piece has this head: who had it before is refused from now on. Errors: `Busy`. */
export async function openObjectLog(store: ObjectStore, key: string, head: ObjectHead): Promise<Log> {
  for (let claimed = 0; claimed < claimsMax; claimed++) {
    const { pieces, next } = await listPieces(store, key, head);
    const log = new ObjectLog(store, key, head.tag, sizeOf(pieces), next);
    if (await log.claim()) return log;
  }
  throw new ElanusError('Busy', `${key}: another writer appends to this log`, { file: key });
}

/** A put that got no answer and may still arrive under the next number. */
interface Doubt {
  readonly tag: string;
  /** What is left of the log in either case. */
  readonly sizeBytes: number;
}

class ObjectLog implements Log {
  private doubt: Doubt | undefined;
  private fenced = false;

  /** `tag` is that of the first object, `next` the number that no piece has. */
  constructor(private readonly store: ObjectStore, private readonly key: string, private readonly tag: string, private size: number, private next: number) {}

  get sizeBytes(): number {
    return this.size;
  }

  async append(...parts: readonly Uint8Array[]): Promise<void> {
    const bytes = joinBytes(parts);
    await this.settle();
    if (bytes.length > 0) await this.takeNext(this.size + bytes.length, bytes);
  }

  async sync(): Promise<void> {}

  async truncate(sizeBytes: number): Promise<void> {
    await this.settle();
    await this.takeNext(sizeBytes, nothing);
  }

  async close(): Promise<void> {}

  /** Takes the next number for an empty piece. False if another writer has it. */
  async claim(): Promise<boolean> {
    const taken = await this.store.putNew(this.nextName(), nothing, { tag: newTag() });
    if (taken) this.next++;
    return taken;
  }

  /** Puts a piece after which the log has `sizeBytes`. */
  private async takeNext(sizeBytes: number, bytes: Uint8Array): Promise<void> {
    const tag = newTag();
    let taken: boolean;
    try {
      taken = await this.store.putNew(this.nextName(), encodePiece(sizeBytes, bytes), { tag });
    } catch (error) {
      this.doubt = { tag, sizeBytes: Math.min(sizeBytes, this.size) };
      throw error;
    }
    this.advance(taken);
    this.size = sizeBytes;
  }

  /** Makes an end of a put that got no answer: its number is taken, whether it arrived or not, and cut off behind it. */
  private async settle(): Promise<void> {
    this.requireHeld();
    if (this.doubt === undefined) return;
    const { tag, sizeBytes } = this.doubt;
    // Under the tag of the one in doubt, so that finding it there is no defeat.
    this.advance(await this.store.putNew(this.nextName(), nothing, { tag }));
    this.doubt = undefined;
    await this.takeNext(sizeBytes, nothing);
  }

  private advance(taken: boolean): void {
    this.fenced ||= !taken;
    this.requireHeld();
    this.next++;
  }

  private nextName(): string {
    return pieceName(this.key, this.tag, this.next);
  }

  private requireHeld(): void {
    if (this.fenced) throw new ElanusError('Busy', `${this.key}: another writer has taken over this log; open it again`, { file: this.key });
  }
}
