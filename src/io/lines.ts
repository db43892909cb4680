// Lines: a source cut at line ends, with the number and first byte of each. A line is held whole, so it has a maximum,
// checked before the bytes of a longer one are gathered. In CSV a line end within quotes belongs to the record.

import { concatBytes } from '../format/bytes.js';
import { ElanusError } from '../model/errors.js';
import { ImportPlace } from './place.js';

/** Bytes of one line or record. A row of 32,768 numbers of 24 digits takes 0.8 MiB. */
export const LINE_BYTES_MAX = 16 * 1024 * 1024;

const LF = 0x0a;
const QUOTE = 0x22;
const BYTE_ORDER_MARK = '\ufeff';
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export interface Line {
  readonly place: ImportPlace;
  /** Without its LF; the file's byte order mark is gone. Or why it is none. */
  readonly text: string | ElanusError;
}

/** Errors: `Corrupt` for a line beyond LINE_BYTES_MAX. A line that is not UTF-8 is given as its error. */
export async function* linesOf(pieces: AsyncIterable<Uint8Array>, file: string, quoted: boolean): AsyncGenerator<readonly Line[]> {
  const scan = { line: 1, offset: 0, number: 1, inQuotes: false };
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  const take = (bytes: Uint8Array): Line => {
    const place = new ImportPlace(file, `line ${scan.line} (byte ${scan.offset})`);
    const text = decode(bytes, place, scan.offset === 0);
    scan.offset += bytes.length + 1;
    scan.line = scan.number;
    return { place, text };
  };
  for await (const piece of pieces) {
    const lines: Line[] = [];
    let start = 0;
    for (let end = quoted ? recordEnd(piece, 0, scan) : lineEnd(piece, 0, scan); end >= 0; end = quoted ? recordEnd(piece, start, scan) : lineEnd(piece, start, scan)) {
      checkLength(heldBytes + end - start, file, scan.line);
      held.push(piece.subarray(start, end));
      lines.push(take(held.length === 1 ? (held[0] as Uint8Array) : concatBytes(held)));
      held = [];
      heldBytes = 0;
      start = end + 1;
    }
    if (lines.length > 0) yield lines;
    if (start === piece.length) continue;
    // A copy: the caller may fill its buffer anew.
    held.push(piece.slice(start));
    heldBytes += piece.length - start;
    checkLength(heldBytes, file, scan.line);
  }
  if (scan.inQuotes) throw new ImportPlace(file, `line ${scan.line} (byte ${scan.offset})`).corrupt('a quote is opened and never closed');
  if (heldBytes > 0) yield [take(concatBytes(held))];
}

interface Scan {
  number: number;
  inQuotes: boolean;
}

function lineEnd(bytes: Uint8Array, from: number, scan: Scan): number {
  const end = bytes.indexOf(LF, from);
  if (end >= 0) scan.number++;
  return end;
}

/** The LF that ends a record: one before which quotes are even. */
function recordEnd(bytes: Uint8Array, from: number, scan: Scan): number {
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) scan.inQuotes = !scan.inQuotes;
    if (byte !== LF) continue;
    scan.number++;
    if (!scan.inQuotes) return at;
  }
  return -1;
}

function checkLength(bytes: number, file: string, line: number): void {
  if (bytes > LINE_BYTES_MAX) throw new ImportPlace(file, `line ${line}`).corrupt(`longer than ${LINE_BYTES_MAX} bytes`);
}

function decode(bytes: Uint8Array, place: ImportPlace, first: boolean): string | ElanusError {
  try {
    const text = DECODER.decode(bytes);
    return first && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  } catch {
    return place.corrupt('expected UTF-8');
  }
}
