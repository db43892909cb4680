// Abi: what native/include/elanus.h says, for the bindings over it: its numbers, the errors its statuses become, and
// the checks of arguments that both bindings make before anything crosses. Keep in step with that header.

import { bitsetBytes, type Bitset } from '../../model/bitset.js';
import { ElanusError, require, type ErrorCode } from '../../model/errors.js';
import { LIMITS } from '../../model/limits.js';
import { isDistance, type BinaryMetric, type Metric } from '../../model/metric.js';
import type { AnnOptions, BuildOptions, CodesOptions, IndexKind, IndexStage, OpenOptions, ScoreRange } from '../../ports/core.js';

export const ABI_VERSION = 3;

/** Stored in segments: do not change. */
export const METRIC_NUMBERS: Readonly<Record<Metric | BinaryMetric, number>> = { L2: 1, IP: 2, COSINE: 3, HAMMING: 4, JACCARD: 5 };

const STATUSES: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  1: ['InvalidArgument', 'an argument breaks the contract'],
  2: ['OutOfMemory', 'the core has no memory left'],
  3: ['Unsupported', 'this machine or build of the core lacks what was asked for, or the bytes are of a newer version'],
  4: ['Corrupt', 'the bytes are damaged'],
};

/** Stored in index files: do not change. */
export const KIND_NUMBERS: Readonly<Record<IndexKind, number>> = { graph: 1, ivf: 2 };
export const STAGE_NUMBERS: Readonly<Record<IndexStage, number>> = { scan: 1, refine: 2, graph: 3 };

const AS_IVF = 1;
const PARTIAL = 2;

export const CALIBRATION_BYTES_MAX = 65_536;

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
export function checkKind(kind: IndexKind): void {
  require(Object.hasOwn(KIND_NUMBERS, kind), () => `kind: expected graph or ivf, found ${String(kind)}`);
}

/** Errors: `InvalidArgument`. */
export function checkBuild({ kind, lists, seed, rowsSha256 }: BuildOptions): void {
  checkKind(kind);
  require(lists === undefined || (Number.isInteger(lists) && lists >= 1 && lists < 2 ** 31), () => `lists: expected a positive integer, found ${String(lists)}`);
  require(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32, () => `seed: expected an unsigned integer of 32 bits, found ${String(seed)}`);
  require(rowsSha256 instanceof Uint8Array && rowsSha256.length === 32, () => 'rowsSha256: expected 32 bytes');
}

export function checkCalibration(calibration: Uint8Array | undefined): void {
  if (calibration === undefined) return;
  require(calibration instanceof Uint8Array && calibration.length <= CALIBRATION_BYTES_MAX, () => `calibration: expected at most ${CALIBRATION_BYTES_MAX} bytes`);
}

/** The flags of elanus_index_open. */
export function openFlags({ kind, partial = false }: OpenOptions): number {
  if (kind !== undefined) checkKind(kind);
  return (kind === 'ivf' ? AS_IVF : 0) + (partial ? PARTIAL : 0);
}

export interface AnnInfo {
  readonly kind: IndexKind;
  readonly stage: IndexStage;
  readonly lists: number;
  readonly rows: number;
  readonly dim: number;
}

/** The first five numbers of elanus_index_about. */
export function readInfo([kind, stage, lists, rows, dim]: Uint32Array): AnnInfo {
  return {
    kind: kind === KIND_NUMBERS.graph ? 'graph' : 'ivf',
    stage: stage === STAGE_NUMBERS.scan ? 'scan' : stage === STAGE_NUMBERS.refine ? 'refine' : 'graph',
    lists: lists as number,
    rows: rows as number,
    dim: dim as number,
  };
}

export function checkAnn({ effort, keep, rerank, patience }: AnnOptions): void {
  checkWhole('effort', effort);
  checkWhole('keep', keep);
  checkWhole('rerank', rerank);
  require(patience >= 0, () => `patience: expected 0 or more, found ${String(patience)}`);
}

function checkWhole(name: string, value: number): void {
  require(Number.isInteger(value) && value >= 0 && value < 2 ** 31, () => `${name}: expected an integer of 0 or more, found ${String(value)}`);
}

export function checkK(k: number): void {
  require(Number.isInteger(k) && k >= 1 && k <= LIMITS.topKMax, () => `k: expected 1 to ${LIMITS.topKMax}, found ${String(k)}`);
}

export function checkSelves(selves: Uint32Array, k: number): void {
  require(selves instanceof Uint32Array, () => 'selves: expected a Uint32Array');
  checkK(k);
}

/** Seeds the rotation of codes that are not stored: any value does. */
export const CODES_SEED = 0x656c616e;

export function checkUpdate(rowsMax: number): void {
  require(Number.isInteger(rowsMax) && rowsMax >= 1 && rowsMax < 2 ** 31, () => `rowsMax: expected a positive integer, found ${String(rowsMax)}`);
}

export function checkCodes({ deviations }: CodesOptions): void {
  require(typeof deviations === 'number' && deviations > 0, () => `deviations: expected a number above 0, found ${String(deviations)}`);
}

/** Number of queries of `width` values. */
export function checkSearch(queries: ArrayLike<number>, width: number, k: number, alive: Bitset | undefined, size: number, Values: ArrayType = Float32Array): number {
  const count = checkRows('queries', queries, width, Values);
  checkWanted(k, alive, size);
  return count;
}

export function checkWanted(k: number, alive: Bitset | undefined, size: number): void {
  checkK(k);
  checkAlive(alive, size);
}

export function checkAlive(alive: Bitset | undefined, size: number): void {
  if (alive === undefined) return;
  require(alive instanceof Uint8Array, () => `alive: expected a Uint8Array, found ${typeof alive}`);
  require(alive.length >= bitsetBytes(size), () => `alive: expected ${bitsetBytes(size)} bytes for ${size} rows, found ${alive.length}`);
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
