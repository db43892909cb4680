// Scratch: the buffers that one batch of queries needs while it is searched, whatever the size of the index.
// Made once per accelerator and shared by its indexes, whose searches take turns; about 57 MiB, and no more.

import { LIMITS } from '../../model/limits.js';
import { USAGE, type Device } from './device.js';
import { K_MAX, QUERIES_PER_BATCH, ROWS_PER_SLAB_MAX } from './flat.wgsl.js';
import { PARAMS_BYTES, partsOf } from './kernels.js';

/** Bytes of a (key, row) pair. */
export const PAIR_BYTES = 8;

export interface Scratch {
  readonly params: GPUBuffer;
  readonly queries: GPUBuffer;
  readonly alive: GPUBuffer;
  readonly keys: GPUBuffer;
  readonly candidates: GPUBuffer;
  readonly winners: GPUBuffer;
  /** Winners, where the CPU can read them. */
  readonly answer: GPUBuffer;
}

/** Errors: `OutOfMemory`, `Closed`. */
export async function createScratch(device: Device): Promise<Scratch> {
  const winnersBytes = QUERIES_PER_BATCH * K_MAX * PAIR_BYTES;
  const made: GPUBuffer[] = [];
  const make = async (label: string, size: number, usage: number): Promise<GPUBuffer> => {
    const buffer = await device.allocate(label, size, usage);
    made.push(buffer);
    return buffer;
  };
  try {
    return {
      params: await make('params', PARAMS_BYTES, USAGE.UNIFORM),
      queries: await make('queries', QUERIES_PER_BATCH * LIMITS.dimensionMax * 4, USAGE.STORAGE),
      alive: await make('alive', ROWS_PER_SLAB_MAX / 8, USAGE.STORAGE),
      keys: await make('keys', QUERIES_PER_BATCH * ROWS_PER_SLAB_MAX * 4, USAGE.STORAGE),
      candidates: await make('candidates', partsOf(ROWS_PER_SLAB_MAX) * winnersBytes, USAGE.STORAGE),
      winners: await make('winners', winnersBytes, USAGE.STORAGE | USAGE.COPY_SRC),
      answer: await make('answer', winnersBytes, USAGE.MAP_READ),
    };
  } catch (error) {
    for (const buffer of made) buffer.destroy();
    throw error;
  }
}
