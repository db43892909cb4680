// SealedLog: an encrypted log, read and written. To its user it is the plain log: sizes and cuts are those of plain bytes. An
// append is one or more frames; where a cut falls inside of one, another frame says so, for what was acknowledged is never taken out.

import { concatBytes } from '../format/bytes.js';
import { encodeSealedHeader, NONCE_BYTES, readSealedHeader, SALT_BYTES, SEALED_HEADER_BYTES, TAG_BYTES } from '../format/sealed-file.js';
import { decodeCut, encodeCut, encodeFrame, FIRST_NONCE, FRAME_BYTES_MAX, frameContext, FRAMES_MAX, readFrame, SEALED_LOG_START_BYTES, type Frame, type FrameKind } from '../format/sealed-log.js';
import { ElanusError, requireIntact } from '../model/errors.js';
import type { Ambient } from '../ports/ambient.js';
import type { FileKey } from '../ports/cipher.js';
import type { Log } from '../ports/storage.js';
import type { LogEnd, OpenedLog } from './vault.js';
import { inWaves } from './waves.js';

export type KeyOfSalt = (salt: Uint8Array) => Promise<FileKey>;

/** A place between two frames, and the key of the file; that is undefined if the log was not begun. */
class Mark {
  constructor(readonly key: FileKey | undefined, readonly plainBytes: number, readonly storedBytes: number, readonly lastNonce: Uint8Array, readonly frames: number) {}
}

const START = new Mark(undefined, 0, 0, FIRST_NONCE, 0);
const NOT_BEGUN: OpenedLog = { bytes: new Uint8Array(0), storedBytes: 0, end: START };

/** Every good frame from the start on. Errors: `Corrupt` if the header or first frame in front of anything is damaged; `Unsupported`. */
export async function openSealedLog(stored: Uint8Array, where: string, keyOf: KeyOfSalt): Promise<OpenedLog> {
  if (stored.length === 0) return NOT_BEGUN;
  try {
    return await readSealedLog(stored, where, await keyOf(readSealedHeader(stored, where, 'log')));
  } catch (error) {
    if (stored.length > SEALED_LOG_START_BYTES || !(error instanceof ElanusError) || error.code !== 'Corrupt') throw error;
    return { ...NOT_BEGUN, damage: error.message };
  }
}

async function readSealedLog(stored: Uint8Array, where: string, key: FileKey): Promise<OpenedLog> {
  const { frames, complaint } = framesOf(stored);
  const contents: (Uint8Array | undefined)[] = [];
  let forged = frames.length;
  await inWaves(frames.length, async (number) => {
    // What is behind a frame that is not good is not used.
    if (number > forged) return;
    const { kind, nonce, sealed } = frames[number] as Frame;
    contents[number] = await key.decrypt(nonce, sealed, frameContext(kind, sealed.length, frames[number - 1]?.nonce ?? FIRST_NONCE));
    if (contents[number] === undefined) forged = Math.min(forged, number);
  });
  const good = frames.slice(0, forged);
  const storedBytes = good.at(-1)?.end ?? SEALED_HEADER_BYTES;
  const problem = forged < frames.length ? 'it is not as it was encrypted' : complaint;
  const damage = problem === undefined ? undefined : `${where}: frame ${forged} at ${storedBytes}: ${problem}; ${stored.length - storedBytes} bytes from there on are not used`;
  requireIntact(good[0]?.kind === 'data', where, damage ?? 'it begins with a cut');
  const bytes = put(good, contents, where);
  const end = new Mark(key, bytes.length, storedBytes, good.at(-1)?.nonce ?? FIRST_NONCE, forged);
  return { bytes, storedBytes, end, ...(damage === undefined ? {} : { damage }) };
}

function framesOf(stored: Uint8Array): { readonly frames: readonly Frame[]; readonly complaint?: string } {
  const frames: Frame[] = [];
  let at = SEALED_HEADER_BYTES;
  while (at < stored.length) {
    const frame = readFrame(stored, at);
    if (typeof frame === 'string') return { frames, complaint: frame };
    frames.push(frame);
    at = frame.end;
  }
  return { frames };
}

/** The contents one behind the other, with the cuts done. */
function put(frames: readonly Frame[], contents: readonly (Uint8Array | undefined)[], where: string): Uint8Array {
  const parts: Uint8Array[] = [];
  let size = 0;
  for (const [number, { kind }] of frames.entries()) {
    const content = contents[number] as Uint8Array;
    if (kind === 'data') {
      parts.push(content);
      size += content.length;
      continue;
    }
    const cut = decodeCut(content, size, where);
    while (size > cut) {
      const last = parts.pop() as Uint8Array;
      const keep = Math.max(0, cut - (size - last.length));
      size += keep - last.length;
      if (keep > 0) parts.push(last.subarray(0, keep));
    }
  }
  return parts.length === 1 ? (parts[0] as Uint8Array) : concatBytes(parts);
}

export class SealedLog implements Log {
  readonly #inner: Log;
  readonly #ambient: Ambient;
  readonly #keyOf: KeyOfSalt;
  #end: Mark;
  /** Where the last append began, as long as nothing else was done. */
  #before: Mark | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(inner: Log, end: Mark, ambient: Ambient, keyOf: KeyOfSalt) {
    this.#inner = inner;
    this.#ambient = ambient;
    this.#keyOf = keyOf;
    this.#end = end;
  }

  /** `inner` is as it was when it was opened and `end` found; begun anew if that is undefined. */
  static async open(inner: Log, end: LogEnd = START, ambient: Ambient, keyOf: KeyOfSalt): Promise<SealedLog> {
    if (!(end instanceof Mark)) throw new TypeError('log: the end of a log that is not encrypted');
    if (inner.sizeBytes > end.storedBytes) await inner.truncate(end.storedBytes);
    return new SealedLog(inner, end, ambient, keyOf);
  }

  get sizeBytes(): number {
    return this.#end.plainBytes;
  }

  append(bytes: Uint8Array): Promise<void> {
    return this.#inTurn(() => this.#append(bytes));
  }

  sync(): Promise<void> {
    return this.#inTurn(() => this.#inner.sync());
  }

  truncate(sizeBytes: number): Promise<void> {
    return this.#inTurn(() => this.#truncate(sizeBytes));
  }

  close(): Promise<void> {
    return this.#inTurn(() => this.#inner.close());
  }

  async #append(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    const before = this.#end;
    const salt = before.key === undefined ? this.#ambient.randomBytes(SALT_BYTES) : undefined;
    const key = before.key ?? (await this.#keyOf(salt as Uint8Array));
    const parts = Array.from({ length: Math.ceil(bytes.length / FRAME_BYTES_MAX) }, (_, at) => bytes.subarray(at * FRAME_BYTES_MAX, (at + 1) * FRAME_BYTES_MAX));
    const { frames, lastNonce } = await this.#encrypt(key, 'data', parts);
    const stored = salt === undefined ? frames : [encodeSealedHeader(salt, 'log'), ...frames];
    const whole = stored.length === 1 ? (stored[0] as Uint8Array) : concatBytes(stored);
    await this.#inner.append(whole);
    this.#before = before;
    this.#end = new Mark(key, before.plainBytes + bytes.length, before.storedBytes + whole.length, lastNonce, before.frames + frames.length);
  }

  async #truncate(sizeBytes: number): Promise<void> {
    if (sizeBytes === 0) {
      await this.#inner.truncate(0);
      this.#end = START;
    } else if (sizeBytes === this.#end.plainBytes) {
      await this.#inner.truncate(this.#end.storedBytes);
    } else if (sizeBytes === this.#before?.plainBytes) {
      await this.#inner.truncate(this.#before.storedBytes);
      this.#end = this.#before;
    } else await this.#cut(sizeBytes);
    this.#before = undefined;
  }

  /** Everything before the cut stays where it is, whatever happens meanwhile. */
  async #cut(sizeBytes: number): Promise<void> {
    const { key, plainBytes, storedBytes, frames } = this.#end;
    if (key === undefined || sizeBytes > plainBytes) throw new ElanusError('InvalidArgument', `a log of ${plainBytes} bytes cannot be cut to ${sizeBytes}`);
    const cut = await this.#encrypt(key, 'cut', [encodeCut(sizeBytes)]);
    const frame = cut.frames[0] as Uint8Array;
    await this.#inner.append(frame);
    this.#end = new Mark(key, sizeBytes, storedBytes + frame.length, cut.lastNonce, frames + 1);
    await this.#inner.sync();
  }

  async #encrypt(key: FileKey, kind: FrameKind, parts: readonly Uint8Array[]): Promise<{ readonly frames: readonly Uint8Array[]; readonly lastNonce: Uint8Array }> {
    if (this.#end.frames + parts.length > FRAMES_MAX) throw new ElanusError('QuotaExceeded', `a log has at most ${FRAMES_MAX} frames: flush the collection`);
    const nonces = parts.map(() => this.#ambient.randomBytes(NONCE_BYTES));
    const frames: Uint8Array[] = [];
    await inWaves(parts.length, async (at) => {
      const part = parts[at] as Uint8Array;
      const nonce = nonces[at] as Uint8Array;
      const context = frameContext(kind, part.length + TAG_BYTES, nonces[at - 1] ?? this.#end.lastNonce);
      frames[at] = encodeFrame(kind, nonce, await key.encrypt(nonce, part, context));
    });
    return { frames, lastNonce: nonces.at(-1) ?? this.#end.lastNonce };
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}
