// Calibration: what searches of one segment's index find with which parameters, measured when it was built. It is a
// section of the index file, opaque to the core. Bytes: docs/format.md, section 9.

import { ElanusError, requireIntact } from '../model/errors.js';
import { LIMITS } from '../model/limits.js';
import { bytesOf, concatBytes, dataViewOf } from './bytes.js';

export interface Calibration {
  /** Queries whose 10th neighbour scores worse than this are harder than nearly all that were measured. */
  readonly far: number;
  /** By k, then those with an effort before those without, each by ascending cost. */
  readonly points: readonly CalibrationPoint[];
}

/** Parameters of a search for `k` rows (ports/core.ts, AnnOptions) and what it finds. */
export interface CalibrationPoint {
  readonly k: number;
  /** 0: by lists until `patience` ends the search, as under a filter. */
  readonly effort: number;
  readonly keep: number;
  readonly rerank: number;
  readonly patience: number;
  /** Share of the true k nearest, in units of 1/10,000. */
  readonly recall: number;
}

const VERSION = 1;
const HEAD_BYTES = 16;
const POINT_WORDS = 6;
const POINTS_MAX = 1024;
/** No index has as many lists. Scaled to the largest k, and by six for queries that are far, it is below 2^31. */
const EFFORT_MAX = 0x10_0000;
const RECALL_UNITS = 10_000;

export function encodeCalibration({ far, points }: Calibration): Uint8Array<ArrayBuffer> {
  const words = points.flatMap(({ k, effort, keep, rerank, patience, recall }) => [k, effort, keep, rerank, patience, recall]);
  return concatBytes([bytesOf(Uint32Array.of(VERSION, points.length)), bytesOf(Float64Array.of(far)), bytesOf(Uint32Array.from(words))]);
}

/** Errors: `Corrupt`, naming `where`; `Unsupported` if it is of a newer version. */
export function decodeCalibration(bytes: Uint8Array, where: string): Calibration {
  requireIntact(bytes.length >= HEAD_BYTES, where, `calibration: expected at least ${HEAD_BYTES} bytes, found ${bytes.length}`);
  const view = dataViewOf(bytes);
  const version = view.getUint32(0, true);
  if (version > VERSION) throw new ElanusError('Unsupported', `${where}: calibration format version ${version} is newer than ${VERSION}, the newest that this release reads`, { file: where });
  requireIntact(version === VERSION, where, `calibration: expected version ${VERSION}, found ${version}`);
  const count = view.getUint32(4, true);
  requireIntact(count <= POINTS_MAX && bytes.length === HEAD_BYTES + count * POINT_WORDS * 4, where, `calibration: expected ${count} points, found ${bytes.length} bytes`);
  const far = view.getFloat64(8, true);
  requireIntact(Number.isFinite(far), where, 'calibration: far: expected a finite number');
  return { far, points: Array.from({ length: count }, (_, at) => pointAt(view, at, where)) };
}

function pointAt(view: DataView, at: number, where: string): CalibrationPoint {
  const word = (position: number, name: string, min: number, max: number): number => {
    const value = view.getUint32(HEAD_BYTES + (at * POINT_WORDS + position) * 4, true);
    requireIntact(value >= min && value <= max, where, `calibration: points[${at}].${name}: expected ${min} to ${max}, found ${value}`);
    return value;
  };
  return {
    k: word(0, 'k', 1, LIMITS.topKMax),
    effort: word(1, 'effort', 0, EFFORT_MAX),
    keep: word(2, 'keep', 1, EFFORT_MAX),
    rerank: word(3, 'rerank', 1, EFFORT_MAX),
    patience: word(4, 'patience', 0, EFFORT_MAX),
    recall: word(5, 'recall', 0, RECALL_UNITS),
  };
}
