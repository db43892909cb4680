// fvecs and bvecs, the form of the TEXMEX data sets: every vector is its dimension as an int32, then that many float32,
// or bytes; little-endian. All have one dimension. The key of a row is its number.

import { bytesOf, concatBytes, dataViewOf } from '../format/bytes.js';
import type { ElanusError } from '../model/errors.js';
import { LIMITS } from '../model/limits.js';
import { NPY_VECTOR, ROW_NUMBER } from './npy.js';
import { ImportPlace } from './place.js';
import { PORTION_ROWS, type Reader, type SourceRow } from './reader.js';
import { ByteReader } from './source.js';

/** Bytes of a component. */
export type ComponentBytes = 1 | 4;

const PORTION_BYTES = 4 * 1024 * 1024;

export function vecsReader(pieces: AsyncIterable<Uint8Array>, file: string, componentBytes: ComponentBytes): Reader {
  return { numbered: ROW_NUMBER, vectorColumn: NPY_VECTOR, rows: () => rowsOf(pieces, file, componentBytes) };
}

async function* rowsOf(pieces: AsyncIterable<Uint8Array>, file: string, componentBytes: ComponentBytes): AsyncGenerator<readonly SourceRow[]> {
  const reader = new ByteReader(pieces);
  try {
    const head = await reader.take(4);
    if (head.length === 0) return;
    const dim = dimensionOf(head, file, 0);
    const recordBytes = 4 + dim * componentBytes;
    const portion = Math.max(1, Math.min(PORTION_ROWS, Math.floor(PORTION_BYTES / recordBytes)));
    let first = 0;
    // The dimension of the first is taken already.
    let held: Uint8Array = head;
    for (;;) {
      const offset = reader.offset - held.length;
      const bytes = concatBytes([held, await reader.take(portion * recordBytes - held.length)]);
      held = new Uint8Array(0);
      if (bytes.length === 0) return;
      const whole = Math.floor(bytes.length / recordBytes);
      const rows: SourceRow[] = [];
      let damage: ElanusError | undefined;
      for (let i = 0; i < whole && damage === undefined; i++) {
        const place = new ImportPlace(file, `row ${first + i} (byte ${offset + i * recordBytes})`);
        const found = dimensionAt(bytes, i * recordBytes);
        // Where a record has another length, nothing after it has a place.
        if (found !== dim) damage = place.corrupt(`expected dimension ${dim}, found ${found}`);
        else rows.push({ place, values: { [ROW_NUMBER]: BigInt(first + i), [NPY_VECTOR]: vectorAt(bytes, i * recordBytes + 4, dim, componentBytes) } });
      }
      if (rows.length > 0) yield rows;
      if (damage !== undefined) throw damage;
      if (bytes.length % recordBytes !== 0) throw new ImportPlace(file, `row ${first + whole} (byte ${offset + whole * recordBytes})`).corrupt(`expected ${recordBytes} bytes, found ${bytes.length % recordBytes}`);
      first += whole;
    }
  } finally {
    await reader.close();
  }
}

function dimensionOf(bytes: Uint8Array, file: string, row: number): number {
  const dim = bytes.length < 4 ? 0 : dimensionAt(bytes, 0);
  if (dim < 1 || dim > LIMITS.dimensionMax) throw new ImportPlace(file, `row ${row}`).corrupt(`expected a dimension of 1 to ${LIMITS.dimensionMax} in 4 bytes, found ${bytes.length < 4 ? `${bytes.length} bytes` : dim}`);
  return dim;
}

function dimensionAt(bytes: Uint8Array, at: number): number {
  return dataViewOf(bytes).getInt32(at, true);
}

function vectorAt(bytes: Uint8Array, at: number, dim: number, componentBytes: ComponentBytes): Float32Array {
  const components = bytes.subarray(at, at + dim * componentBytes);
  return componentBytes === 4 ? new Float32Array(components.slice().buffer) : Float32Array.from(components);
}

export function encodeFvecs(vectors: readonly Float32Array[]): Uint8Array<ArrayBuffer> {
  return concatBytes(vectors.flatMap((vector) => [bytesOf(Int32Array.of(vector.length)), bytesOf(vector)]));
}
