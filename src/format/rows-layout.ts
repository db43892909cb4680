// Rows layout: where everything in a rows file lies. The places follow from the footer alone, so a footer is
// checked in full, against the schema and the size of the file, before any page is looked at.

import { ElanusError, requireIntact } from '../model/errors.js';
import type { Field } from '../model/field.js';
import { LIMITS } from '../model/limits.js';
import { storedFields, vectorField, type Schema } from '../model/schema.js';
import { dataViewOf, encodeText, paddingFor, sameBytes } from './bytes.js';
import { canonicalJson } from './envelope.js';
import type { VectorExtent } from './manifest.js';
import { levelsBytes } from './parquet-page.js';
import { decodeFooter, encodeFooter, type Chunk, type Footer, type RowGroup } from './parquet.js';
import { sumsBytes } from './row-sums.js';
import { schemaJson } from './schema-json.js';

export const ROWS_PER_GROUP_MAX = 65_536;
export const PAGE_BYTES_MAX = 64 * 1024 * 1024;
export const VECTOR_ALIGNMENT = 64;
export const MAGIC = encodeText('PAR1');
/** Length of the footer, magic. */
export const TAIL_BYTES = 8;

const VERSION = 1;

/** Bytes of one vector. */
export function vectorBytes({ dim = 0 }: Field): number {
  return dim * 4;
}

/** Where the values of a vector page start: at its end are nothing but values. */
export function valuesOffset({ offset, sizeBytes }: Chunk, field: Field, rows: number): number {
  return offset + sizeBytes - rows * vectorBytes(field);
}

/** Where a chunk ends with what belongs to it: row sums behind vectors. */
export function chunkEnd({ offset, sizeBytes }: Chunk, field: Field, rows: number): number {
  return offset + sizeBytes + (field.dim === undefined ? 0 : sumsBytes(rows, vectorBytes(field)));
}

/** Zeros before a page at `position` whose header and levels take `lead` bytes. */
export function leadPadding(position: number, lead: number, field: Field): number {
  return field.dim === undefined ? 0 : paddingFor(position + lead, VECTOR_ALIGNMENT);
}

export function extentsOf(groups: readonly RowGroup[], schema: Schema): readonly VectorExtent[] {
  const field = vectorField(schema);
  const f = storedFields(schema).findIndex(({ name }) => name === field.name);
  return groups.map(({ rows, chunks }) => ({ offset: valuesOffset(chunks[f] as Chunk, field, rows), rows }));
}

/** The footer of these row groups, its length and magic behind it. */
export function encodeTail(rows: number, groups: readonly RowGroup[], schema: Schema): readonly Uint8Array[] {
  const footer = footerBytes(rows, groups, schema);
  const tail = new Uint8Array(TAIL_BYTES);
  dataViewOf(tail).setUint32(0, footer.length, true);
  tail.set(MAGIC, 4);
  return [footer, tail];
}

/** Length of the footer of a file of `sizeBytes` bytes that ends with `tail`. Errors: `Corrupt`. */
export function footerLength(tail: Uint8Array, sizeBytes: number, where: string): number {
  requireIntact(tail.length >= TAIL_BYTES && sizeBytes >= MAGIC.length + TAIL_BYTES, where, `expected at least ${MAGIC.length + TAIL_BYTES} bytes, found ${sizeBytes}`);
  requireIntact(sameBytes(tail.subarray(-MAGIC.length), MAGIC), where, 'expected PAR1 at both ends');
  const length = dataViewOf(tail).getUint32(tail.length - TAIL_BYTES, true);
  requireIntact(length <= sizeBytes - TAIL_BYTES - MAGIC.length, where, `footer of ${length} bytes does not fit ${sizeBytes}`);
  return length;
}

/** The footer that starts at `start` of the file, every chunk of it where it must be. Errors: `Corrupt`, `Unsupported`. */
export function openFooter(bytes: Uint8Array, start: number, schema: Schema, where: string): Footer {
  const footer = decodeFooter(bytes, where);
  checkVersion(footer.keyValues.get('elanus.version'), where);
  requireIntact(footer.keyValues.get('elanus.schema') === canonicalJson(schemaJson(schema)), where, 'footer: made for another schema');
  checkGroups(footer, start, schema, where);
  requireIntact(sameBytes(footerBytes(footer.rows, footer.groups, schema), bytes), where, 'footer: not the one that this schema and these row groups have');
  return footer;
}

export function placeOf(group: number, field: Field): string {
  return `row group ${group}, column "${field.name}"`;
}

function footerBytes(rows: number, groups: readonly RowGroup[], schema: Schema): Uint8Array {
  const vectors = extentsOf(groups, schema);
  const keyValues = new Map([
    ['elanus.version', VERSION.toString()],
    ['elanus.schema', canonicalJson(schemaJson(schema))],
    ['elanus.vectors', canonicalJson(vectors.map((extent) => ({ offset: extent.offset, rows: extent.rows })))],
  ]);
  return encodeFooter({ rows, groups, keyValues }, storedFields(schema));
}

function checkVersion(found: string | undefined, where: string): void {
  requireIntact(found !== undefined && /^[1-9][0-9]{0,8}$/.test(found), where, `footer: expected an elanus.version, found ${String(found)}`);
  if (Number(found) > VERSION) throw new ElanusError('Unsupported', `${where}: rows format version ${found} is newer than ${VERSION}, the newest that this release reads`, { file: where });
}

function checkGroups({ rows, groups }: Footer, start: number, schema: Schema, where: string): void {
  const fields = storedFields(schema);
  let total = 0;
  let position = MAGIC.length;
  groups.forEach((group, g) => {
    requireIntact(group.rows >= 1 && group.rows <= ROWS_PER_GROUP_MAX, where, `row group ${g}: expected 1 to ${ROWS_PER_GROUP_MAX} rows, found ${group.rows}`);
    requireIntact(group.chunks.length === fields.length, where, `row group ${g}: expected ${fields.length} columns, found ${group.chunks.length}`);
    total += group.rows;
    group.chunks.forEach((chunk, f) => {
      position = checkChunk(chunk, fields[f] as Field, group.rows, position, start, where, placeOf(g, fields[f] as Field));
    });
  });
  requireIntact(total === rows && rows <= LIMITS.rowsPerSegmentMax, where, `footer: expected ${total} rows, at most ${LIMITS.rowsPerSegmentMax}, found ${rows}`);
  requireIntact(position === start, where, `expected the footer at ${position}, found it at ${start}`);
}

/** Where the chunk ends. `position` is where the one before did. */
function checkChunk(chunk: Chunk, field: Field, rows: number, position: number, limit: number, where: string, place: string): number {
  const { offset, sizeBytes } = chunk;
  const end = chunkEnd(chunk, field, rows);
  requireIntact(offset >= position && end <= limit, where, `${place}: ${sizeBytes} bytes at ${offset} do not fit the file`);
  requireIntact(sizeBytes <= PAGE_BYTES_MAX, where, `${place}: page of ${sizeBytes} bytes, at most ${PAGE_BYTES_MAX}`);
  const lead = valuesOffset(chunk, field, rows) - offset;
  if (field.dim !== undefined) requireIntact(lead > levelsBytes(rows, field.dim), where, `${place}: expected a page of ${rows} vectors, found ${sizeBytes} bytes`);
  const expected = position + leadPadding(position, lead, field);
  requireIntact(offset === expected, where, `${place}: expected its page at ${expected}, found it at ${offset}`);
  return end;
}
