// CSV by RFC 4180: values between commas, quoted where they hold a comma, a quote or a line end, quotes doubled. The first
// record names the columns unless the caller does. A value without quotes that is empty is null, `""` is the empty text.
// The vector is one column with the text of a JSON array, or columns of its components, v0 to vN.

import { encodeText } from '../format/bytes.js';
import type { ElanusError } from '../model/errors.js';
import { LIMITS } from '../model/limits.js';
import type { FieldValue, Row } from '../model/row.js';
import { jsonOf } from './jsonl.js';
import { linesOf, type Line } from './lines.js';
import { ImportPlace } from './place.js';
import { portions, type Reader, type SourceRow } from './reader.js';

/** A quoted value and one without quotes differ only if they are empty. */
export type Cell = string | null;

/** Columns of one file: fields, dynamic keys and the components of a vector. */
const COLUMNS_MAX = LIMITS.dimensionMax + 1024;
const COMPONENT_PREFIX = 'v';

export interface CsvOptions {
  /** Names of the columns, where the file has no record that names them. */
  readonly columns?: readonly string[] | undefined;
  /** What columns v0 to vN become together. */
  readonly vector: string;
}

export function csvReader(pieces: AsyncIterable<Uint8Array>, file: string, options: CsvOptions): Reader {
  return { untyped: true, rows: () => portions(rowsOf(pieces, file, options)) };
}

async function* rowsOf(pieces: AsyncIterable<Uint8Array>, file: string, { columns, vector }: CsvOptions): AsyncGenerator<SourceRow> {
  let layout = columns === undefined ? undefined : layoutOf(columns, vector, new ImportPlace(file, 'columns'));
  for await (const lines of linesOf(pieces, file, true)) {
    for (const line of lines) {
      if (line.text === '' || line.text === '\r') continue;
      const cells = cellsOf(line);
      if (layout !== undefined) {
        yield { place: line.place, values: Array.isArray(cells) ? valuesOf(cells, layout, line.place) : (cells as ElanusError) };
        continue;
      }
      if (!Array.isArray(cells)) throw cells as ElanusError;
      layout = layoutOf(cells.map((cell) => cell ?? ''), vector, line.place);
    }
  }
  if (layout === undefined) throw new ImportPlace(file, 'line 1').corrupt('expected a record that names the columns, found no line');
}

interface Layout {
  /** Of each column; undefined for a component of the vector. */
  readonly names: readonly (string | undefined)[];
  readonly vector: string;
  /** Columns of the components in their order; none if the vector is one column. */
  readonly components: readonly number[];
}

function layoutOf(header: readonly string[], vector: string, place: ImportPlace): Layout {
  if (header.length > COLUMNS_MAX) throw place.corrupt(`at most ${COLUMNS_MAX} columns, found ${header.length}`);
  const at = new Map<string, number>();
  header.forEach((name, column) => {
    if (name === '' || at.has(name)) throw place.corrupt(name === '' ? `column ${column + 1} has no name` : `two columns are named ${JSON.stringify(name)}`);
    at.set(name, column);
  });
  const components: number[] = [];
  if (!at.has(vector)) for (let i = 0; at.has(`${COMPONENT_PREFIX}${i}`); i++) components.push(at.get(`${COMPONENT_PREFIX}${i}`) as number);
  const isComponent = new Set(components.length > 1 ? components : []);
  return { names: header.map((name, column) => (isComponent.has(column) ? undefined : name)), vector, components: [...isComponent] };
}

function valuesOf(cells: readonly Cell[], { names, vector, components }: Layout, place: ImportPlace): SourceRow['values'] {
  if (cells.length !== names.length) return place.corrupt(`expected ${names.length} values, found ${cells.length}`);
  const values: Record<string, unknown> = {};
  names.forEach((name, column) => {
    if (name !== undefined) Object.defineProperty(values, name, { value: cells[column], enumerable: true, writable: true, configurable: true });
  });
  if (components.length > 0) values[vector] = `[${components.map((column) => cells[column] ?? '').join()}]`;
  return values;
}

/** The values of one record. */
function cellsOf({ text, place }: Line): readonly Cell[] | ElanusError {
  if (typeof text !== 'string') return text;
  const record = text.endsWith('\r') ? text.slice(0, -1) : text;
  const cells: Cell[] = [];
  for (let at = 0; at <= record.length; ) {
    if (record[at] !== '"') {
      const comma = record.indexOf(',', at);
      const end = comma < 0 ? record.length : comma;
      const cell = record.slice(at, end);
      if (cell.includes('"')) return place.corrupt(`value ${cells.length + 1}: a quote within a value that is not quoted`);
      cells.push(cell === '' ? null : cell);
      at = end + 1;
      continue;
    }
    const end = closingQuote(record, at + 1);
    if (end < 0 || (end + 1 < record.length && record[end + 1] !== ',')) return place.corrupt(`value ${cells.length + 1}: expected a comma after the closing quote`);
    cells.push(record.slice(at + 1, end).replaceAll('""', '"'));
    at = end + 2;
  }
  return cells;
}

function closingQuote(record: string, from: number): number {
  for (let at = record.indexOf('"', from); at >= 0; at = record.indexOf('"', at + 2)) if (record[at + 1] !== '"') return at;
  return -1;
}

/** The record that names the columns. */
export function encodeCsvHeader(names: readonly string[]): Uint8Array<ArrayBuffer> {
  return encodeText(`${names.map(quotedIfNeeded).join()}\r\n`);
}

/** `jsonNames`: the columns of values that are JSON, so that a text among them is written as JSON too. */
export function encodeCsv(rows: readonly Row[], names: readonly string[], jsonNames: ReadonlySet<string>): Uint8Array<ArrayBuffer> {
  return encodeText(rows.map((row) => `${names.map((name) => cellOf(row[name], jsonNames.has(name))).join()}\r\n`).join(''));
}

function cellOf(value: FieldValue | undefined, json: boolean): string {
  if (value === undefined) return '';
  if (json) return quotedIfNeeded(jsonOf(value));
  if (value === null) return '';
  return quotedIfNeeded(typeof value === 'string' ? value : jsonOf(value));
}

function quotedIfNeeded(text: string): string {
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
