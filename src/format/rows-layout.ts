// Rows layout: where everything in a rows file lies. The places follow from the footer alone, so a footer is
// checked in full, against the schema and the size of the file, before any page is looked at.

import { ElanusError, requireIntact } from '../model/errors.js';
import type { Field } from '../model/field.js';
import { LIMITS } from '../model/limits.js';
import { storedFields, type Schema } from '../model/schema.js';
import { dataViewOf, encodeText, paddingFor, sameBytes } from './bytes.js';
import { canonicalJson } from './envelope.js';
import { extentsJson, isRun, VECTOR_ALIGNMENT, vectorBytes, type VectorExtent, type VectorExtents } from './extents.js';
import { listsBytes } from './parquet-levels.js';
import { decodeFooter, encodeFooter, isList, type Chunk, type Footer, type RowGroup } from './parquet.js';
import { sumsBytes } from './row-sums.js';
import { schemaJson } from './schema-json.js';

export const ROWS_PER_GROUP_MAX = 65_536;
export const PAGE_BYTES_MAX = 64 * 1024 * 1024;
export const MAGIC = encodeText('PAR1');
/** Length of the footer, magic. */
export const TAIL_BYTES = 8;

const VERSION = 1;

/** Where the vectors of a chunk start: at its end is nothing but these. REQUIRES: a dense vector. */
export function vectorsOffset({ offset, sizeBytes, nulls }: Chunk, field: Field, rows: number): number {
  return offset + sizeBytes - (rows - nulls) * vectorBytes(field);
}

/** Where a chunk ends with what belongs to it: row sums behind vectors. */
export function chunkEnd({ offset, sizeBytes, nulls }: Chunk, field: Field, rows: number): number {
  return offset + sizeBytes + (isRun(field) ? sumsBytes(rows - nulls, vectorBytes(field)) : 0);
}

/** Zeros before a page at `position` whose header and levels take `lead` bytes. */
export function leadPadding(position: number, lead: number, field: Field): number {
  return isRun(field) ? paddingFor(position + lead, VECTOR_ALIGNMENT) : 0;
}

/** Where the vectors of each dense vector field are. */
export function extentsOf(groups: readonly RowGroup[], schema: Schema): VectorExtents {
  const extents = storedFields(schema).flatMap((field, f) => {
    if (!isRun(field)) return [];
    const ofField = groups.map(({ rows, chunks }): VectorExtent => {
      const chunk = chunks[f] as Chunk;
      return { offset: vectorsOffset(chunk, field, rows), rows, ...(chunk.nulls === 0 ? {} : { nulls: chunk.nulls }) };
    });
    return [[field.name, ofField] as const];
  });
  return Object.fromEntries(extents);
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
  const keyValues = new Map([
    ['elanus.version', VERSION.toString()],
    ['elanus.schema', canonicalJson(schemaJson(schema))],
    ['elanus.vectors', canonicalJson(extentsJson(extentsOf(groups, schema)))],
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
  const { offset, sizeBytes, nulls } = chunk;
  requireIntact(nulls >= 0 && nulls <= (field.nullable === true ? rows : 0), where, `${place}: ${nulls} nulls among ${rows} rows`);
  const end = chunkEnd(chunk, field, rows);
  requireIntact(offset >= position && end <= limit, where, `${place}: ${sizeBytes} bytes at ${offset} do not fit the file`);
  requireIntact(sizeBytes <= PAGE_BYTES_MAX, where, `${place}: page of ${sizeBytes} bytes, at most ${PAGE_BYTES_MAX}`);
  checkCount(chunk, field, rows, where, place);
  const lead = isRun(field) ? vectorsOffset(chunk, field, rows) - offset : 0;
  if (isRun(field)) requireIntact(lead > (isList(field) && nulls === 0 ? listsBytes(rows, field.dim ?? 0) : 0), where, `${place}: expected a page of ${rows - nulls} vectors, found ${sizeBytes} bytes`);
  const expected = position + leadPadding(position, lead, field);
  requireIntact(offset === expected, where, `${place}: expected its page at ${expected}, found it at ${offset}`);
  return end;
}

/** An Array's elements are no more than bits of its page. */
function checkCount({ sizeBytes, values, nulls }: Chunk, field: Field, rows: number, where: string, place: string): void {
  if (field.type === 'Array') {
    requireIntact(values >= rows && values <= rows + sizeBytes * 8, where, `${place}: ${values} values in ${rows} rows and ${sizeBytes} bytes`);
    return;
  }
  const expected = isList(field) ? (rows - nulls) * (field.dim ?? 0) + nulls : rows;
  requireIntact(values === expected, where, `${place}: expected ${expected} values, found ${values}`);
}
