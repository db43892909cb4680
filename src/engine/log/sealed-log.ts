// SealedLog: an encrypted log, written. To its user it is the plain log: sizes and cuts are those of plain bytes. An append is
// one or more frames; where a cut falls inside of one, another frame says so, for what was acknowledged is never taken out.

import { joinBytes, lengthOf } from '../../format/bytes.js';
import { encodeSealedHeader, NONCE_BYTES, SALT_BYTES } from '../../format/sealed-file.js';
import { authenticOf, encodeCut, encodeFrame, encodeFrameHeader, FIRST_NONCE, FRAME_BYTES_MAX, FRAMES_MAX, type FrameKind } from '../../format/sealed-log.js';
import { ElanusError } from '../../model/errors.js';
import type { Ambient } from '../../ports/ambient.js';
import type { FileKey } from '../../ports/cipher.js';
import type { Log } from '../../ports/storage.js';
import type { LogEnd } from '../files/vault.js';
import { inWaves } from './waves.js';

export type KeyOfSalt = (salt: Uint8Array) => Promise<FileKey>;

/** A place between two frames. */
export interface Mark {
  readonly plainBytes: number;
  readonly storedBytes: number;
  readonly nonce: Uint8Array;
  /** So many frames are in front of it. */
  readonly frames: number;
}

export const START: Mark = { plainBytes: 0, storedBytes: 0, nonce: FIRST_NONCE, frames: 0 };

/** Where an encrypted log ends. */
export class SealedEnd {
  /** `key`: undefined if the log was not begun. `marks`: places to which it can be cut as it is, the end being the last. `sizeBytes`: of what it holds, and zeros for what is torn behind it. */
  constructor(readonly key: FileKey | undefined, readonly marks: readonly Mark[], readonly sizeBytes: number) {}
}

export class SealedLog implements Log {
  readonly #inner: Log;
  readonly #ambient: Ambient;
  readonly #keyOf: KeyOfSalt;
  #key: FileKey | undefined;
  /** Never empty. */
  #marks: readonly Mark[];
  #sizeBytes: number;
  #turn: Promise<unknown> = Promise.resolve();
  readonly appendDurably?: Log['append'];

  /** `inner` is as it was when `end` was found; begun anew if that is undefined. */
  constructor(inner: Log, end: LogEnd = new SealedEnd(undefined, [START], 0), ambient: Ambient, keyOf: KeyOfSalt) {
    if (!(end instanceof SealedEnd)) throw new TypeError('log: the end of a log that is not encrypted');
    this.#inner = inner;
    this.#ambient = ambient;
    this.#keyOf = keyOf;
    this.#key = end.key;
    this.#marks = end.marks;
    this.#sizeBytes = end.sizeBytes;
    if (inner.appendDurably !== undefined) this.appendDurably = (...parts) => this.#inTurn(() => this.#append(joinBytes(parts), (...frames) => (inner as Required<Log>).appendDurably(...frames)).then(() => this.#synced()));
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  append(...parts: readonly Uint8Array[]): Promise<void> {
    return this.#inTurn(() => this.#append(joinBytes(parts), (...frames) => this.#inner.append(...frames)));
  }

  sync(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#inner.sync();
      this.#synced();
    });
  }

  truncate(sizeBytes: number): Promise<void> {
    return this.#inTurn(() => this.#truncate(sizeBytes));
  }

  close(): Promise<void> {
    return this.#inTurn(() => this.#inner.close());
  }

  // What is durable is cut but for the last group that was.
  #synced(): void {
    this.#marks = this.#marks.slice(-2);
  }

  get #end(): Mark {
    return this.#marks.at(-1) ?? START;
  }

  async #append(bytes: Uint8Array, append: Log['append']): Promise<void> {
    if (bytes.length === 0) return;
    const { plainBytes, storedBytes } = this.#end;
    if (this.#sizeBytes !== plainBytes) throw new Error('append: behind what is torn');
    const salt = this.#key === undefined ? this.#ambient.randomBytes(SALT_BYTES) : undefined;
    const key = this.#key ?? (await this.#keyOf(salt as Uint8Array));
    const parts = Array.from({ length: Math.ceil(bytes.length / FRAME_BYTES_MAX) }, (_, at) => bytes.subarray(at * FRAME_BYTES_MAX, (at + 1) * FRAME_BYTES_MAX));
    const { frames, nonce } = await this.#encrypt(key, 'data', parts);
    const stored = salt === undefined ? frames : [encodeSealedHeader(salt, 'log'), ...frames];
    await append(...stored);
    this.#key = key;
    this.#reach({ plainBytes: plainBytes + bytes.length, storedBytes: storedBytes + lengthOf(stored), nonce, frames: this.#end.frames + frames.length });
  }

  async #truncate(sizeBytes: number): Promise<void> {
    const at = sizeBytes === 0 ? -1 : this.#marks.findLastIndex((mark) => mark.plainBytes === sizeBytes);
    if (sizeBytes === 0) {
      await this.#inner.truncate(0);
      this.#key = undefined;
      this.#marks = [START];
      this.#sizeBytes = 0;
    } else if (at !== -1) {
      await this.#inner.truncate((this.#marks[at] as Mark).storedBytes);
      this.#marks = this.#marks.slice(0, at + 1);
      this.#sizeBytes = sizeBytes;
    } else await this.#cut(sizeBytes);
  }

  /** Everything in front of the cut stays where it is, whatever happens meanwhile. */
  async #cut(sizeBytes: number): Promise<void> {
    const { plainBytes, storedBytes, frames } = this.#end;
    if (this.#key === undefined || sizeBytes > plainBytes) throw new ElanusError('InvalidArgument', `a log of ${plainBytes} bytes cannot be cut to ${sizeBytes}`);
    if (this.#inner.sizeBytes > storedBytes) await this.#inner.truncate(storedBytes);
    const cut = await this.#encrypt(this.#key, 'cut', [encodeCut(sizeBytes)]);
    const frame = cut.frames[0] as Uint8Array;
    await this.#inner.append(frame);
    this.#marks = this.#marks.filter((mark) => mark.plainBytes < sizeBytes);
    this.#reach({ plainBytes: sizeBytes, storedBytes: storedBytes + frame.length, nonce: cut.nonce, frames: frames + 1 });
    await this.#inner.sync();
  }

  #reach(end: Mark): void {
    this.#marks = [...this.#marks, end];
    this.#sizeBytes = end.plainBytes;
  }

  async #encrypt(key: FileKey, kind: FrameKind, parts: readonly Uint8Array[]): Promise<{ readonly frames: readonly Uint8Array[]; readonly nonce: Uint8Array }> {
    const end = this.#end;
    if (end.frames + parts.length > FRAMES_MAX) throw new ElanusError('QuotaExceeded', `a log has at most ${FRAMES_MAX} frames: flush the collection`);
    const nonces = parts.map(() => this.#ambient.randomBytes(NONCE_BYTES));
    const frames: Uint8Array[] = [];
    await inWaves(parts.length, async (at) => {
      const part = parts[at] as Uint8Array;
      const nonce = nonces[at] as Uint8Array;
      const place = end.plainBytes + at * FRAME_BYTES_MAX;
      const header = encodeFrameHeader({ kind, place, nonce, before: nonces[at - 1] ?? end.nonce }, part.length);
      frames[at] = encodeFrame(header, await key.encrypt(nonce, part, authenticOf(header)));
    });
    return { frames, nonce: nonces.at(-1) ?? end.nonce };
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}
