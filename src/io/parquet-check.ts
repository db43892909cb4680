// What a Parquet file says of itself, checked against its bytes before anything is allocated by it: the footer's and every
// page header's structure, that chunks lie in the file and pages in their chunks, that counts of values agree, and that
// one row group fits in memory.

import type { ColumnMetaData, RowGroup } from 'hyparquet';
import { dataViewOf } from '../format/bytes.js';
import { readInteger, readStruct, THRIFT, type Cursor } from '../format/thrift.js';
import { ElanusError } from '../model/errors.js';
import { LIMITS } from '../model/limits.js';
import { ImportPlace } from './place.js';
import type { RandomBytes } from './source.js';

const FOOTER_BYTES_MAX = 64 * 1024 * 1024;
const TAIL_BYTES = 8;
const PARQUET = 0x31524150; // PAR1
/** Of one row group, which is held whole. */
const GROUP_BYTES_MAX = 1024 * 1024 * 1024;
const GROUP_VALUES_MAX = 2 ** 27;
/** A column of one value takes a few bytes whatever its rows. */
const GROUP_ROWS_MAX = 2 ** 22;
/** Of lists: each takes two bytes of levels at least, however its values are coded; vectors of 32,768 equal numbers would be more. */
const VALUES_PER_BYTE_MAX = 1024;
/** No byte of Snappy gives more: a copy of 64 bytes takes 3. */
const SNAPPY_RATIO_MAX = 22;

/** The footer with its tail. Errors: `Corrupt`. */
export async function checkFooter(source: RandomBytes, file: string): Promise<Uint8Array<ArrayBuffer>> {
  const place = new ImportPlace(file, 'footer');
  const { size } = source;
  if (size < TAIL_BYTES + 4) throw place.corrupt(`expected at least ${TAIL_BYTES + 4} bytes, found ${size}`);
  const head = await readExactly(source, 0, 4, file);
  const tail = dataViewOf(await readExactly(source, size - TAIL_BYTES, TAIL_BYTES, file));
  if (dataViewOf(head).getUint32(0, true) !== PARQUET || tail.getUint32(4, true) !== PARQUET) throw place.corrupt('expected PAR1 at both ends');
  const length = tail.getUint32(0, true);
  if (length > size - TAIL_BYTES - 4 || length > FOOTER_BYTES_MAX) throw place.corrupt(`${length} bytes do not fit a file of ${size}, or are more than ${FOOTER_BYTES_MAX}`);
  const footer = new Uint8Array(await readExactly(source, size - TAIL_BYTES - length, length + TAIL_BYTES, file));
  readStruct({ bytes: footer.subarray(0, length), where: file, place: 'footer', offset: 0 }, () => false);
  return footer;
}

/** The bytes of one row group's chunks. */
export interface GroupBytes {
  /** Bytes `start` to `end` of the file: those of columns, zeros between them. */
  slice(start: number, end: number): ArrayBuffer;
}

/** Errors: `Corrupt`; `Unsupported` for a codec that is not read, and for a row group too large to hold. */
export async function checkGroup(source: RandomBytes, group: RowGroup, g: number, file: string): Promise<GroupBytes> {
  const place = new ImportPlace(file, `row group ${g}`);
  const rows = count(group.num_rows, place, 'rows');
  if (rows > LIMITS.rowsPerSegmentMax) throw place.corrupt(`at most ${LIMITS.rowsPerSegmentMax} rows, found ${rows}`);
  const columns = group.columns.map(({ meta_data: meta }) => {
    if (meta === undefined) throw place.corrupt('a column without metadata');
    return chunkOf(meta, rows, source.size, new ImportPlace(file, `row group ${g}, column "${meta.path_in_schema?.join('.')}"`));
  });
  const bytes = columns.reduce((sum, column) => sum + column.plainBytes, 0);
  const values = columns.reduce((sum, column) => sum + column.values, 0);
  if (rows > GROUP_ROWS_MAX || bytes > GROUP_BYTES_MAX || values > GROUP_VALUES_MAX) {
    throw new ElanusError('Unsupported', `${file}: row group ${g}: ${rows} rows, ${bytes} bytes and ${values} values, at most ${GROUP_ROWS_MAX}, ${GROUP_BYTES_MAX} and ${GROUP_VALUES_MAX}: write the file in smaller row groups`, { file });
  }
  const chunks: { readonly start: number; readonly bytes: Uint8Array }[] = [];
  for (const column of columns) {
    const read = await readExactly(source, column.start, column.sizeBytes, file);
    checkPages(read, column, file);
    chunks.push({ start: column.start, bytes: read });
  }
  return {
    slice: (start, end) => {
      if (end - start > GROUP_BYTES_MAX) throw place.corrupt(`columns that are ${end - start} bytes apart, at most ${GROUP_BYTES_MAX}`);
      const run = new Uint8Array(end - start);
      for (const chunk of chunks) {
        const from = Math.max(start, chunk.start);
        const to = Math.min(end, chunk.start + chunk.bytes.length);
        if (from < to) run.set(chunk.bytes.subarray(from - chunk.start, to - chunk.start), from - start);
      }
      return run.buffer;
    },
  };
}

interface Chunk {
  readonly start: number;
  readonly sizeBytes: number;
  readonly plainBytes: number;
  readonly values: number;
  readonly codec: string;
  readonly place: ImportPlace;
}

function chunkOf(meta: ColumnMetaData, rows: number, fileBytes: number, place: ImportPlace): Chunk {
  const { codec } = meta;
  if (codec !== 'UNCOMPRESSED' && codec !== 'SNAPPY') throw new ElanusError('Unsupported', `${place.file}: ${place.where}: compressed by ${codec}, expected SNAPPY or nothing: write the file anew with either`, { file: place.file });
  const data = count(meta.data_page_offset, place, 'offset');
  const dictionary = meta.dictionary_page_offset === undefined ? 0 : count(meta.dictionary_page_offset, place, 'offset');
  const start = dictionary > 0 && dictionary < data ? dictionary : data;
  const sizeBytes = count(meta.total_compressed_size, place, 'size');
  if (start < 4 || start + sizeBytes > fileBytes - TAIL_BYTES) throw place.corrupt(`${sizeBytes} bytes at ${start} do not fit a file of ${fileBytes}`);
  const values = count(meta.num_values, place, 'values');
  if (values < rows) throw place.corrupt(`expected at least ${rows} values, found ${values}`);
  if (values > Math.max(rows, sizeBytes * VALUES_PER_BYTE_MAX)) throw place.corrupt(`${values} values in ${sizeBytes} bytes`);
  return { start, sizeBytes, plainBytes: count(meta.total_uncompressed_size, place, 'size'), values, codec, place };
}

function count(value: bigint | undefined, place: ImportPlace, what: string): number {
  const number = Number(value ?? -1n);
  if (!Number.isSafeInteger(number) || number < 0) throw place.corrupt(`${what}: ${String(value)}`);
  return number;
}

/** Walks through the pages of a chunk by their headers. */
function checkPages(bytes: Uint8Array, { values, codec, plainBytes, place }: Chunk, file: string): void {
  const cursor: Cursor = { bytes, where: file, place: `${place.where}: page header`, offset: 0 };
  let seen = 0;
  let plain = 0;
  while (seen < values || cursor.offset < bytes.length) {
    if (cursor.offset >= bytes.length) throw place.corrupt(`expected ${values} values, found ${seen}`);
    const start = cursor.offset;
    const page = readPageHeader(cursor);
    plain += cursor.offset - start + page.plainBytes;
    const room = bytes.length - cursor.offset;
    if (page.bytes < 0 || page.bytes > room) throw place.corrupt(`a page of ${page.bytes} bytes where ${room} are left`);
    const most = codec === 'SNAPPY' ? page.bytes * SNAPPY_RATIO_MAX + 64 : page.bytes;
    if (page.plainBytes < 0 || page.plainBytes > most || plain > plainBytes) throw place.corrupt(`a page of ${page.bytes} bytes that claims to hold ${page.plainBytes}, where all pages hold ${plainBytes}`);
    // Each value of a dictionary takes its bytes; booleans have none.
    if (page.values < 0 || (page.dictionary ? page.values > page.plainBytes : (seen += page.values) > values)) throw place.corrupt(`a page of ${page.values} values, where the column has ${values}`);
    cursor.offset += page.bytes;
  }
}

interface PageHeader {
  readonly bytes: number;
  readonly plainBytes: number;
  readonly values: number;
  readonly dictionary: boolean;
}

/** As parquet.thrift has it: 2 and 3 the sizes, 5 a data page, 7 a dictionary, 8 a data page of version 2. */
function readPageHeader(cursor: Cursor): PageHeader {
  const header = { bytes: -1, plainBytes: -1, values: 0, dictionary: false };
  readStruct(cursor, (id, type) => {
    if (id === 2 && type === THRIFT.i32) header.plainBytes = readInteger(cursor);
    else if (id === 3 && type === THRIFT.i32) header.bytes = readInteger(cursor);
    else if ((id === 5 || id === 7 || id === 8) && type === THRIFT.struct) {
      header.dictionary ||= id === 7;
      readStruct(cursor, (member, kind) => {
        if (member !== 1 || kind !== THRIFT.i32) return false;
        header.values = readInteger(cursor);
        return true;
      });
    } else return false;
    return true;
  });
  return header;
}

async function readExactly(source: RandomBytes, offset: number, length: number, file: string): Promise<Uint8Array> {
  const bytes = await source.read(offset, length);
  if (bytes.length !== length) throw new ImportPlace(file, `byte ${offset}`).corrupt(`expected ${length} bytes, found ${bytes.length}`);
  return bytes;
}
