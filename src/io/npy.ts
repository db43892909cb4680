// NumPy's .npy, versions 1 to 3: a header that is the text of a Python dict, then the array. Read: a 2-D array in C order,
// of f4, f8 or f2 in either order of bytes, i1 or u1, one row a vector. Written: version 1, `<f4`.
// Source: numpy.lib.format. The key of a row is its number.

import { bytesOf, concatBytes, dataViewOf, decodeText, encodeText } from '../format/bytes.js';
import { ElanusError } from '../model/errors.js';
import { LIMITS } from '../model/limits.js';
import { ImportPlace } from './place.js';
import { PORTION_ROWS, type Reader, type SourceRow } from './reader.js';
import { ByteReader } from './source.js';
import { halfValue } from '../model/half.js';

export const NPY_VECTOR = 'vector';
export const ROW_NUMBER = 'id';

const MAGIC = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59);
/** NumPy itself refuses to read longer ones by default, too. */
const HEADER_BYTES_MAX = 10_000;
const ALIGNMENT = 64;
const DICT = /^\{\s*'descr':\s*'([<|=>]?[a-z]\d{1,2})',\s*'fortran_order':\s*(True|False),\s*'shape':\s*\((\d{1,15}),\s*(\d{1,15})\),?\s*\}\s*$/;

interface Kind {
  readonly bytes: number;
  read(view: DataView, at: number): number;
}

const KINDS: Readonly<Record<string, Kind>> = {
  '<f4': { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  '<f8': { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  '>f4': { bytes: 4, read: (view, at) => view.getFloat32(at, false) },
  '>f8': { bytes: 8, read: (view, at) => view.getFloat64(at, false) },
  '>f2': { bytes: 2, read: (view, at) => halfValue(view.getUint16(at, false)) },
  '<f2': { bytes: 2, read: (view, at) => halfValue(view.getUint16(at, true)) },
  '|i1': { bytes: 1, read: (view, at) => view.getInt8(at) },
  '|u1': { bytes: 1, read: (view, at) => view.getUint8(at) },
};

interface Header {
  readonly kind: Kind;
  readonly rows: number;
  readonly dim: number;
}

export function npyReader(pieces: AsyncIterable<Uint8Array>, file: string): Reader {
  return { numbered: ROW_NUMBER, vectorColumn: NPY_VECTOR, rows: () => rowsOf(pieces, file) };
}

async function* rowsOf(pieces: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<readonly SourceRow[]> {
  const reader = new ByteReader(pieces);
  try {
    const { kind, rows, dim } = await readHeader(reader, file);
    const rowBytes = dim * kind.bytes;
    const portion = Math.max(1, Math.min(PORTION_ROWS, Math.floor((4 * 1024 * 1024) / rowBytes)));
    for (let first = 0; first < rows; first += portion) {
      const count = Math.min(portion, rows - first);
      const offset = reader.offset;
      const bytes = await reader.take(count * rowBytes);
      const whole = Math.floor(bytes.length / rowBytes);
      yield Array.from({ length: whole }, (_, i) => {
        const vector = vectorOf(bytes.subarray(i * rowBytes, (i + 1) * rowBytes), kind);
        return { place: new ImportPlace(file, `row ${first + i} (byte ${offset + i * rowBytes})`), values: { [ROW_NUMBER]: BigInt(first + i), [NPY_VECTOR]: vector } };
      });
      if (whole < count) throw new ImportPlace(file, `row ${first + whole} (byte ${offset + whole * rowBytes})`).corrupt(`expected ${rowBytes} bytes for each of ${rows} rows, found ${bytes.length % rowBytes}`);
    }
    const rest = await reader.take(1);
    if (rest.length > 0) throw new ImportPlace(file, `byte ${reader.offset - 1}`).corrupt(`expected the end after ${rows} rows of ${dim}`);
  } finally {
    await reader.close();
  }
}

function vectorOf(bytes: Uint8Array, kind: Kind): Float32Array {
  // As it lies in memory.
  if (kind === KINDS['<f4']) return new Float32Array(bytes.slice().buffer);
  const view = dataViewOf(bytes);
  const vector = new Float32Array(bytes.length / kind.bytes);
  for (let c = 0; c < vector.length; c++) vector[c] = kind.read(view, c * kind.bytes);
  return vector;
}

async function readHeader(reader: ByteReader, file: string): Promise<Header> {
  const place = new ImportPlace(file, 'header');
  const start = await reader.takeAll(8, file, 'header');
  if (!MAGIC.every((byte, i) => start[i] === byte)) throw place.corrupt('expected \\x93NUMPY at the start');
  const version = start[6] as number;
  if (version < 1 || version > 3 || start[7] !== 0) throw new ElanusError('Unsupported', `${file}: header: version ${version}.${start[7]} of .npy, expected 1.0 to 3.0`, { file });
  const lengthBytes = await reader.takeAll(version === 1 ? 2 : 4, file, 'header');
  const length = version === 1 ? dataViewOf(lengthBytes).getUint16(0, true) : dataViewOf(lengthBytes).getUint32(0, true);
  if (length > HEADER_BYTES_MAX) throw place.corrupt(`at most ${HEADER_BYTES_MAX} bytes, found ${length}`);
  return parseHeader(decodeText(await reader.takeAll(length, file, 'header'), file, 'header'), file);
}

function parseHeader(text: string, file: string): Header {
  const place = new ImportPlace(file, 'header');
  const found = DICT.exec(text);
  if (found === null) throw place.corrupt(`expected descr, fortran_order and a shape of two dimensions, found ${JSON.stringify(text.trim().slice(0, 100))}`);
  const [, descr = '', fortran, rowsText, dimText] = found;
  const kind = Object.hasOwn(KINDS, descr) ? KINDS[descr] : undefined;
  if (kind === undefined) throw new ElanusError('Unsupported', `${file}: header: numbers of type ${descr}, expected one of ${Object.keys(KINDS).join(', ')}`, { file });
  if (fortran === 'True') throw new ElanusError('Unsupported', `${file}: header: an array in Fortran order; save numpy.ascontiguousarray of it`, { file });
  const rows = Number(rowsText);
  const dim = Number(dimText);
  if (dim < 1 || dim > LIMITS.dimensionMax) throw place.corrupt(`expected vectors of 1 to ${LIMITS.dimensionMax} components, found ${dim}`);
  if (rows > LIMITS.rowsPerSegmentMax) throw place.corrupt(`at most ${LIMITS.rowsPerSegmentMax} rows, found ${rows}`);
  return { kind, rows, dim };
}

/** The header of `rows` x `dim` f32; the vectors follow. */
export function encodeNpyHeader(rows: number, dim: number): Uint8Array<ArrayBuffer> {
  const dict = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${dim}), }`;
  const prefix = MAGIC.length + 4;
  const length = Math.ceil((prefix + dict.length + 1) / ALIGNMENT) * ALIGNMENT - prefix;
  return concatBytes([MAGIC, Uint8Array.of(1, 0, length & 0xff, length >> 8), encodeText(`${dict.padEnd(length - 1)}\n`)]);
}

export function encodeNpy(vectors: readonly Float32Array[]): Uint8Array<ArrayBuffer> {
  return concatBytes(vectors.map(bytesOf));
}
