// A log in an object store, which has no append: every append is a new object, put only if its number is free.
// So the number is also the fence: of two writers that hold one log, one gets it and the other is refused, then and
// for ever. A number is used once: what is cut off is replaced by an empty object and never removed before the log
// is, so that a put that got no answer can not arrive later and bring back what was refused.

import { ElanusError } from '../model/errors.js';
import type { Log } from '../ports/storage.js';
import { listPieces, pieceName, readPiece, sizeOf, type Piece, type Pieces } from './object-pieces.js';
import { newTag, type ObjectHead, type ObjectStore } from './object-store.js';

/** Openings that meet try again with the next number. */
const claimsMax = 5;

const nothing = new Uint8Array(0);

/** Takes over the log whose first piece has this head: who had it before is refused from now on. Errors: `Busy`. */
export async function openObjectLog(store: ObjectStore, key: string, head: ObjectHead): Promise<Log> {
  for (let claimed = 0; claimed < claimsMax; claimed++) {
    const log = new ObjectLog(store, key, head, await listPieces(store, key, head));
    if (await log.claim()) return log;
  }
  throw new ElanusError('Busy', `${key}: another writer appends to this log`, { file: key });
}

class ObjectLog implements Log {
  private readonly pieces: Piece[];
  private next: number;
  /** Tag of a put that got no answer and may still arrive under the next number. */
  private doubt: string | undefined;
  private fenced = false;

  constructor(private readonly store: ObjectStore, private readonly key: string, private readonly head: ObjectHead, { pieces, next }: Pieces) {
    this.pieces = [...pieces];
    this.next = next;
  }

  get sizeBytes(): number {
    return sizeOf(this.pieces);
  }

  async append(bytes: Uint8Array): Promise<void> {
    await this.settle();
    if (bytes.length === 0) return;
    const name = this.nextName();
    await this.takeNext(bytes);
    this.pieces.push({ name, sizeBytes: bytes.length });
  }

  async sync(): Promise<void> {}

  async truncate(sizeBytes: number): Promise<void> {
    await this.settle();
    if (sizeBytes === this.sizeBytes) return;
    // What another writer appended since is its own: nothing is cut unless this one still holds the log.
    await this.takeNext(nothing);
    while (this.sizeBytes > sizeBytes) await this.shortenLast(this.sizeBytes - sizeBytes);
  }

  async close(): Promise<void> {}

  /** Takes the next number for an empty piece. False if another writer has it. */
  async claim(): Promise<boolean> {
    const taken = await this.store.putNew(this.nextName(), nothing, { tag: newTag() });
    if (taken) this.next++;
    return taken;
  }

  private async takeNext(bytes: Uint8Array): Promise<void> {
    this.requireHeld();
    const tag = newTag();
    try {
      this.fenced = !(await this.store.putNew(this.nextName(), bytes, { tag }));
    } catch (error) {
      this.doubt = tag;
      throw error;
    }
    this.requireHeld();
    this.next++;
  }

  /** Makes an end of a put that got no answer: its number is taken by an empty object, whether it arrived or not. */
  private async settle(): Promise<void> {
    this.requireHeld();
    if (this.doubt === undefined) return;
    // Under the tag of the one in doubt, so that finding it there is no defeat.
    const mark = { tag: this.doubt };
    this.fenced = !(await this.store.putNew(this.nextName(), nothing, mark));
    this.requireHeld();
    await this.store.put(this.nextName(), nothing, mark);
    this.doubt = undefined;
    this.next++;
  }

  private async shortenLast(excessBytes: number): Promise<void> {
    const at = this.pieces.length - 1;
    const { name, sizeBytes } = this.pieces[at] as Piece;
    const kept = Math.max(0, sizeBytes - excessBytes);
    const bytes = await readPiece(this.store, name, { offset: 0, length: kept });
    await this.store.put(name, bytes, at === 0 ? { tag: this.head.tag, isLog: true } : { tag: newTag() });
    if (kept === 0 && at > 0) this.pieces.pop();
    else this.pieces[at] = { name, sizeBytes: kept };
  }

  private nextName(): string {
    return pieceName(this.key, this.head.tag, this.next);
  }

  private requireHeld(): void {
    if (this.fenced) throw new ElanusError('Busy', `${this.key}: another writer has taken over this log; open it again`, { file: this.key });
  }
}
