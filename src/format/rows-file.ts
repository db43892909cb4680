// Rows file: the rows of a sealed segment as Parquet, in a restricted profile that any Parquet reader opens and
// in which the vectors of a row group are one run of floats at a multiple of 64 bytes. For given rows and row
// groups there is exactly one file: whatever differs from it is damage. The profile is in docs/format.md.

import { ElanusError, requireIntact } from '../model/errors.js';
import type { Column, Columns } from '../model/columns.js';
import type { Field } from '../model/field.js';
import { LIMITS } from '../model/limits.js';
import { storedFields, vectorField, type Schema } from '../model/schema.js';
import { concatBytes, dataViewOf, encodeText, paddingFor, requireZeros, sameBytes } from './bytes.js';
import { columnOf } from './column-bytes.js';
import { crc32 } from './crc.js';
import { canonicalJson } from './envelope.js';
import type { VectorExtent } from './manifest.js';
import { decodeValues, encodeLevels, encodeValues, levelsBytes, valuesBytes, type PageValues } from './parquet-page.js';
import { decodeFooter, encodeFooter, encodePageHeader, skipPageHeader, valuesOf, type Chunk, type Footer, type RowGroup } from './parquet.js';
import { schemaJson } from './schema-json.js';
import type { Cursor } from './thrift.js';

export interface RowsFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly vectors: readonly VectorExtent[];
}

export const ROWS_PER_GROUP_MAX = 65_536;
export const PAGE_BYTES_MAX = 64 * 1024 * 1024;

const VERSION = 1;
const MAGIC = encodeText('PAR1');
const TAIL_BYTES = 8;
const VECTOR_ALIGNMENT = 64;
const NO_BYTES = new Uint8Array(0);
const LEVELS_PER_ROW_BYTES_MAX = 6;
const LEVELS_FIXED_BYTES_MAX = 64;

/** `columns` must hold all of storedFields(schema). `rowsPerGroupMax` makes smaller row groups, down to 1. */
export function encodeRows(columns: Columns, schema: Schema, rowsPerGroupMax = ROWS_PER_GROUP_MAX): RowsFile {
  const encoder = new RowsEncoder(schema, rowsPerGroupMax);
  const body = encoder.append(columns);
  const { tail, vectors } = encoder.end();
  return { bytes: concatBytes([...body, ...tail]), vectors };
}

/** A rows file in pieces, for rows that come in portions: row groups do not reach across portions. */
export class RowsEncoder {
  readonly #schema: Schema;
  readonly #fields: readonly Field[];
  readonly #rowsPerGroupMax: number;
  readonly #groups: RowGroup[] = [];
  #rows = 0;
  #position = 0;

  constructor(schema: Schema, rowsPerGroupMax = ROWS_PER_GROUP_MAX) {
    this.#schema = schema;
    this.#fields = storedFields(schema);
    this.#rowsPerGroupMax = Math.min(rowsPerGroupMax, ROWS_PER_GROUP_MAX);
  }

  /** The bytes that come next. `columns` must hold all of storedFields(schema). */
  append(columns: Columns): readonly Uint8Array[] {
    const parts: Uint8Array[] = this.#start();
    for (let first = 0; first < columns.rows; ) {
      const end = first + rowsOfGroup(columns, this.#fields, first, this.#rowsPerGroupMax);
      const chunks = this.#fields.map((field): Chunk => {
        const page = encodePage(columnOf(columns, field), field, first, end, this.#position);
        parts.push(...page.parts);
        this.#position = page.chunk.offset + page.chunk.sizeBytes;
        return page.chunk;
      });
      this.#groups.push({ rows: end - first, chunks });
      first = end;
    }
    this.#rows += columns.rows;
    return parts;
  }

  /** The bytes that end the file, and where the vectors of all row groups are. */
  end(): { readonly tail: readonly Uint8Array[]; readonly vectors: readonly VectorExtent[] } {
    const parts = this.#start();
    const vectors = extentsOf(this.#groups, this.#schema);
    const footer = encodeFooter({ rows: this.#rows, groups: this.#groups, keyValues: keyValuesOf(this.#schema, vectors) }, this.#fields);
    return { tail: [...parts, footer, tailOf(footer.length)], vectors };
  }

  #start(): Uint8Array[] {
    if (this.#position > 0) return [];
    this.#position = MAGIC.length;
    return [MAGIC];
  }
}

/** A copy of all rows. Errors: `Corrupt`, naming `where` and the place; `Unsupported` if it is of a newer format. */
export function decodeRows(bytes: Uint8Array, schema: Schema, where: string): Columns {
  const fields = storedFields(schema);
  const { footer, start } = openFooter(bytes, schema, where);
  const pages = fields.map((): PageValues[] => []);
  let position = MAGIC.length;
  footer.groups.forEach((group, g) => {
    group.chunks.forEach((chunk, f) => {
      const field = fields[f] as Field;
      const page = openPage(bytes, chunk, field, group.rows, position, where, `row group ${g}, column "${field.name}"`);
      (pages[f] as PageValues[]).push({ rows: group.rows, bytes: page });
      position = chunk.offset + chunk.sizeBytes;
    });
  });
  requireIntact(position === start, where, `expected the footer at ${position}, found it at ${start}`);
  const byName = new Map(fields.map((field, f): [string, Column] => [field.name, decodeValues(pages[f] as PageValues[], field, where)]));
  return { rows: footer.rows, byName };
}

/** Rows from `first` on that fit one row group: no page passes PAGE_BYTES_MAX. A UTF-16 unit is at most 3 bytes of UTF-8. */
function rowsOfGroup({ rows, byName }: Columns, fields: readonly Field[], first: number, rowsMax: number): number {
  let count = Math.min(rows - first, rowsMax);
  for (const { name } of fields) {
    const column = byName.get(name);
    if (column?.type === 'FloatVector') count = Math.min(count, Math.floor((PAGE_BYTES_MAX - LEVELS_FIXED_BYTES_MAX) / (column.dim * 4 + LEVELS_PER_ROW_BYTES_MAX)));
    if (column?.type !== 'VarChar' && column?.type !== 'JSON') continue;
    let bytesMax = 0;
    for (let i = 0; i < count; i++) {
      bytesMax += 4 + 3 * (column.values[first + i] as string).length;
      if (bytesMax > PAGE_BYTES_MAX) count = Math.max(i, 1);
    }
  }
  return count;
}

function encodePage(column: Column, field: Field, first: number, end: number, position: number): { parts: Uint8Array[]; chunk: Chunk } {
  const rows = end - first;
  const levels = field.dim === undefined ? NO_BYTES : encodeLevels(rows, field.dim);
  const values = encodeValues(column, first, end);
  const bodyBytes = levels.length + values.length;
  const header = encodePageHeader({ values: valuesOf(field, rows), bodyBytes, crc: crc32(values, crc32(levels)) });
  const lead = header.length + levels.length;
  const padding = field.dim === undefined ? 0 : paddingFor(position + lead, VECTOR_ALIGNMENT);
  const chunk = { offset: position + padding, sizeBytes: lead + values.length };
  return { parts: [new Uint8Array(padding), header, levels, values], chunk };
}

function extentsOf(groups: readonly RowGroup[], schema: Schema): readonly VectorExtent[] {
  const { name, dim } = vectorField(schema);
  const f = storedFields(schema).findIndex((field) => field.name === name);
  return groups.map(({ rows, chunks }) => {
    const { offset, sizeBytes } = chunks[f] as Chunk;
    return { offset: offset + sizeBytes - rows * dim * 4, rows };
  });
}

function keyValuesOf(schema: Schema, vectors: readonly VectorExtent[]): ReadonlyMap<string, string> {
  return new Map([
    ['elanus.version', VERSION.toString()],
    ['elanus.schema', canonicalJson(schemaJson(schema))],
    ['elanus.vectors', canonicalJson(vectors.map(({ offset, rows }) => ({ offset, rows })))],
  ]);
}

function tailOf(footerBytes: number): Uint8Array {
  const tail = new Uint8Array(TAIL_BYTES);
  dataViewOf(tail).setUint32(0, footerBytes, true);
  tail.set(MAGIC, 4);
  return tail;
}

/** The footer, checked in full, and where it starts. */
function openFooter(bytes: Uint8Array, schema: Schema, where: string): { footer: Footer; start: number } {
  const end = bytes.length - TAIL_BYTES;
  requireIntact(end >= MAGIC.length, where, `expected at least ${MAGIC.length + TAIL_BYTES} bytes, found ${bytes.length}`);
  requireIntact(sameBytes(bytes.subarray(0, MAGIC.length), MAGIC) && sameBytes(bytes.subarray(end + 4), MAGIC), where, 'expected PAR1 at both ends');
  const length = dataViewOf(bytes).getUint32(end, true);
  const start = end - length;
  requireIntact(start >= MAGIC.length, where, `footer of ${length} bytes does not fit ${bytes.length}`);
  const footer = decodeFooter(bytes.subarray(start, end), where);
  checkVersion(footer.keyValues.get('elanus.version'), where);
  checkGroups(footer, schema, where);
  const expected = encodeFooter({ ...footer, keyValues: keyValuesOf(schema, extentsOf(footer.groups, schema)) }, storedFields(schema));
  requireIntact(sameBytes(expected, bytes.subarray(start, end)), where, 'footer: not the one that this schema and these row groups have');
  return { footer, start };
}

function checkVersion(found: string | undefined, where: string): void {
  requireIntact(found !== undefined && /^[1-9][0-9]{0,8}$/.test(found), where, `footer: expected an elanus.version, found ${String(found)}`);
  if (Number(found) > VERSION) throw new ElanusError('Unsupported', `${where}: rows format version ${found} is newer than ${VERSION}, the newest that this release reads`, { file: where });
}

function checkGroups({ rows, groups }: Footer, schema: Schema, where: string): void {
  const columns = storedFields(schema).length;
  let total = 0;
  groups.forEach((group, g) => {
    requireIntact(group.rows >= 1 && group.rows <= ROWS_PER_GROUP_MAX, where, `row group ${g}: expected 1 to ${ROWS_PER_GROUP_MAX} rows, found ${group.rows}`);
    requireIntact(group.chunks.length === columns, where, `row group ${g}: expected ${columns} columns, found ${group.chunks.length}`);
    total += group.rows;
  });
  requireIntact(total === rows && rows <= LIMITS.rowsPerSegmentMax, where, `footer: expected ${total} rows, at most ${LIMITS.rowsPerSegmentMax}, found ${rows}`);
}

/** The values of one page, its place, header, checksum, length and levels checked. `position` is where the page before ended. */
function openPage(bytes: Uint8Array, { offset, sizeBytes }: Chunk, field: Field, rows: number, position: number, where: string, place: string): Uint8Array {
  const end = offset + sizeBytes;
  requireIntact(offset >= position && end <= bytes.length - TAIL_BYTES, where, `${place}: ${sizeBytes} bytes at ${offset} do not fit the file`);
  const cursor: Cursor = { bytes: bytes.subarray(0, end), where, place: `${place}: page header`, offset };
  skipPageHeader(cursor);
  const header = bytes.subarray(offset, cursor.offset);
  const body = bytes.subarray(cursor.offset, end);
  requireIntact(body.length <= PAGE_BYTES_MAX, where, `${place}: page of ${body.length} bytes, at most ${PAGE_BYTES_MAX}`);
  const expected = encodePageHeader({ values: valuesOf(field, rows), bodyBytes: body.length, crc: crc32(body) });
  requireIntact(sameBytes(header, expected), where, `${place}: page at ${offset}: header or checksum does not match`);
  const levelBytes = field.dim === undefined ? 0 : levelsBytes(rows, field.dim);
  const valueBytes = valuesBytes(field, rows) ?? body.length;
  requireIntact(body.length === levelBytes + valueBytes, where, `${place}: expected a page of ${levelBytes + valueBytes} bytes, found ${body.length}`);
  if (field.dim !== undefined) requireIntact(sameBytes(body.subarray(0, levelBytes), encodeLevels(rows, field.dim)), where, `${place}: a list has not ${field.dim} elements`);
  const padding = field.dim === undefined ? 0 : paddingFor(position + header.length + levelBytes, VECTOR_ALIGNMENT);
  requireIntact(offset === position + padding, where, `${place}: expected its page at ${position + padding}, found it at ${offset}`);
  requireZeros(bytes, position, offset, where);
  return body.subarray(levelBytes);
}
