// JsonArray: a file of JSON rows as Milvus' bulk writers make it, an array of objects, or an object with such an array as `rows`,
// given as JSONL: each row on a line of its own, whatever white space it has within. It is read in pieces.

import { ElanusError } from '../../model/errors.js';
import type { ByteSource, RandomBytes } from '../../io/source.js';
import type { ImportFormat } from '../../io/formats.js';

const PIECE_BYTES = 1024 * 1024;
const [OPEN_LIST, CLOSE_LIST, OPEN, CLOSE, QUOTE, BACKSLASH, COMMA, LF, CR, SPACE, TAB] = [0x5b, 0x5d, 0x7b, 0x7d, 0x22, 0x5c, 0x2c, 0x0a, 0x0d, 0x20, 0x09] as const;

/** `.json` as JSONL, anything else as it is. */
export function jsonlOf(path: string, bytes: RandomBytes): { readonly read: ByteSource; readonly format: ImportFormat | undefined } {
  return path.toLowerCase().endsWith('.json') ? { read: rowLines(path, bytes), format: 'jsonl' } : { read: bytes, format: undefined };
}

interface Scan {
  /** Of brackets around. */
  depth: number;
  inText: boolean;
  escaped: boolean;
  /** At which depth rows begin; undefined until their array does. */
  rowsAt: number | undefined;
  ended: boolean;
}

async function* rowLines(path: string, { size, read }: RandomBytes): AsyncGenerator<Uint8Array> {
  const scan: Scan = { depth: 0, inText: false, escaped: false, rowsAt: undefined, ended: false };
  for (let offset = 0; offset < size && !scan.ended; offset += PIECE_BYTES) yield linesIn(await read(offset, Math.min(PIECE_BYTES, size - offset)), scan, path);
  if (!scan.ended) throw new ElanusError('Corrupt', `${path}: expected an array of rows, or an object with one as "rows", found the end`, { file: path });
}

/** What of the piece is within rows, with an LF behind each. */
function linesIn(piece: Uint8Array, scan: Scan, path: string): Uint8Array {
  const lines = new Uint8Array(piece.length);
  let length = 0;
  for (const byte of piece) {
    const { depth, rowsAt = Infinity, inText } = scan;
    step(byte, scan, path);
    if (scan.ended) break;
    if (depth < rowsAt) continue;
    const isBlank = !inText && (byte === LF || byte === CR || byte === SPACE || byte === TAB);
    if (depth > rowsAt || inText) lines[length++] = isBlank ? SPACE : byte;
    else if (byte === COMMA) lines[length++] = LF;
    else if (!isBlank) lines[length++] = byte;
  }
  return lines.subarray(0, length);
}

function step(byte: number, scan: Scan, path: string): void {
  if (scan.inText) {
    if (scan.escaped) scan.escaped = false;
    else if (byte === BACKSLASH) scan.escaped = true;
    else if (byte === QUOTE) scan.inText = false;
    return;
  }
  if (byte === QUOTE) scan.inText = true;
  else if (byte === OPEN || byte === OPEN_LIST) {
    if (scan.rowsAt === undefined && byte === OPEN_LIST) {
      if (scan.depth > 1) throw new ElanusError('Corrupt', `${path}: expected an array of rows, found one deeper within`, { file: path });
      scan.rowsAt = scan.depth + 1;
    }
    scan.depth++;
  } else if (byte === CLOSE || byte === CLOSE_LIST) {
    scan.depth--;
    if (scan.rowsAt !== undefined && scan.depth < scan.rowsAt) scan.ended = true;
  }
}
