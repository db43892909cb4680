// GivenColumn: one column from a caller, told apart by its form; its lengths are checked, its values are not yet. Values may
// be those of all rows, or of those alone that are not null.

import { readExactJson } from '../../format/exact-json.js';
import { bitsetOf, countBits, hasBit, setBit, type Bitset } from '../../model/bitset.js';
import { setRowsOf } from '../../model/column-rows.js';
import { isNumberType } from '../../model/columns.js';
import { ElanusError } from '../../model/errors.js';
import { isDenseVector, type Field } from '../../model/field.js';
import { LIMITS } from '../../model/limits.js';
import { textValue } from '../../model/scalar-value.js';
import { timestampText } from '../../model/timestamp.js';

/** A typed array of any type. */
export type NumberView = Float64Array;
export type GivenValues = readonly unknown[] | NumberView;

export interface GivenColumn {
  readonly field: Field;
  readonly values: GivenValues;
  /** Of Arrays and sparse vectors whose values lie one behind the other. */
  readonly offsets?: Uint32Array;
  /** Of sparse vectors, beside `offsets`. */
  readonly indices?: GivenValues;
  /** Rows that have a value; absent if all have. */
  readonly valid?: Bitset;
  readonly rows: number;
  /** `values` are those of the rows alone that have one. */
  readonly isCompact: boolean;
}

const MEMBERS = ['values', 'valid', 'offsets', 'indices', 'texts'] as const;
type Members = { readonly [M in (typeof MEMBERS)[number]]?: unknown };

export function placeOf(row: number, field: string): string {
  return `row ${row}, field "${field}"`;
}

export function refuseColumn({ name }: Field, expected: string, found: string): never {
  throw new ElanusError('InvalidArgument', `field "${name}": expected ${expected}, found ${found}`);
}

/** Errors: `InvalidArgument`, for a form that the field does not take and for lengths that do not fit each other. */
export function givenColumn(field: Field, input: unknown): GivenColumn {
  const { values, valid, offsets, indices, texts } = membersOf(field, input);
  const given = texts === undefined ? valuesOf(field, values) : parsedTexts(field, texts);
  const pieces = piecesOf(field, given, offsets, indices);
  const count = pieces.offsets === undefined ? countOf(field, given) : pieces.offsets.length - 1;
  if (valid === undefined) return { field, values: given, ...pieces, rows: count, isCompact: false };
  const { bits, rows } = validityOf(field, valid);
  const defined = countBits(bits);
  if (count !== rows && count !== defined) refuseColumn(field, `values of ${rows} rows, or of the ${defined} that are valid`, `${count}`);
  return { field, values: given, ...pieces, ...(defined === rows ? {} : { valid: bits }), rows, isCompact: count !== rows };
}

/** Errors: `InvalidArgument` unless there are `rows`; `as` names what says so. */
export function requireRows({ field, rows: found }: GivenColumn, rows: number, as: string): void {
  if (found !== rows) refuseColumn(field, `values of ${rows} rows, as "${as}" has them`, `${found}`);
}

/** The column less its nulls. */
export function definedColumn(given: GivenColumn): GivenColumn {
  const { valid, rows, isCompact, values, offsets, indices, field } = given;
  if (valid === undefined) return given;
  const places = setRowsOf(valid, rows);
  const form = { field, rows: places.length, isCompact: false };
  if (isCompact) return { ...form, values, ...(offsets === undefined ? {} : { offsets }), ...(indices === undefined ? {} : { indices }) };
  if (offsets === undefined) return { ...form, values: picked(values, places, perRow(field, values)) };
  const ends = new Uint32Array(places.length + 1);
  places.forEach((row, at) => (ends[at + 1] = (ends[at] as number) + (offsets[row + 1] as number) - (offsets[row] as number)));
  const elements = new Uint32Array(ends[places.length] as number);
  let count = 0;
  for (const row of places) for (let at = offsets[row] as number; at < (offsets[row + 1] as number); at++) elements[count++] = at;
  return { ...form, offsets: ends, values: picked(values, elements, 1), ...(indices === undefined ? {} : { indices: picked(indices, elements, 1) }) };
}

/** The value of each row in the form that a row has; `absent` where it has none. */
export function rowValues(given: GivenColumn, absent: null | undefined): readonly unknown[] {
  const { valid, rows, isCompact } = given;
  let before = 0;
  return Array.from({ length: rows }, (_, row) => {
    if (valid !== undefined && !hasBit(valid, row)) return absent;
    return valueAt(given, isCompact ? before++ : row);
  });
}

function valueAt({ field, values, offsets, indices }: GivenColumn, at: number): unknown {
  if (offsets !== undefined) {
    const [start, end] = [offsets[at] as number, offsets[at + 1] as number];
    const part = values.slice(start, end);
    if (indices !== undefined) return { indices: indices.slice(start, end), values: part };
    return field.elementType === 'Bool' && ArrayBuffer.isView(part) ? Array.from(part, (bit) => boolOf(bit)) : part;
  }
  if (!ArrayBuffer.isView(values)) return values[at];
  if (isDenseVector(field.type)) {
    const width = perRow(field, values);
    return (values as NumberView).subarray(at * width, (at + 1) * width);
  }
  const value: unknown = values[at];
  if (field.type === 'Bool') return boolOf(value);
  return field.type === 'Timestamptz' && typeof value === 'bigint' ? timestampText(value) : value;
}

/** What is neither 0 nor 1 stays as it is, to be refused. */
function boolOf(bit: unknown): unknown {
  return bit === 0 || bit === 1 ? bit === 1 : bit;
}

function membersOf(field: Field, input: unknown): Members {
  if (isValues(input)) return { values: input };
  if (typeof input !== 'object' || input === null) refuseColumn(field, 'a list, a typed array or { values }', input === null ? 'null' : typeof input);
  const other = Object.keys(input).find((name) => !(MEMBERS as readonly string[]).includes(name));
  if (other !== undefined) refuseColumn(field, `no more than ${MEMBERS.join(', ')}`, JSON.stringify(other));
  return input as Members;
}

function isValues(input: unknown): input is GivenValues {
  return Array.isArray(input) || (ArrayBuffer.isView(input) && !(input instanceof DataView));
}

function valuesOf(field: Field, values: unknown): GivenValues {
  if (!isValues(values)) refuseColumn(field, 'values as a list or a typed array', values === undefined ? 'none' : values === null ? 'null' : typeof values);
  const type = field.type === 'Array' ? field.elementType : field.type;
  const takesNumbers = field.type === 'SparseFloatVector' || (type !== undefined && isNumberType(type));
  if (ArrayBuffer.isView(values) && !takesNumbers) refuseColumn(field, `a list of values of ${type}`, Object.prototype.toString.call(values).slice(8, -1));
  return values;
}

function parsedTexts(field: Field, texts: unknown): GivenValues {
  if (field.type !== 'JSON') refuseColumn(field, `values of ${field.type}`, 'texts of JSON');
  if (!Array.isArray(texts)) refuseColumn(field, 'texts as a list', typeof texts);
  return texts.map((text: unknown, row) => (text === null || text === undefined ? null : parsedText(text, () => placeOf(row, field.name))));
}

/** A value from its text. Errors: `InvalidArgument`. */
export function parsedText(text: unknown, where: () => string): unknown {
  const checked = textValue(text, LIMITS.jsonBytesMax, where);
  try {
    return readExactJson(checked);
  } catch (error) {
    throw new ElanusError('InvalidArgument', `${where()}: expected the text of JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function piecesOf(field: Field, values: GivenValues, offsets: unknown, indices: unknown): Pick<GivenColumn, 'offsets' | 'indices'> {
  const isSparse = field.type === 'SparseFloatVector';
  if (offsets === undefined && indices === undefined) {
    // A list of lists or of sparse vectors.
    if (ArrayBuffer.isView(values) && (isSparse || field.type === 'Array')) refuseColumn(field, 'offsets beside values in a typed array', 'none');
    return {};
  }
  if (!isSparse && field.type !== 'Array') refuseColumn(field, `values of ${field.type}`, 'offsets or indices');
  const ends = offsetsOf(field, offsets, values.length);
  if (!isSparse && indices === undefined) return { offsets: ends };
  if (!isSparse) refuseColumn(field, 'offsets and values', 'indices');
  if (!isValues(indices) || indices.length !== values.length) refuseColumn(field, `as many indices as the ${values.length} values`, isValues(indices) ? `${indices.length}` : typeof indices);
  return { offsets: ends, indices };
}

function offsetsOf(field: Field, offsets: unknown, elements: number): Uint32Array {
  if (!isValues(offsets) || offsets.length === 0) refuseColumn(field, 'offsets, one more than there are rows', isValues(offsets) ? 'none' : typeof offsets);
  const ends = new Uint32Array(offsets.length);
  let before = 0;
  for (let at = 0; at < offsets.length; at++) {
    const offset: unknown = offsets[at];
    if (typeof offset !== 'number' || !Number.isInteger(offset) || offset < before || offset > elements || (at === 0 && offset !== 0)) refuseColumn(field, `offsets that ascend from 0 to ${elements}`, `${String(offset)} at ${at}`);
    before = ends[at] = offset;
  }
  if (before !== elements) refuseColumn(field, `offsets that ascend from 0 to ${elements}`, `${before} at the end`);
  return ends;
}

function validityOf(field: Field, valid: unknown): { readonly bits: Bitset; readonly rows: number } {
  if (!Array.isArray(valid) && !(valid instanceof Uint8Array)) refuseColumn(field, 'valid as a list of booleans or a Uint8Array of 0 and 1', typeof valid);
  const bits = bitsetOf(valid.length, false);
  for (let row = 0; row < valid.length; row++) {
    const is: unknown = valid[row];
    if (is === true || is === 1) setBit(bits, row);
    else if (is !== false && is !== 0) throw new ElanusError('InvalidArgument', `${placeOf(row, field.name)}: expected valid as true or false, found ${String(is)}`);
  }
  return { bits, rows: valid.length };
}

function countOf(field: Field, values: GivenValues): number {
  if (!ArrayBuffer.isView(values)) return values.length;
  const width = perRow(field, values);
  if (values.length % width !== 0) refuseColumn(field, `vectors of dimension ${field.dim}, one behind the other`, `${values.length} ${width === field.dim ? 'components' : 'bytes'}`);
  return values.length / width;
}

/** Values of a typed array that one row has. */
export function perRow({ type, dim = 1 }: Field, values: GivenValues): number {
  if (!isDenseVector(type) || !ArrayBuffer.isView(values)) return 1;
  if (type === 'BinaryVector') return dim / 8;
  return values instanceof Uint8Array && (type === 'Float16Vector' || type === 'BFloat16Vector') ? dim * 2 : dim;
}

function picked(values: GivenValues, places: Uint32Array, width: number): GivenValues {
  if (!ArrayBuffer.isView(values)) return Array.from(places, (at) => values[at]);
  const view = values as NumberView;
  const some = new (view.constructor as typeof Float64Array)(places.length * width);
  if (width === 1) places.forEach((from, at) => (some[at] = view[from] as number));
  else places.forEach((from, at) => some.set(view.subarray(from * width, (from + 1) * width), at * width));
  return some;
}
