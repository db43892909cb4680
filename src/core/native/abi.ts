// Abi: what native/include/elanus.h says, for the bindings over it: its numbers, the errors its statuses become, and
// the checks of arguments that both bindings make before anything crosses. Keep in step with that header.

import { bitsetBytes, type Bitset } from '../../model/bitset.js';
import { ElanusError, require, type ErrorCode } from '../../model/errors.js';
import { LIMITS } from '../../model/limits.js';
import { isDistance, type BinaryMetric, type Metric } from '../../model/metric.js';
import type { AnnOptions, BuildOptions, ScoreRange } from '../../ports/core.js';

export const ABI_VERSION = 1;

/** Stored in segments: do not change. */
export const METRIC_NUMBERS: Readonly<Record<Metric | BinaryMetric, number>> = { L2: 1, IP: 2, COSINE: 3, HAMMING: 4, JACCARD: 5 };

const STATUSES: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  1: ['InvalidArgument', 'an argument breaks the contract'],
  2: ['OutOfMemory', 'the core has no memory left'],
  3: ['Unsupported', 'this machine or build of the core lacks what was asked for, or the bytes are of a newer version'],
  4: ['Corrupt', 'the bytes are damaged'],
};

/** Stored in index files: do not change. */
export const KIND_NUMBERS = { graph: 1 } as const;

/** Candidates that a searcher has room for; searches that keep more are exact. */
export const EF_MAX = 4096;

export interface CoreOptions {
  /** A name of `kernelSets`. Default: the best. */
  readonly kernels?: string;
}

/** The constructor of a typed array. */
export interface ArrayType<Values extends ArrayLike<number> = ArrayLike<number>> {
  new (length: number): Values;
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
}

/** Throws what `status` stands for, unless it is success. */
export function checkStatus(status: number, where: string): void {
  if (status === 0) return;
  const [code, text] = STATUSES[status] ?? ['Unsupported', `unknown status ${status} of the core`];
  throw new ElanusError(code, `${where}: ${text}`);
}

/** The position of a kernel set, 0 by default. Errors: `Unsupported`. */
export function kernelsPosition(names: readonly string[], wanted: string | undefined): number {
  const position = wanted === undefined ? 0 : names.indexOf(wanted);
  if (position < 0) throw new ElanusError('Unsupported', `kernels: expected one of ${names.join(', ')}, found ${String(wanted)}`);
  return position;
}

/** Number of rows of `width` values in `vectors`. Errors: `InvalidArgument` if it is not such an array of whole rows. */
export function checkRows(what: string, vectors: ArrayLike<number>, width: number, Values: ArrayType = Float32Array): number {
  require(vectors instanceof Values, () => `${what}: expected a ${Values.name}, found ${typeof vectors}`);
  const rows = vectors.length / width;
  require(Number.isInteger(rows), () => `${what}: expected a multiple of ${width} values, found ${vectors.length}`);
  return rows;
}

export function checkRange(first: number, count: number, size: number): void {
  const whole = Number.isInteger(first) && Number.isInteger(count) && first >= 0 && count >= 0;
  require(whole && first + count <= size, () => `read: expected rows of 0 to ${size}, found ${String(first)} to ${String(first)} + ${String(count)}`);
}

/** Errors: `InvalidArgument`. */
export function checkBuild({ kind, seed, rowsSha256 }: BuildOptions): void {
  require(Object.hasOwn(KIND_NUMBERS, kind), () => `kind: expected graph, found ${String(kind)}`);
  require(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32, () => `seed: expected an unsigned integer of 32 bits, found ${String(seed)}`);
  require(rowsSha256 instanceof Uint8Array && rowsSha256.length === 32, () => 'rowsSha256: expected 32 bytes');
}

export function checkAnn({ ef, rerank }: AnnOptions): void {
  for (const [name, value] of [['ef', ef], ['rerank', rerank]] as const) {
    require(Number.isInteger(value) && value >= 1 && value < 2 ** 31, () => `${name}: expected a positive integer, found ${String(value)}`);
  }
}

/** Number of queries of `width` values. */
export function checkSearch(queries: ArrayLike<number>, width: number, k: number, alive: Bitset | undefined, size: number, Values: ArrayType = Float32Array): number {
  const count = checkRows('queries', queries, width, Values);
  checkWanted(k, alive, size);
  return count;
}

export function checkWanted(k: number, alive: Bitset | undefined, size: number): void {
  require(Number.isInteger(k) && k >= 1 && k <= LIMITS.topKMax, () => `k: expected 1 to ${LIMITS.topKMax}, found ${String(k)}`);
  if (alive !== undefined) {
    require(alive instanceof Uint8Array, () => `alive: expected a Uint8Array, found ${typeof alive}`);
    require(alive.length >= bitsetBytes(size), () => `alive: expected ${bitsetBytes(size)} bytes for ${size} rows, found ${alive.length}`);
  }
}

/** An elanus_range: radius and range_filter. */
export function rangeNumbers(range: ScoreRange | undefined, metric: Metric | BinaryMetric): Float32Array<ArrayBuffer> | undefined {
  if (range === undefined) return undefined;
  require(typeof range === 'object' && range !== null, () => `range: expected { radius, rangeFilter }, found ${String(range)}`);
  const farthest = isDistance(metric) ? Infinity : -Infinity;
  const { radius = farthest, rangeFilter = -farthest } = range;
  for (const [name, value] of [['radius', radius], ['rangeFilter', rangeFilter]] as const) {
    require(typeof value === 'number' && !Number.isNaN(value), () => `range.${name}: expected a number, found ${String(value)}`);
  }
  return Float32Array.of(radius, rangeFilter);
}
