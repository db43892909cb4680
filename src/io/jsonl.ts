// JSONL: one JSON object a line (jsonlines.org). Integers of 64 bits are exact both ways. Empty lines are passed over.

import { encodeText } from '../format/bytes.js';
import { exactNumber } from '../format/exact-json.js';
import { parseJson } from '../format/json-parser.js';
import type { FieldValue, Row } from '../model/row.js';
import { linesOf, type Line } from './lines.js';
import { portions, type Reader, type SourceRow, type SourceValues } from './reader.js';

export function jsonlReader(pieces: AsyncIterable<Uint8Array>, file: string): Reader {
  return { rows: () => portions(rowsOf(pieces, file)) };
}

async function* rowsOf(pieces: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<SourceRow> {
  for await (const lines of linesOf(pieces, file, false)) {
    for (const line of lines) if (typeof line.text !== 'string' || line.text.trim() !== '') yield { place: line.place, values: objectOf(line) };
  }
}

function objectOf({ text, place }: Line): SourceRow['values'] {
  if (typeof text !== 'string') return text;
  try {
    const value = parseJson(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as SourceValues;
    return place.corrupt('expected a JSON object');
  } catch (error) {
    return place.corrupt(error instanceof Error ? error.message : String(error));
  }
}

export function encodeJsonl(rows: readonly Row[]): Uint8Array<ArrayBuffer> {
  return encodeText(rows.map((row) => `${jsonOf(row)}\n`).join(''));
}

/** JSON with every digit of an Int64, and doubles told from them (`exactNumber`); a Float32Array is an array, its components in the fewest digits that give the same f32. */
export function jsonOf(value: FieldValue | Row): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Object.is(value, -0) ? '-0.0' : exactNumber(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (value instanceof Float32Array) return vectorText(value);
  if (ArrayBuffer.isView(value)) return `[${(value as Uint8Array).join()}]`;
  if (Array.isArray(value)) return `[${value.map((item) => jsonOf(item as FieldValue)).join()}]`;
  return `{${Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${jsonOf(item as FieldValue)}`).join()}}`;
}

function vectorText(vector: Float32Array): string {
  const parts = new Array<string>(vector.length);
  for (let i = 0; i < vector.length; i++) parts[i] = shortest(vector[i] as number);
  return `[${parts.join()}]`;
}

/** Exact as doubles, unlike some results of `10 ** k`. */
const POWERS = Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));

/**
 * The shortest of 6 to 9 significant digits that reads as the same f32; 9 always do (IEEE 754). Where the decimal m / 10^k
 * has k <= 22 its quotient is the nearest double, whose text is that decimal: no digits need to be made to be compared.
 */
function shortest(x: number): string {
  if (Number.isInteger(x)) return Object.is(x, -0) ? '-0.0' : String(x);
  const magnitude = Math.floor(Math.log10(Math.abs(x)));
  for (let digits = Math.max(6, magnitude + 1); digits < 9; digits++) {
    const power = POWERS[digits - 1 - magnitude];
    const rounded = power === undefined ? Number(x.toPrecision(digits)) : Math.round(x * power) / power;
    if (Math.fround(rounded) === x) return String(rounded);
  }
  return String(Number(x.toPrecision(9)));
}
