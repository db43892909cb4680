// Inflate: messages that clients have compressed. They may grow to what a message may be, and no further, whatever they were made of.

import { gunzip, inflate } from 'node:zlib';
import { CallRefused, CODE } from './code.js';

const INFLATES = { gzip: gunzip, deflate: inflate } as const;

/** `encoding`: of `grpc-encoding`. Errors: `CallRefused`. */
export function inflated(bytes: Uint8Array, encoding: string, bytesMax: number): Promise<Uint8Array> {
  if (encoding === 'identity') return Promise.resolve(bytes);
  if (encoding !== 'gzip' && encoding !== 'deflate') return Promise.reject(new CallRefused(CODE.unimplemented, `grpc-encoding: expected identity, gzip or deflate, found "${encoding.slice(0, 32)}"`));
  return new Promise((resolve, reject) => {
    INFLATES[encoding](bytes, { maxOutputLength: bytesMax }, (error, found) => {
      if (error === null) resolve(found);
      else if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') reject(new CallRefused(CODE.resourceExhausted, `message: at most ${bytesMax} bytes when decompressed`));
      else reject(new CallRefused(CODE.internal, `message: expected ${encoding}, found what does not decompress`));
    });
  });
}
