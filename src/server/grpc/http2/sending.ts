// Sending: a message on its way to a client that may not take it. A long one goes out in pieces, the next when the one before was taken; a
// stream of which nothing is taken in time is ended, and what is not taken yet counts.

import { constants, type ServerHttp2Stream } from 'node:http2';
import type { AnswerMemory } from '../../answer-memory.js';
import { FRAME_HEAD_BYTES, framed } from './frame.js';

export interface SendingLimits {
  /** Within which a client must take a piece of an answer. */
  readonly writeMs: number;
  /** What counts the bytes that are not taken. */
  readonly untaken: AnswerMemory;
}

/** What a client must take in time. */
const PIECE_BYTES = 256 * 1024;

/** Behind the headers. The stream is then at its end, and asks for its trailers. */
export function send(stream: ServerHttp2Stream, message: Uint8Array, { writeMs, untaken }: SendingLimits): void {
  const late = setTimeout(() => breakOff(stream), writeMs);
  const held = untaken.hold(FRAME_HEAD_BYTES + message.length, () => breakOff(stream));
  stream.on('close', () => {
    clearTimeout(late);
    held.release();
  });
  const [first, second] = framed(message);
  if (second === undefined) stream.end(first);
  else sendPieces(stream, first, second, (bytes) => {
    held.taken(bytes);
    late.refresh();
  });
}

function sendPieces(stream: ServerHttp2Stream, head: Uint8Array, message: Uint8Array, taken: (bytes: number) => void): void {
  let at = 0;
  const next = (): void => {
    const piece = message.subarray(at, at + PIECE_BYTES);
    at += piece.length;
    if (at === message.length) stream.end(piece);
    else stream.write(piece, (error) => {
      if (error !== null && error !== undefined) return;
      taken(piece.length);
      next();
    });
  };
  stream.cork();
  stream.write(head);
  next();
  stream.uncork();
}

/** The client is told, if it reads that, and what waits for it is given back in any case. */
function breakOff(stream: ServerHttp2Stream): void {
  stream.close(constants.NGHTTP2_CANCEL);
  stream.destroy();
}
