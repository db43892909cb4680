// Footer: what a Parquet file says of itself, as parquet.thrift has it, read by our own Thrift reader: every count and
// length is checked against the bytes that are there before it is used. Nothing else of it is believed here.

import { readInteger, readList, readStruct, readText, THRIFT, type Cursor } from '../../format/thrift.js';
import { dataViewOf } from '../../format/bytes.js';
import { ElanusError } from '../../model/errors.js';
import { LIMITS } from '../../model/limits.js';
import { ImportPlace } from '../place.js';
import type { RandomBytes } from '../source.js';
import { schemaOf, type SchemaElement, type SchemaNode } from './schema.js';

export const FOOTER_BYTES_MAX = 64 * 1024 * 1024;
export const TAIL_BYTES = 8;
const MAGIC = 0x31524150; // PAR1
const MAGIC_ENCRYPTED = 0x45524150; // PARE

export interface ChunkInfo {
  /** Names from the root to the leaf. */
  readonly path: readonly string[];
  readonly codec: number;
  /** Values with nulls, elements of lists one by one. */
  readonly values: number;
  readonly offset: number;
  readonly sizeBytes: number;
}

export interface GroupInfo {
  readonly rows: number;
  /** In order of the leaves. */
  readonly chunks: readonly ChunkInfo[];
}

export interface Footer {
  readonly root: SchemaNode;
  readonly groups: readonly GroupInfo[];
  readonly keyValues: ReadonlyMap<string, string>;
}

/** Errors: `Corrupt`; `Unsupported` for an encrypted file. */
export async function readFooter(source: RandomBytes, file: string): Promise<Footer> {
  const place = new ImportPlace(file, 'footer');
  const { size } = source;
  if (size < TAIL_BYTES + 4) throw place.corrupt(`expected at least ${TAIL_BYTES + 4} bytes, found ${size}`);
  const head = dataViewOf(await readExactly(source, 0, 4, file)).getUint32(0, true);
  const tail = dataViewOf(await readExactly(source, size - TAIL_BYTES, TAIL_BYTES, file));
  if (tail.getUint32(4, true) === MAGIC_ENCRYPTED) throw new ElanusError('Unsupported', `${file}: footer: is encrypted`, { file });
  if (head !== MAGIC || tail.getUint32(4, true) !== MAGIC) throw place.corrupt('expected PAR1 at both ends');
  const length = tail.getUint32(0, true);
  if (length > size - TAIL_BYTES - 4 || length > FOOTER_BYTES_MAX) throw place.corrupt(`${length} bytes do not fit a file of ${size}, or are more than ${FOOTER_BYTES_MAX}`);
  const bytes = await readExactly(source, size - TAIL_BYTES - length, length, file);
  return parseFooter({ bytes, where: file, place: 'footer', offset: 0 }, size - TAIL_BYTES - length, place);
}

/** `dataEnd`: where the pages end. */
function parseFooter(cursor: Cursor, dataEnd: number, place: ImportPlace): Footer {
  const elements: SchemaElement[] = [];
  const groups: GroupInfo[] = [];
  const keyValues = new Map<string, string>();
  readStruct(cursor, (id, type) => {
    if (id === 8) throw new ElanusError('Unsupported', `${place.file}: footer: is encrypted`, { file: place.file });
    if (type !== THRIFT.list) return false;
    if (id === 2) readList(cursor, () => elements.push(readElement(cursor)));
    else if (id === 4) readList(cursor, () => groups.push(readGroup(cursor, dataEnd, new ImportPlace(place.file, `row group ${groups.length}`))));
    else if (id === 5) readList(cursor, () => readKeyValue(cursor, keyValues));
    else return false;
    return true;
  });
  const { root, leaves } = schemaOf(elements, new ImportPlace(place.file, 'schema'));
  groups.forEach(({ rows, chunks }, g) => {
    const same = chunks.length === leaves.length && chunks.every(({ path }, i) => path.length === leaves[i]?.path.length && path.every((name, at) => name === leaves[i]?.path[at]));
    if (!same) throw new ImportPlace(place.file, `row group ${g}`).corrupt('its columns are not those of the schema');
    chunks.forEach(({ values, path }, i) => {
      const flat = (leaves[i] as SchemaNode).repeated === 0;
      if (values < rows || (flat && values > rows)) throw new ImportPlace(place.file, `row group ${g}, column "${path.join('.')}"`).corrupt(`expected ${flat ? '' : 'at least '}${rows} values, found ${values}`);
    });
  });
  return { root, groups, keyValues };
}

function readElement(cursor: Cursor): SchemaElement {
  const element: { -readonly [K in keyof SchemaElement]: SchemaElement[K] } = { name: '' };
  readStruct(cursor, (id, type) => {
    if (id === 1 && type === THRIFT.i32) element.type = readInteger(cursor);
    else if (id === 2 && type === THRIFT.i32) element.typeLength = readInteger(cursor);
    else if (id === 3 && type === THRIFT.i32) element.repetition = readInteger(cursor);
    else if (id === 4 && type === THRIFT.binary) element.name = readText(cursor);
    else if (id === 5 && type === THRIFT.i32) element.children = readInteger(cursor);
    else if (id === 6 && type === THRIFT.i32) element.converted = readInteger(cursor);
    else if (id === 7 && type === THRIFT.i32) element.scale = readInteger(cursor);
    else if (id === 10 && type === THRIFT.struct) readLogical(cursor, element);
    else return false;
    return true;
  });
  return element;
}

/** A union: the id of its one member names the type. */
function readLogical(cursor: Cursor, element: { logical?: number; bits?: number; signed?: boolean; utc?: boolean; unit?: number; scale?: number }): void {
  readStruct(cursor, (kind, type) => {
    element.logical = kind;
    if (type !== THRIFT.struct) return false;
    readStruct(cursor, (id, member) => {
      if (kind === 10 && id === 1 && member === THRIFT.i8) {
        element.bits = cursor.bytes[cursor.offset++] ?? 0;
        return true;
      }
      if (kind === 10 && id === 2) element.signed = member === THRIFT.true;
      if (kind === 8 && id === 1) element.utc = member === THRIFT.true;
      if (kind === 5 && id === 1 && member === THRIFT.i32) {
        element.scale = readInteger(cursor);
        return true;
      }
      if (id !== 2 || member !== THRIFT.struct || (kind !== 7 && kind !== 8)) return false;
      readStruct(cursor, (unit) => {
        element.unit = unit;
        return false;
      });
      return true;
    });
    return true;
  });
}

function readKeyValue(cursor: Cursor, keyValues: Map<string, string>): void {
  let key = '';
  let value = '';
  readStruct(cursor, (id, type) => {
    if (type !== THRIFT.binary || (id !== 1 && id !== 2)) return false;
    if (id === 1) key = readText(cursor);
    else value = readText(cursor);
    return true;
  });
  keyValues.set(key, value);
}

function readGroup(cursor: Cursor, dataEnd: number, place: ImportPlace): GroupInfo {
  let rows = -1;
  const chunks: ChunkInfo[] = [];
  readStruct(cursor, (id, type) => {
    if (id === 3 && type === THRIFT.i64) rows = readInteger(cursor);
    else if (id === 1 && type === THRIFT.list) readList(cursor, () => chunks.push(readChunk(cursor, dataEnd, place)));
    else return false;
    return true;
  });
  if (rows < 0 || rows > LIMITS.rowsPerSegmentMax) throw place.corrupt(`expected 0 to ${LIMITS.rowsPerSegmentMax} rows, found ${rows}`);
  return { rows, chunks };
}

function readChunk(cursor: Cursor, dataEnd: number, group: ImportPlace): ChunkInfo {
  const path: string[] = [];
  let elsewhere = false;
  const found = { codec: -1, values: -1, sizeBytes: -1, data: -1, dictionary: 0 };
  readStruct(cursor, (id, type) => {
    if (id === 1 || id === 8) elsewhere = true;
    if (id !== 3 || type !== THRIFT.struct) return false;
    readStruct(cursor, (member, kind) => {
      if (member === 3 && kind === THRIFT.list) readList(cursor, () => path.push(readText(cursor)));
      else if (member === 4 && kind === THRIFT.i32) found.codec = readInteger(cursor);
      else if (kind !== THRIFT.i64) return false;
      else if (member === 5) found.values = readInteger(cursor);
      else if (member === 7) found.sizeBytes = readInteger(cursor);
      else if (member === 9) found.data = readInteger(cursor);
      else if (member === 11) found.dictionary = readInteger(cursor);
      else return false;
      return true;
    });
    return true;
  });
  const place = new ImportPlace(group.file, `${group.where}, column "${path.join('.')}"`);
  if (elsewhere) throw new ElanusError('Unsupported', `${place.file}: ${place.where}: is encrypted, or in another file`, { file: place.file });
  const { codec, values, sizeBytes, data, dictionary } = found;
  // A column of no values may be anywhere.
  if (values === 0) return { path, codec, values, offset: TAIL_BYTES, sizeBytes: 0 };
  const offset = dictionary > 0 && dictionary < data ? dictionary : data;
  if (offset < 4 || sizeBytes < 0 || offset + sizeBytes > dataEnd) throw place.corrupt(`${sizeBytes} bytes at ${offset} do not fit pages that end at ${dataEnd}`);
  if (values < 0) throw place.corrupt(`${values} values`);
  return { path, codec, values, offset, sizeBytes };
}

/** Errors: `Corrupt` if the source has fewer. */
export async function readExactly(source: RandomBytes, offset: number, length: number, file: string): Promise<Uint8Array> {
  const bytes = await source.read(offset, length);
  if (bytes.length !== length) throw new ImportPlace(file, `byte ${offset}`).corrupt(`expected ${length} bytes, found ${bytes.length}`);
  return bytes;
}
