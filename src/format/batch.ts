// Batch: the unit of atomicity, logging and sync: rows written, or keys deleted, all or nothing. Its bytes are
// columnar and aligned to 8, so that decoding copies no numbers. They carry no checksum: what carries them does.

import { ElanusError, require, requireIntact } from '../model/errors.js';
import type { Column, Columns } from '../model/columns.js';
import { DATA_TYPES, type Field } from '../model/field.js';
import { CLIENT_FIELD, STAMP_FIELD, STAMP_FIELDS } from '../model/hidden-field.js';
import { LIMITS } from '../model/limits.js';
import { primaryField, type Schema, schemaVersion, storedFields } from '../model/schema.js';
import { decodeBatchRefusal, encodeBatchRefusal, type BatchRefusal } from './batch-refusal.js';
import { concatBytes, dataViewOf, lengthOf, paddingFor, requireZeros } from './bytes.js';
import { columnOf, decodeColumn, encodeColumn } from './column-bytes.js';
import { schemaOf, type Schemas } from './schema-json.js';

/** `schema`: version of the schema that a decoded write is of; absent of the first. `mark`: of one that a client pushed. */
export type Batch =
  | { readonly kind: 'write'; readonly columns: Columns; readonly schema?: number; readonly mark?: PushMark }
  | { readonly kind: 'delete'; readonly keys: BigInt64Array | readonly string[]; readonly stamps?: Stamps; readonly mark?: PushMark };

export type WriteBatch = Extract<Batch, { readonly kind: 'write' }>;

/** When each of several rows was written, as `model/stamp` orders them. */
export interface Stamps {
  readonly times: BigInt64Array;
  readonly clients: BigInt64Array;
}

/** Which of a client's batches this is what was left of. */
export interface PushMark {
  /** 16 bytes. */
  readonly client: Uint8Array;
  /** 8 bytes: of the SHA-256 of whom the client is bound to. */
  readonly subject: Uint8Array;
  readonly id: bigint;
  /** 8 bytes. */
  readonly chain: Uint8Array;
  /** Why nothing was left of it; absent if it was taken. */
  readonly refusal?: BatchRefusal;
}

export const BATCH_BYTES_MAX = 1024 * 1024 * 1024;

const VERSION = 1;
const KINDS = { write: 1, delete: 2, writeLater: 3, deleteStamped: 4 } as const; // stored: do not change
/** Added to the kind where a mark is behind the header; stored: do not change. */
const MARKED = 16;
/** Added as well where a refusal is behind the mark; stored: do not change. */
const REFUSED = 32;
const MARK_BYTES = 40;
const HEADER_BYTES = 8;
/** Of a write by another schema than the first, its version. */
const LATER_BYTES = 8;
const COLUMN_HEADER_BYTES = 16;
const ALIGNMENT = 8;
const PADDING = new Uint8Array(ALIGNMENT);

/** `columns` must hold all of storedFields(schema). Errors: `InvalidArgument` if it is longer than BATCH_BYTES_MAX. */
export function encodeBatch(batch: Batch, schema: Schema): Uint8Array<ArrayBuffer> {
  return concatBytes(encodeBatchParts(batch, schema));
}

/** The bytes of encodeBatch in pieces, some of which view the columns. */
export function encodeBatchParts(batch: Batch, schema: Schema): readonly Uint8Array[] {
  const columns = batch.kind === 'write' ? batch.columns : columnsOfKeys(batch, primaryField(schema));
  const kind = storedKind(batch, schemaVersion(schema));
  const fields = fieldsOf(kind, schema);
  const parts: Uint8Array[] = [encodeHeader(kind | flagsOf(batch.mark), schemaVersion(schema), fields.length, columns.rows)];
  if (batch.mark !== undefined) parts.push(encodeMark(batch.mark));
  for (const field of fields) {
    const column = columnOf(columns, field);
    const content = encodeColumn(column);
    parts.push(encodeColumnHeader(field, content.length, column.valid !== undefined), content, PADDING.subarray(0, paddingFor(content.length, ALIGNMENT)));
  }
  const length = lengthOf(parts);
  require(length <= BATCH_BYTES_MAX, () => `batch: at most ${BATCH_BYTES_MAX} bytes, found ${length}; send it in parts`);
  return parts;
}

/** By which schema of `schemas` it was written says the batch, which may view `bytes`. Errors: `Corrupt`, naming `where`; `Unsupported` if it is of a newer format. */
export function decodeBatch(bytes: Uint8Array, schemas: Schemas, where: string): Batch {
  requireIntact(bytes.length >= HEADER_BYTES && bytes.length <= BATCH_BYTES_MAX, where, `batch: expected ${HEADER_BYTES} to ${BATCH_BYTES_MAX} bytes, found ${bytes.length}`);
  const view = dataViewOf(bytes);
  const isMarked = (view.getUint8(0) & MARKED) !== 0;
  const isRefused = (view.getUint8(0) & REFUSED) !== 0;
  const stored = view.getUint8(0) & ~(MARKED | REFUSED);
  requireIntact(isKind(stored) && (isMarked || !isRefused), where, `batch: unknown kind ${view.getUint8(0)}`);
  const version = view.getUint8(1);
  if (version > VERSION) throw new ElanusError('Unsupported', `${where}: batch format version ${version} is newer than ${VERSION}, the newest that this release reads`, { file: where });
  requireIntact(version === VERSION, where, `batch: expected format version ${VERSION}, found ${version}`);
  const isWrite = stored === KINDS.write || stored === KINDS.writeLater;
  const head = stored === KINDS.writeLater ? HEADER_BYTES + LATER_BYTES : HEADER_BYTES;
  const schema = isWrite ? schemaIn(bytes, stored === KINDS.writeLater, schemas, where) : schemas.schema;
  const marked = isMarked ? head + MARK_BYTES : head;
  requireIntact(bytes.length >= marked, where, `batch: expected ${marked} bytes, found ${bytes.length}`);
  const { sizeBytes = 0, ...refusal } = isRefused ? decodeBatchRefusal(bytes.subarray(marked), where) : {};
  const start = marked + sizeBytes;
  const mark = isMarked ? { mark: { ...decodeMark(bytes.subarray(head, marked)), ...(isRefused ? { refusal: refusal as BatchRefusal } : {}) } } : {};
  const fields = fieldsOf(stored, schema);
  requireIntact(view.getUint16(2, true) === fields.length, where, `batch: expected ${fields.length} columns, found ${view.getUint16(2, true)}`);
  const rows = view.getUint32(4, true);
  requireIntact(rows <= LIMITS.rowsPerBatchMax, where, `batch: at most ${LIMITS.rowsPerBatchMax} rows, found ${rows}`);
  const columns = decodeColumns(bytes, start, fields, rows, where);
  if (isWrite) return { kind: 'write', columns, ...(schema.version === undefined ? {} : { schema: schema.version }), ...mark };
  return { kind: 'delete', keys: keysOf(columns, primaryField(schema)), ...(stored === KINDS.delete ? {} : { stamps: stampsOf(columns) }), ...mark };
}

type StoredKind = (typeof KINDS)[keyof typeof KINDS];

function isKind(stored: number): stored is StoredKind {
  return stored >= KINDS.write && stored <= KINDS.deleteStamped;
}

function storedKind(batch: Batch, version: number): StoredKind {
  if (batch.kind === 'write') return version > 0 ? KINDS.writeLater : KINDS.write;
  return batch.stamps === undefined ? KINDS.delete : KINDS.deleteStamped;
}

function fieldsOf(kind: StoredKind, schema: Schema): readonly Field[] {
  if (kind === KINDS.delete) return [primaryField(schema)];
  return kind === KINDS.deleteStamped ? [primaryField(schema), ...STAMP_FIELDS] : storedFields(schema);
}

/** The schema that a write says it is of. Errors: `Corrupt`. */
function schemaIn(bytes: Uint8Array, isLater: boolean, schemas: Schemas, where: string): Schema {
  requireIntact(!isLater || bytes.length >= HEADER_BYTES + LATER_BYTES, where, `batch: expected ${HEADER_BYTES + LATER_BYTES} bytes, found ${bytes.length}`);
  const version = isLater ? dataViewOf(bytes).getUint32(HEADER_BYTES, true) : 0;
  const schema = schemaOf(schemas, version);
  requireIntact(schema !== undefined && isLater === version > 0, where, `batch: no schema of version ${version}`);
  if (isLater) requireZeros(bytes, HEADER_BYTES + 4, HEADER_BYTES + LATER_BYTES, where);
  return schema;
}

function flagsOf(mark: PushMark | undefined): number {
  return (mark === undefined ? 0 : MARKED) | (mark?.refusal === undefined ? 0 : REFUSED);
}

function encodeHeader(kind: number, version: number, columns: number, rows: number): Uint8Array {
  const isLater = (kind & ~(MARKED | REFUSED)) === KINDS.writeLater;
  const header = new Uint8Array(isLater ? HEADER_BYTES + LATER_BYTES : HEADER_BYTES);
  const view = dataViewOf(header);
  view.setUint8(0, kind);
  view.setUint8(1, VERSION);
  view.setUint16(2, columns, true);
  view.setUint32(4, rows, true);
  if (isLater) view.setUint32(HEADER_BYTES, version, true);
  return header;
}

function encodeMark({ client, subject, id, chain, refusal }: PushMark): Uint8Array {
  const bytes = new Uint8Array(MARK_BYTES);
  bytes.set(client);
  bytes.set(subject, 16);
  dataViewOf(bytes).setBigUint64(24, id, true);
  bytes.set(chain, 32);
  return refusal === undefined ? bytes : concatBytes([bytes, encodeBatchRefusal(refusal)]);
}

function decodeMark(bytes: Uint8Array): PushMark {
  return { client: bytes.subarray(0, 16), subject: bytes.subarray(16, 24), id: dataViewOf(bytes).getBigUint64(24, true), chain: bytes.subarray(32, 40) };
}

function encodeColumnHeader(field: Field, length: number, nulls: boolean): Uint8Array {
  return new Uint8Array(Uint32Array.of(DATA_TYPES[field.type], parameterOf(field), length, nulls ? 1 : 0).buffer);
}

/** Dimension of a dense vector, type of an Array's elements. */
function parameterOf({ dim, elementType }: Field): number {
  return dim ?? (elementType === undefined ? 0 : DATA_TYPES[elementType]);
}

function decodeColumns(bytes: Uint8Array, first: number, fields: readonly Field[], rows: number, where: string): Columns {
  const view = dataViewOf(bytes);
  const byName = new Map<string, Column>();
  let offset = first;
  for (const field of fields) {
    const start = offset + COLUMN_HEADER_BYTES;
    requireIntact(start <= bytes.length, where, `column "${field.name}": expected a header at ${offset}, found the end`);
    const [type, parameter, length, nulls] = [0, 4, 8, 12].map((at) => view.getUint32(offset + at, true)) as [number, number, number, number];
    requireIntact(type === DATA_TYPES[field.type] && parameter === parameterOf(field), where, `column "${field.name}": expected type ${DATA_TYPES[field.type]} of ${parameterOf(field)}, found ${type} of ${parameter}`);
    requireIntact(nulls === 0 || (nulls === 1 && field.nullable === true), where, `column "${field.name}": expected ${field.nullable === true ? 'flags 0 or 1' : 'no nulls'}, found ${nulls}`);
    const end = start + length;
    offset = end + paddingFor(length, ALIGNMENT);
    requireIntact(offset <= bytes.length, where, `column "${field.name}": ends at ${offset}, beyond ${bytes.length} bytes`);
    byName.set(field.name, decodeColumn(bytes.subarray(start, end), field, rows, nulls === 1, where));
    requireZeros(bytes, end, offset, where);
  }
  requireIntact(offset === bytes.length, where, `batch: expected ${offset} bytes, found ${bytes.length}`);
  return { rows, byName };
}

function columnsOfKeys({ keys, stamps }: Extract<Batch, { readonly kind: 'delete' }>, field: Field): Columns {
  const column = keys instanceof BigInt64Array ? ({ type: 'Int64', values: keys } as const) : ({ type: 'VarChar', values: keys } as const);
  const byName = new Map<string, Column>([[field.name, column]]);
  if (stamps !== undefined) byName.set(STAMP_FIELD.name, { type: 'Int64', values: stamps.times }).set(CLIENT_FIELD.name, { type: 'Int64', values: stamps.clients });
  return { rows: keys.length, byName };
}

function keysOf(columns: Columns, field: Field): BigInt64Array | readonly string[] {
  return columnOf(columns, field).values as BigInt64Array | readonly string[];
}

function stampsOf(columns: Columns): Stamps {
  const [times, clients] = STAMP_FIELDS.map((field) => columnOf(columns, field).values as BigInt64Array) as [BigInt64Array, BigInt64Array];
  return { times, clients };
}
