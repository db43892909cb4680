// CodedIndex: the distinct values of a column in order, and of each row the number of its value among them. Whatever is
// asked of values is asked of each distinct one once; the rows come from bitmaps or lists by value, where there are any, or
// from one pass over the codes.

import { bitsetBytes, setBit, type Bitset } from '../../model/bitset.js';
import { compareValues } from '../../model/column-statistics.js';
import type { CodeColumn, NumericColumn, Predicates } from '../../ports/core.js';
import type { ColumnIndex, IndexAnswer, IndexedBound, IndexedValue, IndexQuestion } from '../column-indexes.js';
import { likeTest, simpleLike, type LikePattern } from '../like.js';
import { addRows, LISTED_SHARE } from './rows.js';
import { textOrder } from './text-order.js';
import { valueOrder } from './value-order.js';

type CodedValue = number | bigint | string;
/** Texts, whole numbers, or Bool as 0 and 1. */
export type CodedColumn = ArrayLike<CodedValue>;
/** Codes from `from` to `end`. */
type Codes = { readonly from: number; readonly end: number } | { readonly each: readonly number[] };

/** What there is beside the codes: 'bitmaps': of the rows of each value; 'lists': of its row numbers. */
export type CodedForm = 'codes' | 'bitmaps' | 'lists';

/** Values of which bitmaps are kept at most; of more they would take more than the column. */
export const BITMAPS_MAX = 64;
/** Rows that are looked at between two steps. */
const STEP_ROWS = 16_384;
/** Codes that are compared with one by one at most. */
const SET_MAX = 16;
/** A value among the others; texts are those of the column. */
const VALUE_BYTES = 8;

export class CodedIndex implements ColumnIndex {
  readonly form: CodedForm;
  readonly bytes: number;
  readonly #values: readonly CodedValue[];
  readonly #codes: CodeColumn;
  readonly #bitmaps: readonly Bitset[] | undefined;
  readonly #lists: Lists | undefined;
  readonly #predicates: Predicates;

  private constructor(values: readonly CodedValue[], codes: CodeColumn, form: CodedForm, predicates: Predicates) {
    this.#values = values;
    this.#codes = codes;
    this.#predicates = predicates;
    this.#bitmaps = form === 'bitmaps' && values.length <= BITMAPS_MAX ? bitmapsOf(codes, values.length) : undefined;
    this.#lists = form === 'lists' || (form === 'bitmaps' && this.#bitmaps === undefined) ? listsOf(codes, values.length) : undefined;
    this.form = this.#bitmaps !== undefined ? 'bitmaps' : this.#lists !== undefined ? 'lists' : 'codes';
    this.bytes = codes.byteLength + values.length * VALUE_BYTES + bitmapBytes(this.#bitmaps) + listBytes(this.#lists);
  }

  /** Of a column of few distinct values; undefined if there are more than `distinctMax`. A step takes a few milliseconds. */
  static *ofFew(column: CodedColumn, form: CodedForm, distinctMax: number, predicates: Predicates): Generator<void, CodedIndex | undefined> {
    const numbers = new Map<CodedValue, number>();
    const found = new Int32Array(column.length);
    for (let row = 0; row < column.length; row++) {
      const value = column[row] as CodedValue;
      let number = numbers.get(value);
      if (number === undefined) {
        if (numbers.size >= distinctMax) return undefined;
        number = numbers.size;
        numbers.set(value, number);
      }
      found[row] = number;
      if (row % STEP_ROWS === STEP_ROWS - 1) yield;
    }
    const distinct = [...numbers.keys()];
    const order = isTexts(distinct) ? Array.from(yield* textOrder(distinct)) : [...distinct.keys()].sort((a, b) => compareValues(distinct[a] as CodedValue, distinct[b] as CodedValue));
    const codeOf = new Int32Array(distinct.length);
    order.forEach((number, code) => (codeOf[number] = code));
    yield;
    const codes = codesFor(distinct.length, column.length);
    for (let row = 0; row < codes.length; row++) codes[row] = codeOf[found[row] as number] as number;
    yield;
    return new CodedIndex(order.map((number) => distinct[number] as CodedValue), codes, form, predicates);
  }

  /** Of a column of any number of distinct values, none of them NaN. A step takes a few milliseconds. */
  static *ofMany(column: CodedColumn, form: CodedForm, predicates: Predicates): Generator<void, CodedIndex> {
    const order = isTexts(column) ? yield* textOrder(column) : yield* valueOrder(column as NumericColumn);
    const values: CodedValue[] = [];
    const found = new Int32Array(column.length);
    for (let at = 0; at < order.length; at++) {
      const row = order[at] as number;
      const value = column[row] as CodedValue;
      if (at === 0 || value !== values.at(-1)) values.push(value);
      found[row] = values.length - 1;
      if (at % STEP_ROWS === STEP_ROWS - 1) yield;
    }
    const codes = codesFor(values.length, column.length);
    codes.set(found);
    yield;
    return new CodedIndex(values, codes, form, predicates);
  }

  /** What building one takes and holds at most, about. */
  static bytesFor(rows: number): number {
    return rows * 6 * Int32Array.BYTES_PER_ELEMENT;
  }

  answer(question: IndexQuestion): IndexAnswer | undefined {
    switch (question.kind) {
      case 'compare': {
        const { op, value } = question;
        if (op === 'ne') return { rows: this.#predicates.not(this.#rowsOf(this.#between(value, value)), this.#codes.length) };
        const low = op === 'gt' || op === 'ge' || op === 'eq' ? { value, exclusive: op === 'gt' } : undefined;
        const high = op === 'lt' || op === 'le' || op === 'eq' ? { value, exclusive: op === 'lt' } : undefined;
        return { rows: this.#rowsOf(this.#bounded(low, high)) };
      }
      case 'range':
        return { rows: this.#rowsOf(this.#bounded(question.low, question.high)) };
      case 'inSet':
        return { rows: this.#rowsOf({ each: question.values.flatMap((value) => this.#codesEqual(value)) }) };
      case 'like':
        return { rows: this.#rowsOf(this.#codesLike(question.pattern)) };
      default:
        return undefined;
    }
  }

  #codesEqual(value: IndexedValue): readonly number[] {
    const { from, end } = this.#between(value, value);
    return from < end ? [from] : [];
  }

  #between(low: IndexedValue, high: IndexedValue): { readonly from: number; readonly end: number } {
    return this.#bounded({ value: low, exclusive: false }, { value: high, exclusive: false });
  }

  #bounded(low: IndexedBound | undefined, high: IndexedBound | undefined): { readonly from: number; readonly end: number } {
    const from = low === undefined ? 0 : this.#first((order) => (low.exclusive ? order > 0 : order >= 0), low.value as CodedValue);
    const end = high === undefined ? this.#values.length : this.#first((order) => (high.exclusive ? order >= 0 : order > 0), high.value as CodedValue);
    return { from, end: Math.max(from, end) };
  }

  /** The first value whose order to `value` is such. */
  #first(holds: (order: number) => boolean, value: CodedValue): number {
    let low = 0;
    for (let high = this.#values.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if (holds(compareValues(this.#values[middle] as CodedValue, value))) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** What begins as the pattern does lies together. */
  #codesLike(pattern: LikePattern): Codes {
    const [piece = []] = pattern.pieces;
    const beginning = typeof piece[0] === 'string' ? piece[0] : '';
    const from = this.#first((order) => order >= 0, beginning);
    const end = this.#endOfPrefix(beginning, from);
    if (simpleLike(pattern)?.kind === 'prefix') return { from, end };
    const test = likeTest(pattern);
    const each: number[] = [];
    for (let code = from; code < end; code++) if (test(this.#values[code] as string)) each.push(code);
    return { each };
  }

  #endOfPrefix(beginning: string, from: number): number {
    let low = from;
    for (let high = this.#values.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if ((this.#values[middle] as string).startsWith(beginning)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #rowsOf(codes: Codes): Bitset {
    const rows = this.#codes.length;
    if (this.#bitmaps !== undefined) return this.#joined(codes, this.#bitmaps);
    if (this.#lists !== undefined && this.#lists.count(codes) <= rows * LISTED_SHARE) return this.#lists.rows(codes, rows);
    if ('from' in codes) return codes.from === codes.end ? new Uint8Array(bitsetBytes(rows)) : this.#predicates.range(this.#codes, codes.from, codes.end - 1, false, false);
    if (codes.each.length <= SET_MAX) return this.#predicates.inSet(this.#codes, codes.each);
    const table = new Uint8Array(this.#values.length);
    for (const code of codes.each) table[code] = 1;
    return this.#predicates.inTable(this.#codes, table);
  }

  // Of many, those that are not among them.
  #joined(codes: Codes, bitmaps: readonly Bitset[]): Bitset {
    const chosen = new Set('each' in codes ? codes.each : bitmaps.flatMap((_, code) => (code >= codes.from && code < codes.end ? [code] : [])));
    const isMost = chosen.size * 2 > bitmaps.length;
    const rows = new Uint8Array(bitsetBytes(this.#codes.length));
    const words = new Uint32Array(rows.buffer);
    bitmaps.forEach((bitmap, code) => {
      if (chosen.has(code) === isMost) return;
      const other = new Uint32Array(bitmap.buffer);
      for (let at = 0; at < words.length; at++) words[at] = (words[at] as number) | (other[at] as number);
    });
    return isMost ? this.#predicates.not(rows, this.#codes.length) : rows;
  }
}

function isTexts(values: ArrayLike<CodedValue>): values is readonly string[] {
  return typeof values[0] === 'string';
}

function codesFor(distinct: number, rows: number): CodeColumn {
  if (distinct <= 0x100) return new Uint8Array(rows);
  return distinct <= 0x1_0000 ? new Uint16Array(rows) : new Int32Array(rows);
}

function bitmapsOf(codes: CodeColumn, distinct: number): readonly Bitset[] {
  const bitmaps = Array.from({ length: distinct }, () => new Uint8Array(bitsetBytes(codes.length)));
  for (let row = 0; row < codes.length; row++) setBit(bitmaps[codes[row] as number] as Bitset, row);
  return bitmaps;
}

function bitmapBytes(bitmaps: readonly Bitset[] | undefined): number {
  return bitmaps?.reduce((sum, bitmap) => sum + bitmap.length, 0) ?? 0;
}

/** Row numbers by code, ascending. */
class Lists {
  readonly #starts: Uint32Array;
  readonly #list: Uint32Array;

  constructor(starts: Uint32Array, list: Uint32Array) {
    this.#starts = starts;
    this.#list = list;
  }

  get bytes(): number {
    return this.#starts.byteLength + this.#list.byteLength;
  }

  count(codes: Codes): number {
    return this.#runs(codes).reduce((sum, [from, end]) => sum + end - from, 0);
  }

  rows(codes: Codes, rows: number): Bitset {
    const bits = new Uint8Array(bitsetBytes(rows));
    for (const [from, end] of this.#runs(codes)) addRows(bits, this.#list, from, end);
    return bits;
  }

  #runs(codes: Codes): readonly (readonly [from: number, end: number])[] {
    const start = (code: number): number => this.#starts[code] as number;
    return 'from' in codes ? [[start(codes.from), start(codes.end)]] : codes.each.map((code) => [start(code), start(code + 1)]);
  }
}

function listBytes(lists: Lists | undefined): number {
  return lists?.bytes ?? 0;
}

function listsOf(codes: CodeColumn, distinct: number): Lists {
  const starts = new Uint32Array(distinct + 1);
  for (let row = 0; row < codes.length; row++) starts[(codes[row] as number) + 1] = (starts[(codes[row] as number) + 1] as number) + 1;
  for (let code = 0; code < distinct; code++) starts[code + 1] = (starts[code + 1] as number) + (starts[code] as number);
  const next = starts.slice();
  const list = new Uint32Array(codes.length);
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row] as number;
    const to = next[code] as number;
    list[to] = row;
    next[code] = to + 1;
  }
  return new Lists(starts, list);
}
