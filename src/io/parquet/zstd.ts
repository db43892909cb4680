// Zstandard by fzstd, block by block, so that no more is unpacked than was declared; a frame's window is memory that fzstd
// takes before the first block, so it is checked here (RFC 8878, 3.1.1.1).

import { Decompress } from 'fzstd';

/** What Zstandard's own decoder takes by default. */
const WINDOW_BYTES_MAX = 2 ** 27;
const MAGIC = [0x28, 0xb5, 0x2f, 0xfd] as const;

export function unzstd(bytes: Uint8Array, length: number): Uint8Array {
  const window = windowBytes(bytes);
  if (window > WINDOW_BYTES_MAX) throw new Error(`a window of ${window} bytes, at most ${WINDOW_BYTES_MAX}`);
  const unpacked = new Uint8Array(length);
  let filled = 0;
  const decoder = new Decompress((block) => {
    if (block.length > length - filled) throw new Error(`more than the ${length} bytes that were declared`);
    unpacked.set(block, filled);
    filled += block.length;
  });
  decoder.push(bytes, true);
  if (filled !== length) throw new Error(`unpacked ${filled} bytes, expected ${length}`);
  return unpacked;
}

/** Of the one frame that a page is. */
function windowBytes(bytes: Uint8Array): number {
  const at = (i: number): number => bytes[i] ?? 0;
  if (MAGIC.some((byte, i) => at(i) !== byte)) throw new Error('no frame of Zstandard');
  const descriptor = at(4);
  const single = (descriptor & 32) !== 0;
  if (!single) {
    const base = 2 ** (10 + (at(5) >> 3));
    return base + (base / 8) * (at(5) & 7);
  }
  const start = 5 + ([0, 1, 2, 4][descriptor & 3] as number);
  const size = 2 ** (descriptor >> 6);
  let window = size === 2 ? 256 : 0;
  for (let i = 0; i < size; i++) window += at(start + i) * 2 ** (8 * i);
  return window;
}
