// Indexer: builds the approximate index of a sealed segment in steps, off the path of every call, calibrates it, and
// keeps it only if it is faster than looking at every row.

import type { Calibration } from '../format/manifest.js';
import type { Ambient } from '../ports/ambient.js';
import type { AnnIndex, Core, FlatIndex } from '../ports/core.js';
import { calibrate, effortFor } from './calibration.js';
import type { Segment } from './segment.js';

/** Fewer rows are scanned as fast as a graph is entered. */
export const INDEX_ROWS_MIN = 1024;
/** Comparisons of one step: a few milliseconds. */
const STEP_PAIRS = 200_000;
const TIMED_QUERIES = 32;
const USUAL_RECALL = 0.95;

export interface BuiltIndex {
  readonly bytes: Uint8Array;
  readonly ann: AnnIndex;
  readonly calibration: Calibration;
}

/** Undefined if `stopped` came true, or exact search is as fast. Errors: `OutOfMemory`. */
export async function buildIndex(segment: Segment, rowsSha256: Uint8Array, core: Core, ambient: Ambient, stopped: () => boolean): Promise<BuiltIndex | undefined> {
  const bytes = await buildBytes(segment.index, rowsSha256, core, ambient, stopped);
  if (bytes === undefined) return undefined;
  const ann = core.openIndex(bytes, segment.index);
  try {
    const calibration = await calibrate(segment.index, ann, ambient, stopped);
    if (!stopped() && isFaster(segment.index, ann, calibration, ambient)) return { bytes, ann, calibration };
  } catch (error) {
    ann.close();
    throw error;
  }
  ann.close();
  return undefined;
}

async function buildBytes(rows: FlatIndex, rowsSha256: Uint8Array, core: Core, ambient: Ambient, stopped: () => boolean): Promise<Uint8Array | undefined> {
  const build = core.buildIndex(rows, { kind: 'graph', seed: 1, rowsSha256 });
  try {
    while (!stopped()) {
      if (build.step(STEP_PAIRS)) return build.bytes();
      await ambient.pause();
    }
    return undefined;
  } finally {
    build.close();
  }
}

// On this device, now: the same queries, each by itself, by either way.
function isFaster(rows: FlatIndex, ann: AnnIndex, calibration: Calibration, ambient: Ambient): boolean {
  const effort = effortFor(calibration, 10, USUAL_RECALL);
  if (effort === undefined) return false;
  const queries = Array.from({ length: TIMED_QUERIES }, (_, at) => rows.read(Math.floor((at * rows.size) / TIMED_QUERIES), 1));
  const time = (search: (query: Float32Array) => void): number => {
    queries.forEach(search);
    const start = ambient.nowMs();
    queries.forEach(search);
    return ambient.nowMs() - start;
  };
  return time((query) => ann.search(query, 10, effort)) <= time((query) => rows.search(query, 10));
}
