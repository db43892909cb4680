// Evaluate: a checked filter over columns, to the rows for which it is true. Logic is three-valued: a comparison
// with null, or with a dynamic key that a row lacks, or has with another type, is unknown there; `not` keeps it unknown.

import { bitsetBytes, bitsetOf, setBit, type Bitset } from '../model/bitset.js';
import type { Columns } from '../model/columns.js';
import type { CompareOp, Predicates } from '../ports/core.js';
import type { CheckedFilter } from './check.js';
import { numericColumn, textColumn } from './column.js';
import type { IndexQuestion } from './column-indexes.js';
import type { EvaluationContext } from './context.js';
import { readDynamic, type ScalarColumn } from './dynamic.js';
import { compareScalars, scalarKind, type Scalar } from './scalar.js';
import { compareText } from '../model/text-order.js';

/** The rows for which a filter is true, and those for which it is false. */
interface Truth {
  readonly yes: Bitset;
  /** The complement of `yes`, where nothing is unknown, if undefined: it is made only when it is needed. */
  readonly no: Bitset | undefined;
}

interface Context extends EvaluationContext {
  readonly columns: Columns;
  readonly predicates: Predicates;
  readonly dynamic: ReadonlyMap<string, ScalarColumn>;
}

/** The rows that match. `filter` was checked against the Schema of `columns`. Errors: `Corrupt` (dynamic field). */
export function evaluateFilter(filter: CheckedFilter, columns: Columns, predicates: Predicates, context: EvaluationContext = {}): Bitset {
  return truthOf(filter, { ...context, columns, predicates, dynamic: readDynamic(filter, columns) }).yes;
}

function truthOf(filter: CheckedFilter, context: Context): Truth {
  const { rows } = context.columns;
  switch (filter.kind) {
    case 'constant':
      return known(bitsetOf(rows, filter.value), filter.field, context);
    case 'compare':
    case 'range':
    case 'inSet':
    case 'text':
    case 'textInSet':
      return known(byIndex(filter, context) ?? byColumn(filter, context), filter.field, context);
    case 'dynamic':
      return dynamicTruth(filter.op, filter.value, scalarsOf(context, filter.key));
    case 'dynamicInSet':
      return dynamicSetTruth(filter.values, scalarsOf(context, filter.key));
    case 'not':
      return negate(truthOf(filter.operand, context), context);
    case 'and':
    case 'or':
      return join(filter.kind, filter.operands, context);
  }
}

type Leaf = Extract<CheckedFilter, { readonly kind: 'compare' | 'range' | 'inSet' | 'text' | 'textInSet' }>;

/** What the column's index answers exactly, if it does. */
function byIndex(leaf: Leaf, { indexes }: Context): Bitset | undefined {
  const answer = indexes?.find(leaf.field, [])?.answer(questionOf(leaf));
  return answer?.exact === false ? undefined : answer?.rows;
}

function questionOf(leaf: Leaf): IndexQuestion {
  if (leaf.kind === 'text') return { kind: 'compare', op: leaf.op, value: leaf.value };
  return leaf.kind === 'textInSet' ? { kind: 'inSet', values: [...leaf.values] } : leaf;
}

function byColumn(leaf: Leaf, { columns, predicates }: Context): Bitset {
  switch (leaf.kind) {
    case 'compare':
      return predicates.compare(numericColumn(columns, leaf.field), leaf.op, leaf.value);
    case 'range':
      return predicates.range(numericColumn(columns, leaf.field), leaf.low.value, leaf.high.value, leaf.low.exclusive, leaf.high.exclusive);
    case 'inSet':
      return predicates.inSet(numericColumn(columns, leaf.field), leaf.values);
    case 'text':
      return textRows(textColumn(columns, leaf.field), leaf.op, leaf.value);
    case 'textInSet':
      return rowsWhere(textColumn(columns, leaf.field), (value) => leaf.values.has(value));
  }
}

function certain(yes: Bitset): Truth {
  return { yes, no: undefined };
}

/** `yes` where the field is not null, unknown where it is. */
function known(yes: Bitset, field: string | undefined, { columns, predicates }: Context): Truth {
  const valid = field === undefined ? undefined : columns.byName.get(field)?.valid;
  return valid === undefined ? certain(yes) : { yes: predicates.and(yes, valid), no: predicates.and(predicates.not(yes, columns.rows), valid) };
}

function negate(truth: Truth, context: Context): Truth {
  return { yes: falseRows(truth, context), no: truth.no === undefined ? undefined : truth.yes };
}

function falseRows({ yes, no }: Truth, { columns, predicates }: Context): Bitset {
  return no ?? predicates.not(yes, columns.rows);
}

/** True by `and`: true on both sides; false: false on either. By `or` the other way round. */
function join(kind: 'and' | 'or', operands: readonly CheckedFilter[], context: Context): Truth {
  const { predicates } = context;
  const dual = kind === 'and' ? 'or' : 'and';
  let truth: Truth | undefined;
  for (const operand of operands) {
    const next = truthOf(operand, context);
    if (truth === undefined) truth = next;
    else {
      const surely = truth.no === undefined && next.no === undefined;
      const no: Bitset | undefined = surely ? undefined : predicates[dual](falseRows(truth, context), falseRows(next, context));
      truth = { yes: predicates[kind](truth.yes, next.yes), no };
    }
  }
  return truth ?? certain(bitsetOf(context.columns.rows, kind === 'and'));
}

function scalarsOf(context: Context, key: string): ScalarColumn {
  return context.dynamic.get(key) ?? [];
}

function dynamicTruth(op: CompareOp, value: Scalar, scalars: ScalarColumn): Truth {
  const kind = scalarKind(value);
  const holds = TESTS[op];
  return knownTruth(scalars, (found) => scalarKind(found) === kind, (found) => holds(compareScalars(found, value)));
}

/** Unknown where the row's value is of a kind that no value of the set has. */
function dynamicSetTruth(values: ReadonlySet<Scalar>, scalars: ScalarColumn): Truth {
  const kinds = new Set(Array.from(values, scalarKind));
  return knownTruth(scalars, (found) => kinds.has(scalarKind(found)), (found) => values.has(found));
}

function knownTruth(scalars: ScalarColumn, comparable: (found: Scalar) => boolean, holds: (found: Scalar) => boolean): Truth {
  const yes = new Uint8Array(bitsetBytes(scalars.length));
  const no = new Uint8Array(bitsetBytes(scalars.length));
  for (let row = 0; row < scalars.length; row++) {
    const found = scalars[row];
    if (found !== undefined && comparable(found)) setBit(holds(found) ? yes : no, row);
  }
  return { yes, no };
}

/** What an order (negative, zero, positive) must be for the comparison to hold. */
const TESTS: Readonly<Record<CompareOp, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
};

function textRows(texts: readonly string[], op: CompareOp, value: string): Bitset {
  if (op === 'eq') return rowsWhere(texts, (text) => text === value);
  if (op === 'ne') return rowsWhere(texts, (text) => text !== value);
  const holds = TESTS[op];
  return rowsWhere(texts, (text) => holds(compareText(text, value)));
}

function rowsWhere(texts: readonly string[], holds: (text: string) => boolean): Bitset {
  const bits = new Uint8Array(bitsetBytes(texts.length));
  for (let row = 0; row < texts.length; row++) {
    if (holds(texts[row] as string)) setBit(bits, row);
  }
  return bits;
}
