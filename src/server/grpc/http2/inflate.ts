// Inflate: messages that clients have compressed. They may grow to what a message may be, and no further, whatever they were made of,
// and what they grow to counts as it comes.

import { createGunzip, createInflate } from 'node:zlib';
import type { HeldBody } from '../../body-memory.js';
import { RefusedRequest } from '../../status.js';
import { CallRefused, CODE } from './code.js';

const INFLATES = { gzip: createGunzip, deflate: createInflate } as const;

/** `encoding`: of `grpc-encoding`. Errors: `CallRefused`, and those of `held`. */
export async function inflated(bytes: Uint8Array, encoding: string, bytesMax: number, held: HeldBody): Promise<Uint8Array> {
  if (encoding === 'identity') return bytes;
  if (encoding !== 'gzip' && encoding !== 'deflate') throw new CallRefused(CODE.unimplemented, `grpc-encoding: expected identity, gzip or deflate, found "${encoding.slice(0, 32)}"`);
  const inflate = INFLATES[encoding]();
  inflate.end(bytes);
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    for await (const piece of inflate as AsyncIterable<Buffer>) {
      sizeBytes += piece.length;
      if (sizeBytes > bytesMax) throw new CallRefused(CODE.resourceExhausted, `message: at most ${bytesMax} bytes when decompressed`);
      held.add(piece.length);
      pieces.push(piece);
    }
  } catch (error) {
    if (error instanceof RefusedRequest) throw error;
    throw new CallRefused(CODE.internal, `message: expected ${encoding}, found what does not decompress`);
  }
  return Buffer.concat(pieces, sizeBytes);
}
