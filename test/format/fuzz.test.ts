// Seeded noise behind true checksums: a reader either refuses by an ElanusError that names the file, or gives
// something that keeps every promise of its type. Nothing else may come out of it.

import { expect, test } from 'vitest';
import { decodeBatch, encodeBatch } from '../../src/format/batch.js';
import { bytesOf, concatBytes, dataViewOf, sameBytes } from '../../src/format/bytes.js';
import { crc32 } from '../../src/format/crc.js';
import { decodeDeletions, encodeDeletions } from '../../src/format/deletion-vector.js';
import { encodePageHeader, skipPageHeader } from '../../src/format/parquet.js';
import { decodeRows, encodeRows } from '../../src/format/rows-file.js';
import { decodePage, encodePage } from '../../src/format/rows-page.js';
import type { Column } from '../../src/model/columns.js';
import type { Field } from '../../src/model/field.js';
import { storedFields } from '../../src/model/schema.js';
import { ElanusError } from '../../src/model/errors.js';
import { refusalOf } from './damage.js';
import { columnsOf, FULL_SCHEMA, NULL_SCHEMA, randomOf, SCHEMA, SMALL_SCHEMA } from './samples.js';

const SEED = Number(process.env['ELANUS_SEED'] ?? 1);
const ROUNDS = 3000;

/** `bytes` with one to four bytes changed from `first` up to `end`. */
function noisy(bytes: Uint8Array, first: number, end: number, random: () => number): Uint8Array {
  const changed = bytes.slice();
  for (let i = Math.floor(random() * 4); i >= 0; i--) changed[first + Math.floor(random() * (end - first))] = [0, 1, 0x7f, 0x80, 0xff][Math.floor(random() * 8)] ?? random() * 256;
  return changed;
}

/** What `read` gives, or undefined if it refuses as it should. */
function readOrRefusal<T>(read: () => T, context: string): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ElanusError)) throw new Error(`${context}: expected an ElanusError`, { cause: error });
    refusalOf(() => { throw error; }, context);
    return undefined;
  }
}

test(`noise in a deletion vector gives rows of the segment, or a refusal (seed ${SEED})`, () => {
  const random = randomOf(SEED);
  const rows = Uint32Array.from([1, 2, 3, 9, 65_600, 65_601, ...Array.from({ length: 4200 }, (_, i) => 131_072 + i * 2)]);
  const blob = encodeDeletions(rows);
  let read = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = noisy(blob, 8, random() < 0.9 ? 80 : blob.length - 4, random);
    dataViewOf(bytes).setUint32(bytes.length - 4, crc32(bytes.subarray(4, bytes.length - 4)));
    const found = readOrRefusal(() => decodeDeletions(bytes, 140_000, 'FILE'), `seed ${SEED}, round ${round}`);
    if (found === undefined) continue;
    read++;
    expect(found.every((row, i) => row < 140_000 && (i === 0 || row > (found[i - 1] as number))), `seed ${SEED}, round ${round}`).toBe(true);
  }
  expect(read).toBeGreaterThan(0);
  expect(read).toBeLessThan(ROUNDS);
});

test.each([['scalars', SCHEMA], ['every type with nulls', FULL_SCHEMA], ['few fields with nulls', NULL_SCHEMA]])(`noise in a batch of %s gives columns of its schema, or a refusal (seed ${SEED})`, (_, schema) => {
  const random = randomOf(SEED + 1);
  const encoded = encodeBatch({ kind: 'write', columns: columnsOf(schema, 4, 9) }, schema);
  let read = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = noisy(encoded, 0, encoded.length, random);
    const batch = readOrRefusal(() => decodeBatch(bytes, { schema }, 'FILE'), `seed ${SEED}, round ${round}`);
    if (batch === undefined) continue;
    read++;
    expect(sameBytes(encodeBatch(batch, schema), bytes), `seed ${SEED}, round ${round}`).toBe(true);
  }
  expect(read).toBeGreaterThan(0);
  expect(read).toBeLessThan(ROUNDS);
});

test(`noise in a footer, or a footer of noise, is refused (seed ${SEED})`, () => {
  const random = randomOf(SEED + 2);
  const { bytes, vectors } = encodeRows(columnsOf(SMALL_SCHEMA, 4, 9), SMALL_SCHEMA, 2);
  const tail = bytes.length - 8;
  const start = tail - dataViewOf(bytes).getUint32(tail, true);
  expect(vectors['vector']).toHaveLength(2);
  for (let round = 0; round < ROUNDS; round++) {
    const changed = noisy(bytes, start, tail, random);
    if (changed.every((byte, i) => byte === bytes[i])) continue;
    refusalOf(() => decodeRows(changed, SMALL_SCHEMA, 'FILE'), `seed ${SEED}, round ${round}`);
    const noise = Uint8Array.from({ length: 60 }, () => random() * 256);
    const file = concatBytes([bytes.subarray(0, start), noise, bytesOf(Uint32Array.of(noise.length)), bytes.subarray(0, 4)]);
    refusalOf(() => decodeRows(file, SMALL_SCHEMA, 'FILE'), `seed ${SEED}, round ${round}, noise`);
  }
});

test(`noise in a page behind true checksums gives its rows again, or a refusal (seed ${SEED})`, () => {
  const random = randomOf(SEED + 3);
  const fields = storedFields(NULL_SCHEMA);
  let read = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const f = 1 + Math.floor(random() * (fields.length - 1));
    const field = fields[f] as Field;
    const columns = columnsOf(NULL_SCHEMA, 1 + Math.floor(random() * 12), round);
    const page = finished(encodePage(columns.byName.get(field.name) as Column, field, 0, columns.rows, 4));
    const { offset, sizeBytes } = page.chunk;
    const chunk = concatBytes(page.parts).subarray(offset - 4, offset - 4 + sizeBytes);
    const cursor = { bytes: chunk, where: 'FILE', place: 'header', offset: 0 };
    skipPageHeader(cursor);
    const changed = noisy(chunk, cursor.offset, chunk.length, random).subarray(cursor.offset);
    const header = encodePageHeader({ values: page.chunk.values, bodyBytes: changed.length, crc: crc32(changed) });
    const bytes = concatBytes([header, changed]);
    const context = `seed ${SEED}, round ${round}, ${field.name}`;
    const found = readOrRefusal(() => decodePage(bytes, { ...page.chunk, sizeBytes: bytes.length }, field, columns.rows, 'FILE', 'page'), context);
    if (found === undefined) continue;
    read++;
    const again = concatBytes(finished(encodePage(found.column, field, 0, columns.rows, 4)).parts.slice(1));
    expect(sameBytes(again.subarray(0, bytes.length), bytes), context).toBe(true);
  }
  expect(read).toBeGreaterThan(0);
  expect(read).toBeLessThan(ROUNDS);
});

function finished<T>(steps: Generator<unknown, T>): T {
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}
