// SealedLogReader: an encrypted log, read back to the bytes of the plain one. Frames that are damaged leave zeros in their
// place, and so does a torn end, so that the plain log tells what was torn from what was lost as it always does.

import { concatBytes } from '../../format/bytes.js';
import { LOG_HEADER_BYTES } from '../../format/log.js';
import { readSealedHeader, SEALED_HEADER_BYTES } from '../../format/sealed-file.js';
import { decodeCut, follows, framesIn, SEALED_LOG_START_BYTES, type Frame } from '../../format/sealed-log.js';
import { ElanusError, requireIntact } from '../../model/errors.js';
import type { FileKey } from '../../ports/cipher.js';
import { SealedEnd, START, type KeyOfSalt, type Mark } from './sealed-log.js';
import type { OpenedLog } from '../files/vault.js';
import { inWaves } from './waves.js';

/** A frame and what it holds. */
interface Opened extends Frame {
  readonly content: Uint8Array;
}

/** Errors: `Corrupt` if the header in front of anything is damaged; `Unsupported` if it is newer. */
export async function openSealedLog(stored: Uint8Array, where: string, keyOf: KeyOfSalt): Promise<OpenedLog> {
  try {
    const key = await keyOf(readSealedHeader(stored, where, 'log'));
    const frames = await openFrames(framesIn(stored), key);
    requireIntact(frames.length > 0 || stored.length > SEALED_LOG_START_BYTES, where, 'torn at its creation');
    return new Assembly(stored.length, key, where).read(frames);
  } catch (error) {
    if (stored.length > SEALED_LOG_START_BYTES || !(error instanceof ElanusError) || error.code !== 'Corrupt') throw error;
    // The first append was not synced: nothing of it counts.
    const bytes = new Uint8Array(Math.min(stored.length, LOG_HEADER_BYTES));
    return { bytes, end: new SealedEnd(undefined, [START], bytes.length) };
  }
}

/** Those that are as they were encrypted. */
async function openFrames(frames: readonly Frame[], key: FileKey): Promise<readonly Opened[]> {
  const contents: (Uint8Array | undefined)[] = [];
  await inWaves(frames.length, async (at) => {
    const { nonce, sealed, authentic } = frames[at] as Frame;
    contents[at] = await key.decrypt(nonce, sealed, authentic);
  });
  return frames.flatMap((frame, at) => {
    const content = contents[at];
    return content === undefined ? [] : [{ ...frame, content }];
  });
}

class Assembly {
  readonly #parts: Uint8Array[] = [];
  #size = 0;
  #marks: Mark[] = [START];
  #before: Opened | undefined;

  constructor(private readonly storedBytes: number, private readonly key: FileKey, private readonly where: string) {}

  read(frames: readonly Opened[]): OpenedLog {
    for (const [at, frame] of frames.entries()) if (this.#comesTo(frame)) this.#take(frame, at + 1);
    const torn = this.storedBytes - (this.#before?.end ?? SEALED_HEADER_BYTES);
    this.#put(new Uint8Array(torn));
    const bytes = this.#parts.length === 1 ? (this.#parts[0] as Uint8Array) : concatBytes(this.#parts);
    return { bytes, end: new SealedEnd(this.key, this.#marks, bytes.length) };
  }

  /** Comes to the place of a frame; false if it is none of this log as it now is. */
  #comesTo(frame: Opened): boolean {
    if (frame.place === this.#size && follows(frame, this.#before)) return true;
    const isBehindDamage = frame.start > (this.#before?.end ?? SEALED_HEADER_BYTES);
    if (frame.place <= this.#size && !isBehindDamage) return false;
    // What was damaged may have been a cut.
    if (frame.place < this.#size) this.#cut(frame.place);
    else this.#put(new Uint8Array(frame.place - this.#size));
    return true;
  }

  #take(frame: Opened, frames: number): void {
    if (frame.kind === 'data') this.#put(frame.content);
    else this.#cut(decodeCut(frame.content, this.#size, this.where));
    this.#before = frame;
    this.#marks.push({ plainBytes: this.#size, storedBytes: frame.end, nonce: frame.nonce, frames });
  }

  #put(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#parts.push(bytes);
    this.#size += bytes.length;
  }

  #cut(size: number): void {
    while (this.#size > size) {
      const last = this.#parts.pop() as Uint8Array;
      this.#size -= last.length;
      if (this.#size < size) this.#put(last.subarray(0, size - this.#size));
    }
    this.#marks = this.#marks.filter((mark) => mark.plainBytes < size);
  }
}
