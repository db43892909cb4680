// Frame: a message on the wire of gRPC: whether it is compressed (1 byte), its length (4 bytes, big-endian), its bytes. It comes
// in pieces of any size, which a client chooses; one that is longer than allowed is refused when its length is there.

import { CallRefused, CODE } from './code.js';

export const FRAME_HEAD_BYTES = 5;
/** A longer message is not copied behind its head. */
const COPIED_BYTES_MAX = 64 * 1024;
const FIRST_ROOM_BYTES = 64 * 1024;
const GROWTH = 4;
/** One that would get more room gets all of it: that is no memory before something is written to it, and to copy more would hold up others. */
const GROWN_BYTES_MAX = 1024 * 1024;

export interface Received {
  readonly isCompressed: boolean;
  readonly bytes: Buffer;
}

/** What stands on the wire for a message that is not compressed, in one piece or two. */
export function framed(message: Uint8Array): readonly [Buffer] | readonly [Buffer, Uint8Array] {
  const isCopied = message.length <= COPIED_BYTES_MAX;
  const frame = Buffer.allocUnsafe(isCopied ? FRAME_HEAD_BYTES + message.length : FRAME_HEAD_BYTES);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  if (!isCopied) return [frame, message];
  frame.set(message, FRAME_HEAD_BYTES);
  return [frame];
}

/** Puts the one message of a call together. Memory grows with what came, not with what was announced. */
export class MessageReader {
  readonly #bytesMax: number;
  #head: Buffer = Buffer.alloc(0);
  #lengthBytes = 0;
  #body: Buffer | undefined;
  #filled = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Errors: `CallRefused` for a message that is too long, and for more than one. */
  push(piece: Buffer): void {
    const rest = this.#body === undefined ? this.#takeHead(piece) : piece;
    if (rest === undefined || rest.length === 0) return;
    if (this.#filled + rest.length > this.#lengthBytes) throw new CallRefused(CODE.unimplemented, 'expected one message, found more bytes than its length says');
    // One that came whole is not copied.
    if (this.#filled === 0 && rest.length === this.#lengthBytes) this.#body = rest;
    else this.#append(rest);
    this.#filled += rest.length;
  }

  /** Errors: `CallRefused` if it is not there, or not whole. */
  end(): Received {
    const found = this.#body;
    if (found === undefined || this.#filled < this.#lengthBytes) throw new CallRefused(CODE.internal, `expected one message, found ${found === undefined ? `${this.#head.length} bytes` : `${this.#filled} of its ${this.#lengthBytes} bytes`}`);
    return { isCompressed: this.#head[0] === 1, bytes: found.subarray(0, this.#lengthBytes) };
  }

  /** What is behind the head; undefined until that is whole. */
  #takeHead(piece: Buffer): Buffer | undefined {
    const all = this.#head.length === 0 ? piece : Buffer.concat([this.#head, piece]);
    this.#head = all.subarray(0, FRAME_HEAD_BYTES);
    if (all.length < FRAME_HEAD_BYTES) return undefined;
    if ((all[0] as number) > 1) throw new CallRefused(CODE.internal, `expected 0 or 1 as the first byte of a message, found ${all[0]}`);
    this.#lengthBytes = all.readUInt32BE(1);
    if (this.#lengthBytes > this.#bytesMax) throw new CallRefused(CODE.resourceExhausted, `message: at most ${this.#bytesMax} bytes, found ${this.#lengthBytes}`);
    this.#body = Buffer.alloc(0);
    return all.subarray(FRAME_HEAD_BYTES);
  }

  #append(piece: Buffer): void {
    const needed = this.#filled + piece.length;
    let body = this.#body as Buffer;
    if (body.length < needed) {
      const room = body.length * GROWTH > GROWN_BYTES_MAX ? this.#lengthBytes : Math.min(this.#lengthBytes, Math.max(FIRST_ROOM_BYTES, body.length * GROWTH, needed));
      const grown = Buffer.allocUnsafeSlow(room);
      grown.set(body.subarray(0, this.#filled));
      this.#body = body = grown;
    }
    body.set(piece, this.#filled);
  }
}
