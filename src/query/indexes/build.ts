// Building a scalar index: which structure a column gets, by what was asked for and by what is in it.

import type { Column } from '../../model/columns.js';
import type { IndexDefinition } from '../../model/index-definition.js';
import type { IndexTypeName } from '../../model/index-type.js';
import type { NumericColumn, Predicates } from '../../ports/core.js';
import type { ColumnIndex, IndexedPart } from '../column-indexes.js';
import type { FoundColumn } from '../evaluate/json.js';
import { BITMAPS_MAX, CodedIndex, type CodedColumn, type CodedForm } from './coded-index.js';
import { JsonIndex } from './json-index.js';
import { NgramIndex } from './ngram-index.js';
import { SortedIndex } from './sorted-index.js';
import { TextIndex } from './text-index.js';

/** What an index is: codes of values, with bitmaps or lists of rows by value; rows in order; signatures of runs; typed values of a path; terms of texts. */
export type ScalarForm = CodedForm | 'sorted' | 'ngram' | 'json' | 'text';

export interface ScalarIndex extends ColumnIndex {
  readonly form: ScalarForm;
  /** What it holds. */
  readonly bytes: number;
}

/** Columns with more distinct texts than this share of the rows, or this number, get no codes unless they are asked for. */
const DISTINCT_SHARE = 1 / 4;
const DISTINCT_MAX = 65_536;
const GRAM_PRESET = 2;

/**
 * The index of one column; undefined if it is of no use. A VarChar gets codes also if no index was asked for, and it has few
 * distinct texts. A step takes a few milliseconds.
 */
export function* buildScalarIndex(column: Column, definition: IndexDefinition | undefined, predicates: Predicates): Generator<void, ScalarIndex | undefined> {
  const type = definition?.indexType;
  if (column.type === 'VarChar') return yield* textIndex(column.values, type, definition, predicates);
  if (type === undefined || !isNumber(column)) return undefined;
  const values = column.values as NumericColumn;
  // Codes are of values that are equal to themselves: floats may be NaN where a copy came from elsewhere.
  if (column.type === 'Bool' || (type === 'BITMAP' && !isFloat(column))) {
    const few = yield* CodedIndex.ofFew(values as CodedColumn, 'bitmaps', BITMAPS_MAX, predicates);
    if (few !== undefined) return few;
  }
  return yield* SortedIndex.build(values);
}

/** Of what lies at one path of a JSON column. */
export function buildJsonIndex(values: FoundColumn, predicates: Predicates): Generator<void, ScalarIndex> {
  return JsonIndex.build(values, distinctMax(values.length), predicates);
}

/** What building takes in memory beside the column, about. */
export function buildingBytes(column: Column, rows: number, over: IndexedPart): number {
  if (over === 'terms') return TextIndex.bytesFor(column.values as readonly string[]);
  if (column.type === 'JSON') return JsonIndex.bytesFor(rows);
  return isNumber(column) ? SortedIndex.bytesFor(column.values as NumericColumn) : CodedIndex.bytesFor(rows);
}

function* textIndex(texts: readonly string[], type: IndexTypeName | undefined, definition: IndexDefinition | undefined, predicates: Predicates): Generator<void, ScalarIndex | undefined> {
  const few = yield* CodedIndex.ofFew(texts, formOf(type), distinctMax(texts.length), predicates);
  if (few !== undefined || type === undefined || type === 'AUTOINDEX') return few;
  if (type === 'NGRAM') return yield* NgramIndex.build(texts, gramOf(definition));
  return yield* CodedIndex.ofMany(texts, 'lists', predicates);
}

function formOf(type: IndexTypeName | undefined): CodedForm {
  if (type === 'BITMAP') return 'bitmaps';
  return type === undefined || type === 'NGRAM' ? 'codes' : 'lists';
}

function gramOf(definition: IndexDefinition | undefined): number {
  return Number(definition?.params['min_gram'] ?? GRAM_PRESET);
}

function distinctMax(rows: number): number {
  return Math.max(BITMAPS_MAX, Math.min(DISTINCT_MAX, Math.floor(rows * DISTINCT_SHARE)));
}

function isFloat({ type }: Column): boolean {
  return type === 'Float' || type === 'Double';
}

function isNumber({ type }: Column): boolean {
  return type === 'Bool' || type === 'Int8' || type === 'Int16' || type === 'Int32' || type === 'Int64' || type === 'Float' || type === 'Double' || type === 'Timestamptz';
}
