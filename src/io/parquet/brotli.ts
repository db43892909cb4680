// Brotli by hyparquet-compressors, whose decoder lets its output grow beyond what was asked for. Its output is one class; here
// that class refuses to grow, so that no more is unpacked than was declared.

import { decompressBrotli } from 'hyparquet-compressors/src/brotli.js';
import { BrotliOutput } from 'hyparquet-compressors/src/brotli.streams.js';

let held: Uint8Array | undefined;
let last: BrotliOutput | undefined;

Object.defineProperty(BrotliOutput.prototype, 'buffer', {
  get: () => held,
  set(this: BrotliOutput, buffer: Uint8Array) {
    if (held !== undefined) throw new Error(`more than the ${held.length} bytes that were declared`);
    held = buffer;
    last = this;
  },
});

export function unbrotli(bytes: Uint8Array, length: number): Uint8Array {
  held = undefined;
  try {
    const unpacked = decompressBrotli(bytes, length);
    if (last?.pos !== length) throw new Error(`unpacked ${last?.pos} bytes, expected ${length}`);
    return unpacked;
  } finally {
    held = undefined;
    last = undefined;
  }
}
