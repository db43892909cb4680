// Extents: where in a rows file the vectors of a field lie, so that one is read by offset. Manifests and rows files
// carry them, by the name of the field.

import { NUMBER_ARRAYS, valuesPerRow } from '../model/columns.js';
import { requireIntact } from '../model/errors.js';
import { isDenseVector, type Field } from '../model/field.js';
import type { Schema } from '../model/schema.js';
import { arrayAt, integerAt, objectAt } from './checks.js';
import type { JsonObject } from './envelope.js';
import { sumsBytes } from './row-sums.js';

/** The vectors of `rows` rows but of those that are null: one run from byte `offset` of the rows file on, row sums behind it. */
export interface VectorExtent {
  readonly offset: number;
  readonly rows: number;
  /** Absent if none is null. */
  readonly nulls?: number;
}

/** In order of rows, by the name of the dense vector field. */
export type VectorExtents = Readonly<Record<string, readonly VectorExtent[]>>;

export const VECTOR_ALIGNMENT = 64;

/** Whether the values of a field are one run at a multiple of 64, row sums behind them. */
export function isRun({ type }: Field): boolean {
  return isDenseVector(type);
}

/** Bytes of one vector. REQUIRES: a dense vector. */
export function vectorBytes(field: Field): number {
  return isDenseVector(field.type) ? valuesPerRow(field) * NUMBER_ARRAYS[field.type].BYTES_PER_ELEMENT : 0;
}

/** Bytes of the dense vectors of a row, 1 at least. */
export function rowVectorBytes(schema: Schema): number {
  return schema.fields.reduce((sum, field) => sum + vectorBytes(field), 1);
}

export function extentsJson(extents: VectorExtents): JsonObject {
  return Object.fromEntries(Object.entries(extents).map(([name, list]) => [name, list.map(({ offset, rows, nulls }) => ({ offset, rows, nulls }))]));
}

/** The extents of `rowsTotal` rows in a file of `sizeBytes` bytes. Errors: `Corrupt`, naming `where` and `place`. */
export function decodeExtents(value: unknown, schema: Schema, rowsTotal: number, sizeBytes: number, where: string, place: string): VectorExtents {
  const given = objectAt(value, where, place);
  const fields = schema.fields.filter(isRun);
  requireIntact(Object.keys(given).length === fields.length, where, `${place}: expected the ${fields.length} dense vectors of the schema`);
  const runs: Run[] = [];
  const extents = Object.fromEntries(fields.map((field) => {
    const at = `${place}.${field.name}`;
    const list = arrayAt(Object.hasOwn(given, field.name) ? given[field.name] : undefined, rowsTotal, where, at);
    const found = decodeList(list, vectorBytes(field), field.nullable === true, rowsTotal, sizeBytes, where, at);
    found.forEach((extent, i) => runs.push({ place: `${at}[${i}]`, offset: extent.offset, end: endOf(extent, vectorBytes(field)) }));
    return [field.name, found];
  }));
  requireApart(runs, where);
  return extents;
}

interface Run {
  readonly place: string;
  readonly offset: number;
  readonly end: number;
}

function endOf({ offset, rows, nulls = 0 }: VectorExtent, sizeOfVector: number): number {
  return offset + (rows - nulls) * sizeOfVector + sumsBytes(rows - nulls, sizeOfVector);
}

// No byte is of two vectors, of different fields neither.
function requireApart(runs: Run[], where: string): void {
  runs.sort((a, b) => a.offset - b.offset);
  for (let i = 1; i < runs.length; i++) {
    const [before, after] = [runs[i - 1] as Run, runs[i] as Run];
    requireIntact(after.offset >= before.end, where, `${after.place}.offset: ${after.offset} lies within ${before.place}, which ends at ${before.end}`);
  }
}

function decodeList(given: readonly unknown[], sizeOfVector: number, nullable: boolean, rowsTotal: number, sizeBytes: number, where: string, place: string): readonly VectorExtent[] {
  let end = 0;
  let total = 0;
  const extents = given.map((value, i) => {
    const extent = objectAt(value, where, `${place}[${i}]`);
    const offset = integerAt(extent['offset'], end, sizeBytes, where, `${place}[${i}].offset`);
    const rows = integerAt(extent['rows'], 1, rowsTotal, where, `${place}[${i}].rows`);
    const nulls = extent['nulls'] === undefined ? 0 : integerAt(extent['nulls'], 1, nullable ? rows : 0, where, `${place}[${i}].nulls`);
    requireIntact(offset % VECTOR_ALIGNMENT === 0, where, `${place}[${i}].offset: expected a multiple of ${VECTOR_ALIGNMENT}, found ${offset}`);
    end = endOf({ offset, rows, nulls }, sizeOfVector);
    requireIntact(end <= sizeBytes, where, `${place}[${i}]: ends at ${end}, beyond the file's ${sizeBytes} bytes`);
    total += rows;
    return { offset, rows, ...(nulls === 0 ? {} : { nulls }) };
  });
  requireIntact(total === rowsTotal, where, `${place}: expected ${rowsTotal} rows, found ${total}`);
  return extents;
}
