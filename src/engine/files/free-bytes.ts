// Free bytes: large buffers whose content is no longer needed go at once. The collector leaves them for long: it goes by how much
// JavaScript allocates, and sealing and merging a segment allocate a few large buffers and little else.

import type { Ambient } from '../../ports/ambient.js';

/** Smaller ones are left to the collector. */
const BYTES_MIN = 1024 * 1024;

/** Nobody may look at `bytes` any more, nor at what lies in the same buffer. */
export function freeBytes({ buffer }: ArrayBufferView, { free }: Ambient): void {
  if (free !== undefined && buffer instanceof ArrayBuffer && buffer.byteLength >= BYTES_MIN) free(buffer);
}
