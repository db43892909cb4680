// The differential test: random schemas, rows and filters. Each filter is given as text or as an object to the product,
// which reads no columns but those that it has named, and half of the time has scalar indexes; its rows are held against those that the evaluator over plain
// objects finds. A difference is told with its seed.

import { hasBit } from '../../../src/model/bitset.js';
import type { FilterInput, FilterParams } from '../../../src/model/filter-object.js';
import type { Predicates } from '../../../src/ports/core.js';
import { compileFilter } from '../../../src/query/check.js';
import type { ColumnIndexes } from '../../../src/query/column-indexes.js';
import { evaluateFilter } from '../../../src/query/evaluate.js';
import { fieldsOf } from '../../../src/query/fields.js';
import { random, randomInteger } from '../../support/random.js';
import { drawData, type Data } from './data.js';
import { drawExpr } from './generate.js';
import { drawIndexes } from './indexes.js';
import { meaning } from './meaning.js';
import { printObject } from './object.js';
import { print } from './print.js';
import { termsOf } from './text.js';
import type { Expr } from './tree.js';

export interface Outcome {
  readonly expressions: number;
  readonly differences: readonly string[];
}

const EXPRESSIONS_PER_DATA = 40;
const DIFFERENCES_MAX = 20;

export function compareFilters(count: number, seed: number, predicates: Predicates, onProgress: (done: number) => void = () => {}): Outcome {
  const next = random(seed);
  const differences: string[] = [];
  let data = drawData(next);
  let indexes: ColumnIndexes | undefined;
  let expressions = 0;
  for (; expressions < count && differences.length < DIFFERENCES_MAX; expressions++) {
    if (expressions % EXPRESSIONS_PER_DATA === 0) {
      data = drawData(next);
      indexes = next() < 0.5 ? drawIndexes(next, data.columns, predicates) : undefined;
    }
    const expr = drawExpr(next, data, randomInteger(next, 4));
    const difference = differenceOf(expr, data, next, predicates, indexes);
    if (difference !== undefined) differences.push(`seed ${seed}, expression ${expressions}${indexes === undefined ? '' : ', with indexes'}: ${difference}`);
    if (expressions % 1000 === 0) onProgress(expressions);
  }
  return { expressions, differences };
}

function differenceOf(expr: Expr, data: Data, next: () => number, predicates: Predicates, indexes: ColumnIndexes | undefined): string | undefined {
  const names = new Set(data.fields.map(({ name }) => name));
  const isObject = next() < 0.25;
  const { filter, params } = isObject ? asObject(expr, next, names) : asText(expr, next, names);
  const shown = `${isObject ? shownJson(filter) : String(filter)} with ${shownJson(params)}`;
  try {
    const found = matching(filter, params, data, predicates, indexes);
    const row = data.rows.findIndex((plain, at) => found[at] !== (meaning(expr, plain) === true));
    if (row < 0) return undefined;
    return `row ${row} ${found[row] ? 'matches' : 'does not match'}: ${shown}\n  row: ${shownJson(data.rows[row])}\n  fields: ${shownJson(data.fields.map(({ name, type, elementType }) => `${name} ${type} ${elementType ?? ''}`))}`;
  } catch (error) {
    return `${String(error)}: ${shown}`;
  }
}

function asText(expr: Expr, next: () => number, names: ReadonlySet<string>): { readonly filter: FilterInput; readonly params: FilterParams } {
  const { text, params } = print(expr, next, names);
  return { filter: text, params };
}

function asObject(expr: Expr, next: () => number, names: ReadonlySet<string>): { readonly filter: FilterInput; readonly params: FilterParams } {
  const { object, params } = printObject(expr, next, names);
  return { filter: object, params };
}

function matching(filter: FilterInput, params: FilterParams, { schema, columns }: Data, predicates: Predicates, indexes: ColumnIndexes | undefined): readonly boolean[] {
  const checked = compileFilter(filter, schema, params);
  const named = fieldsOf(checked);
  const read = { rows: columns.rows, byName: new Map([...columns.byName].filter(([name]) => named.has(name))) };
  const bits = evaluateFilter(checked, read, predicates, { analyze: (_, text) => termsOf(text), indexes });
  return Array.from({ length: columns.rows }, (_, row) => hasBit(bits, row));
}

function shownJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => (typeof member === 'bigint' ? `${member}n` : typeof member === 'number' && !Number.isFinite(member) ? String(member) : member));
}
