// BlockCache: decrypted blocks of encrypted files, the ones used last: vectors that lie near each other are read again and
// again, and to decrypt a block takes as long as to read dozens of them.

import { SEALED_BLOCK_BYTES } from '../../format/sealed-file.js';

const CACHE_BYTES = 16 * 1024 * 1024;
/** Where memory is limited, at most this share of it. */
const MEMORY_SHARE = 1 / 16;

/** What it may hold, for a database that may hold `memoryBytes` in all. */
export function blockCacheBytes(memoryBytes: number | undefined): number {
  return Math.min(CACHE_BYTES, (memoryBytes ?? Number.POSITIVE_INFINITY) * MEMORY_SHARE);
}

export class BlockCache {
  readonly #blocksMax: number;
  /** In order of last use. */
  readonly #blocks = new Map<string, Promise<Uint8Array>>();

  constructor(bytesMax: number) {
    this.#blocksMax = Math.floor(bytesMax / SEALED_BLOCK_BYTES);
  }

  /** The block of that name, which `open` gives if it is not there. Who asks at the same time waits for the same one; what fails is not kept. */
  get(name: string, open: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const block = this.#blocks.get(name) ?? open();
    this.#blocks.delete(name);
    this.#blocks.set(name, block);
    block.catch(() => {
      if (this.#blocks.get(name) === block) this.#blocks.delete(name);
    });
    const [oldest] = this.#blocks.keys();
    if (this.#blocks.size > this.#blocksMax && oldest !== undefined) this.#blocks.delete(oldest);
    return block;
  }
}
