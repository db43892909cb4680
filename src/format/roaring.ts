// Roaring: a set of 32-bit numbers in the portable format of RoaringFormatSpec, a container for each 65,536 of
// them: up to 4,096 values as an array, more as a bitmap; runs are read, not written.

import { requireIntact } from '../model/errors.js';
import { bytesOf, concatBytes, dataViewOf } from './bytes.js';

interface Container {
  /** The upper 16 bits of its values. */
  readonly key: number;
  readonly count: number;
  readonly isRuns: boolean;
}

const COOKIE = 12346;
const COOKIE_WITH_RUNS = 12347;
const ARRAY_COUNT_MAX = 4096;
const BITMAP_BYTES = 8192;
/** A bitmap with runs and fewer containers than this has no offsets. */
const OFFSETS_COUNT_MIN = 4;

/** REQUIRES: `values` strictly ascending, not empty. */
export function encodeRoaring(values: Uint32Array): Uint8Array<ArrayBuffer> {
  const containers = containersOf(values);
  const bodies = containers.map((container) => (container.length > ARRAY_COUNT_MAX ? bitmapOf(container) : bytesOf(Uint16Array.from(container))));
  const heads = containers.flatMap((container) => [(container[0] as number) >>> 16, container.length - 1]);
  let offset = 8 + containers.length * 8;
  const offsets = bodies.map((body) => (offset += body.length) - body.length);
  return concatBytes([bytesOf(Uint32Array.of(COOKIE, containers.length)), bytesOf(Uint16Array.from(heads)), bytesOf(Uint32Array.from(offsets)), ...bodies]);
}

/** The values, ascending; `bytes` holds nothing else. Errors: `Corrupt` if any is `valuesMax` or more, or the structure is damaged. */
export function decodeRoaring(bytes: Uint8Array, valuesMax: number, where: string): Uint32Array {
  const { containers, offsets, end } = readHeads(bytes, where);
  const total = containers.reduce((sum, { count }) => sum + count, 0);
  requireIntact(total <= valuesMax, where, `roaring: at most ${valuesMax} values, found ${total}`);
  const values = new Uint32Array(total);
  let offset = end;
  let filled = 0;
  containers.forEach((container, i) => {
    requireIntact(offsets[i] === undefined || offsets[i] === offset, where, `roaring: container ${i}: expected offset ${offset}, found ${offsets[i]}`);
    offset = readContainer(bytes, offset, container, values.subarray(filled, filled + container.count), where);
    filled += container.count;
  });
  requireIntact(offset === bytes.length, where, `roaring: expected ${offset} bytes, found ${bytes.length}`);
  const last = values[total - 1];
  requireIntact(last === undefined || last < valuesMax, where, `roaring: expected values below ${valuesMax}, found ${last}`);
  return values;
}

function containersOf(values: Uint32Array): readonly Uint32Array[] {
  const containers: Uint32Array[] = [];
  for (let start = 0, i = 1; i <= values.length; i++) {
    if (i < values.length && (values[i] as number) >>> 16 === (values[start] as number) >>> 16) continue;
    containers.push(values.subarray(start, i));
    start = i;
  }
  return containers;
}

function bitmapOf(values: Uint32Array): Uint8Array {
  const bits = new Uint8Array(BITMAP_BYTES);
  for (const value of values) {
    const byte = (value & 0xffff) >> 3;
    bits[byte] = (bits[byte] as number) | (1 << (value & 7));
  }
  return bits;
}

/** Cookie, run flags, keys and counts, offsets; `end` is where the first container starts. */
function readHeads(bytes: Uint8Array, where: string): { containers: readonly Container[]; offsets: readonly number[]; end: number } {
  const view = dataViewOf(bytes);
  requireRoom(bytes, 0, 8, where);
  const cookie = view.getUint32(0, true);
  const hasRuns = (cookie & 0xffff) === COOKIE_WITH_RUNS;
  requireIntact(hasRuns || cookie === COOKIE, where, `roaring: unknown cookie ${cookie}`);
  const count = hasRuns ? (cookie >>> 16) + 1 : view.getUint32(4, true);
  requireIntact(count >= 1 && count <= 65_536, where, `roaring: expected 1 to 65536 containers, found ${count}`);
  const flags = hasRuns ? 4 : 8;
  const heads = flags + (hasRuns ? Math.ceil(count / 8) : 0);
  const offsetsStart = heads + count * 4;
  const hasOffsets = !hasRuns || count >= OFFSETS_COUNT_MIN;
  const end = offsetsStart + (hasOffsets ? count * 4 : 0);
  requireRoom(bytes, 0, end, where);
  const containers = Array.from({ length: count }, (_, i): Container => {
    const isRuns = hasRuns && (((bytes[flags + (i >> 3)] as number) >> (i & 7)) & 1) === 1;
    return { key: view.getUint16(heads + i * 4, true), count: view.getUint16(heads + i * 4 + 2, true) + 1, isRuns };
  });
  const unsorted = containers.findIndex(({ key }, i) => i > 0 && key <= (containers[i - 1] as Container).key);
  requireIntact(unsorted === -1, where, `roaring: container ${unsorted}: key does not ascend`);
  return { containers, offsets: hasOffsets ? containers.map((_, i) => view.getUint32(offsetsStart + i * 4, true)) : [], end };
}

/** Fills `values`, of the container's count; returns where the next container starts. */
function readContainer(bytes: Uint8Array, offset: number, { key, count, isRuns }: Container, values: Uint32Array, where: string): number {
  const base = key * 65_536;
  if (isRuns) return readRuns(bytes, offset, base, values, where);
  if (count > ARRAY_COUNT_MAX) return readBitmap(bytes, offset, base, values, where);
  requireRoom(bytes, offset, count * 2, where);
  const view = dataViewOf(bytes);
  for (let i = 0; i < count; i++) {
    const value = base + view.getUint16(offset + i * 2, true);
    if (i > 0 && value <= (values[i - 1] as number)) requireIntact(false, where, `roaring: value ${i} of the array at ${offset} does not ascend`);
    values[i] = value;
  }
  return offset + count * 2;
}

function readBitmap(bytes: Uint8Array, offset: number, base: number, values: Uint32Array, where: string): number {
  requireRoom(bytes, offset, BITMAP_BYTES, where);
  let found = 0;
  for (let i = 0; i < BITMAP_BYTES; i++) {
    for (let byte = bytes[offset + i] as number; byte !== 0; byte &= byte - 1) {
      if (found < values.length) values[found] = base + i * 8 + (31 - Math.clz32(byte & -byte));
      found++;
    }
  }
  requireIntact(found === values.length, where, `roaring: expected ${values.length} bits in the bitmap at ${offset}, found ${found}`);
  return offset + BITMAP_BYTES;
}

function readRuns(bytes: Uint8Array, offset: number, base: number, values: Uint32Array, where: string): number {
  requireRoom(bytes, offset, 2, where);
  const view = dataViewOf(bytes);
  const runs = view.getUint16(offset, true);
  requireRoom(bytes, offset + 2, runs * 4, where);
  let filled = 0;
  let next = 0;
  for (let run = 0; run < runs; run++) {
    const start = view.getUint16(offset + 2 + run * 4, true);
    const length = view.getUint16(offset + 4 + run * 4, true) + 1;
    requireIntact(start >= next && start + length <= 65_536 && filled + length <= values.length, where, `roaring: run ${run} at ${offset} does not fit`);
    for (let i = 0; i < length; i++) values[filled++] = base + start + i;
    next = start + length;
  }
  requireIntact(filled === values.length, where, `roaring: expected ${values.length} values in the runs at ${offset}, found ${filled}`);
  return offset + 2 + runs * 4;
}

function requireRoom(bytes: Uint8Array, offset: number, length: number, where: string): void {
  requireIntact(offset + length <= bytes.length, where, `roaring: expected ${length} bytes at ${offset}, found ${Math.max(bytes.length - offset, 0)}`);
}
