// Pages: a column chunk from front to back, one page at a time, each checked before memory is taken for what it claims: its
// size against the chunk, what it unpacks to against LIMITS below, its CRC-32 where it has one.

import { crc32 } from '../../format/crc.js';
import { readInteger, readStruct, THRIFT, type Cursor } from '../../format/thrift.js';
import { ElanusError } from '../../model/errors.js';
import { ImportPlace } from '../place.js';
import type { RandomBytes } from '../source.js';
import { CODEC, CODEC_NAMES, exactly, isKnownCodec, unpack } from './codecs.js';
import { readExactly, type ChunkInfo } from './footer.js';

/** Of one page, unpacked. DuckDB writes pages of 100 MB. */
export const PAGE_BYTES_MAX = 256 * 1024 * 1024;
/** A page that unpacks to more than this may be no more than PAGE_RATIO_MAX times as large as it is in the file. */
export const PAGE_BYTES_FREE = 16 * 1024 * 1024;
export const PAGE_RATIO_MAX = 100;
/** With nulls. A value may take no bytes at all. */
export const PAGE_VALUES_MAX = 2 ** 26;
const HEADER_BYTES_MAX = 1024 * 1024;
const HEADER_BYTES_FIRST = 1024;

export interface Page {
  readonly kind: 'dictionary' | 'data';
  readonly encoding: number;
  /** With nulls. */
  readonly values: number;
  /** Levels and values, unpacked. In a page of version 2 the levels lie in front, of these lengths; else each has its length before it. */
  readonly body: Uint8Array;
  readonly levelBytes: { readonly repetition: number; readonly definition: number } | undefined;
  readonly place: ImportPlace;
}

export class PageReader {
  readonly #source: RandomBytes;
  readonly #chunk: ChunkInfo;
  readonly #place: ImportPlace;
  readonly #windowBytes: number;
  /** Bytes of the file from `#windowStart` on. */
  #window: Uint8Array = new Uint8Array(0);
  #windowStart: number;
  #offset: number;
  readonly #end: number;
  #seen = 0;

  /** `place` names the column. Errors: `Unsupported` for a codec that is not read. */
  constructor(source: RandomBytes, chunk: ChunkInfo, place: ImportPlace, windowBytes: number) {
    const { codec, offset, sizeBytes } = chunk;
    if (!isKnownCodec(codec)) throw unsupported(place, `compressed by ${CODEC_NAMES[codec] ?? `codec ${codec}`}, expected none or one of ${Object.values(CODEC).filter((known) => known > 0).map((known) => CODEC_NAMES[known]).join(', ')}`);
    this.#source = source;
    this.#chunk = chunk;
    this.#place = place;
    this.#windowBytes = windowBytes;
    this.#offset = offset;
    this.#windowStart = offset;
    this.#end = offset + sizeBytes;
  }

  /** The next page; undefined after the last. Errors: `Corrupt`, `Unsupported`. */
  async next(): Promise<Page | undefined> {
    for (;;) {
      const { values } = this.#chunk;
      if (this.#seen === values) return undefined;
      if (this.#offset >= this.#end) throw this.#place.corrupt(`expected ${values} values, found ${this.#seen}`);
      const place = new ImportPlace(this.#place.file, `${this.#place.where}, page at byte ${this.#offset}`);
      const header = await this.#header(place);
      const left = this.#end - this.#offset;
      if (header.bytes < 0 || header.bytes > left) throw place.corrupt(`${header.bytes} bytes where ${left} are left`);
      if (header.kind === undefined) {
        this.#offset += header.bytes;
        continue;
      }
      return this.#page(header, header.kind, place);
    }
  }

  async #page(header: PageHeader, kind: Page['kind'], place: ImportPlace): Promise<Page> {
    const { bytes, plainBytes, values, crc } = header;
    if (plainBytes < 0 || plainBytes > PAGE_BYTES_MAX || values > PAGE_VALUES_MAX) throw unsupported(place, `${plainBytes} bytes and ${values} values, at most ${PAGE_BYTES_MAX} and ${PAGE_VALUES_MAX}: write the file in smaller pages`);
    if (plainBytes > PAGE_BYTES_FREE && plainBytes > bytes * PAGE_RATIO_MAX) throw place.corrupt(`${bytes} bytes that claim to unpack to ${plainBytes}, more than ${PAGE_RATIO_MAX} times as many`);
    if (values < 0 || (kind === 'data' && values > this.#chunk.values - this.#seen)) throw place.corrupt(`${values} values, where the column has ${this.#chunk.values}`);
    if (kind === 'data') this.#seen += values;
    const packed = await this.#take(bytes);
    const found = crc === undefined ? undefined : crc32(packed);
    if (found !== undefined && crc !== undefined && found !== crc >>> 0) throw place.corrupt(`expected CRC-32 ${hex(crc >>> 0)}, found ${hex(found)}`);
    return { kind, encoding: header.encoding, values, levelBytes: header.levels, body: await this.#unpacked(packed, header, place), place };
  }

  async #unpacked(packed: Uint8Array, { plainBytes, levels, packedValues }: PageHeader, place: ImportPlace): Promise<Uint8Array> {
    const { codec } = this.#chunk;
    const prefix = levels === undefined ? 0 : levels.repetition + levels.definition;
    if (levels !== undefined && (levels.repetition < 0 || levels.definition < 0 || prefix > packed.length || prefix > plainBytes)) throw place.corrupt(`levels of ${prefix} bytes in a page of ${packed.length}`);
    try {
      if (codec === CODEC.none || !packedValues) return exactly(packed, plainBytes);
      if (prefix === 0) return await unpack(codec, packed, plainBytes);
      const body = new Uint8Array(plainBytes);
      body.set(packed.subarray(0, prefix));
      if (plainBytes > prefix) body.set(await unpack(codec, packed.subarray(prefix), plainBytes - prefix), prefix);
      return body;
    } catch (error) {
      if (error instanceof ElanusError) throw error;
      throw place.corrupt(`${CODEC_NAMES[codec]}: ${error instanceof Error ? error.message : String(error)}`, error);
    }
  }

  /** A header has no length: what is there is tried, and more if it ends too early. */
  async #header(place: ImportPlace): Promise<PageHeader> {
    for (let most = HEADER_BYTES_FIRST; ; most *= 4) {
      const bytes = await this.#peek(Math.min(most, this.#end - this.#offset));
      const cursor: Cursor = { bytes, where: place.file, place: `${place.where}: header`, offset: 0 };
      try {
        const header = readPageHeader(cursor);
        this.#offset += cursor.offset;
        return header;
      } catch (error) {
        if (most >= HEADER_BYTES_MAX || bytes.length < most) throw error;
      }
    }
  }

  async #peek(length: number): Promise<Uint8Array> {
    const from = this.#offset - this.#windowStart;
    if (from + length > this.#window.length) {
      const wanted = Math.min(Math.max(length, this.#windowBytes), this.#end - this.#offset);
      this.#window = await readExactly(this.#source, this.#offset, wanted, this.#place.file);
      this.#windowStart = this.#offset;
      return this.#window.subarray(0, length);
    }
    return this.#window.subarray(from, from + length);
  }

  /** Bytes that stay as they are: what the window has of them is not read again. */
  async #take(length: number): Promise<Uint8Array> {
    const from = this.#offset - this.#windowStart;
    const held = this.#window.subarray(from, Math.min(from + length, this.#window.length));
    this.#offset += length;
    if (held.length === length) return held.slice();
    const bytes = new Uint8Array(length);
    bytes.set(held);
    bytes.set(await readExactly(this.#source, this.#windowStart + from + held.length, length - held.length, this.#place.file), held.length);
    this.#window = new Uint8Array(0);
    this.#windowStart = this.#offset;
    return bytes;
  }
}

interface PageHeader {
  /** Undefined for a page of an index. */
  readonly kind: Page['kind'] | undefined;
  readonly bytes: number;
  readonly plainBytes: number;
  readonly crc: number | undefined;
  readonly values: number;
  readonly encoding: number;
  readonly levels: Page['levelBytes'];
  /** The values of a page of version 2 may be left as they are. */
  readonly packedValues: boolean;
}

const KINDS: Readonly<Record<number, Page['kind']>> = { 0: 'data', 2: 'dictionary', 3: 'data' };

function readPageHeader(cursor: Cursor): PageHeader {
  const header = { type: -1, bytes: -1, plainBytes: -1, crc: undefined as number | undefined, values: 0, encoding: -1, packedValues: true };
  const levels = { repetition: 0, definition: 0 };
  readStruct(cursor, (id, type) => {
    if (type === THRIFT.i32 && id >= 1 && id <= 4) {
      const value = readInteger(cursor);
      if (id === 1) header.type = value;
      else if (id === 2) header.plainBytes = value;
      else if (id === 3) header.bytes = value;
      else header.crc = value;
      return true;
    }
    if (type !== THRIFT.struct || (id !== 5 && id !== 7 && id !== 8)) return false;
    readStruct(cursor, (member, kind) => {
      if (id === 8 && member === 7) header.packedValues = kind !== THRIFT.false;
      if (kind !== THRIFT.i32) return false;
      const value = readInteger(cursor);
      if (member === 1) header.values = value;
      else if (member === (id === 8 ? 4 : 2)) header.encoding = value;
      else if (id === 8 && member === 5) levels.definition = value;
      else if (id === 8 && member === 6) levels.repetition = value;
      return true;
    });
    return true;
  });
  return { ...header, kind: KINDS[header.type], levels: header.type === 3 ? levels : undefined };
}

const hex = (value: number): string => value.toString(16).padStart(8, '0');

export function unsupported({ file, where }: ImportPlace, message: string): ElanusError {
  return new ElanusError('Unsupported', `${file}: ${where}: ${message}`, { file });
}
