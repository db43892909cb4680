// Evaluate: a checked filter over columns, to the rows for which it is true. Logic is three-valued: a comparison with
// null, or with a JSON value that a row lacks, or has of another kind, is unknown there; `not` keeps it unknown.

import { bitsetOf, hasBit, type Bitset } from '../model/bitset.js';
import type { Columns } from '../model/columns.js';
import type { Predicates } from '../ports/core.js';
import type { CheckedFilter, Constant, JsonValue, Value } from './checked.js';
import { typeOf } from './check/value-type.js';
import { numericColumn, textColumn } from './column.js';
import type { EvaluationContext } from './context.js';
import { arrayColumn, rowsContaining } from './evaluate/arrays.js';
import { compareSeries, equalLists, HOLDS } from './evaluate/compare.js';
import type { Evaluation } from './evaluate/context.js';
import { byCost, flipped, isEmpty, rowsLeft } from './evaluate/demand.js';
import { ask, askJson, containsQuestion, questionOf } from './evaluate/indexes.js';
import { jsonColumns, jsonKey, type Found, type FoundList } from './evaluate/json.js';
import { keyHashes } from './evaluate/sample.js';
import { valueAt } from './evaluate/series.js';
import { seriesOf } from './evaluate/series-of.js';
import { phraseMatchTruth, textMatchTruth, textTruth } from './evaluate/texts.js';
import { join, negate, rowsWhere, truthWhere, whereKnown, type Truth } from './evaluate/truth.js';
import { likeTest } from './like.js';
import { regexTest } from './regex/matcher.js';
import { canonical, scalarKind, type Scalar } from './scalar.js';
import { compareText } from '../model/text-order.js';

/**
 * The rows that match. `filter` was checked against the Schema of `columns`, which have all that `fieldsOf` names.
 * Errors: `Corrupt` (JSON), `Unsupported` (a text match without an analyzer).
 */
export function evaluateFilter(filter: CheckedFilter, columns: Columns, predicates: Predicates, context: EvaluationContext = {}): Bitset {
  return truthOf(filter, { ...context, columns, predicates, rows: columns.rows, json: jsonColumns(filter, columns), side: 'yes', among: undefined }).yes;
}

function truthOf(filter: CheckedFilter, evaluation: Evaluation): Truth {
  const { rows, columns } = evaluation;
  switch (filter.kind) {
    case 'constant':
      return whereKnown(bitsetOf(rows, filter.value), filter.field === undefined ? undefined : columns.byName.get(filter.field)?.valid, evaluation);
    case 'compare':
    case 'range':
    case 'inSet':
    case 'text':
    case 'textInSet':
      return columnTruth(filter, evaluation);
    case 'compareValues':
      return valuesTruth(filter, evaluation);
    case 'valueInSet':
      return setTruth(filter, evaluation);
    case 'like':
      return textTruth(filter.operand, likeTest(filter.pattern), { kind: 'like', pattern: filter.pattern }, evaluation);
    case 'regex':
      return textTruth(filter.operand, regexTest(filter.program), undefined, evaluation);
    case 'isNull':
      return { yes: nullRows(filter.operand, evaluation), no: undefined };
    case 'exists':
      return existsTruth(filter.operand, evaluation);
    case 'contains':
      return containsTruth(filter, evaluation);
    case 'textMatch':
      return textMatchTruth(filter, evaluation);
    case 'phraseMatch':
      return phraseMatchTruth(filter, evaluation);
    case 'sample': {
      const hashes = keyHashes(columns, filter.field, filter.seed);
      return { yes: rowsWhere(rows, undefined, (row) => (hashes[row] as number) < filter.threshold), no: undefined };
    }
    case 'not':
      return negate(truthOf(filter.operand, { ...evaluation, side: flipped(evaluation) }), evaluation);
    case 'and':
    case 'or':
      return joined(filter, evaluation);
  }
}

type Kind<K extends CheckedFilter['kind']> = Extract<CheckedFilter, { readonly kind: K }>;

/** One after the other, as there may be thousands, each where those before have left something open. */
function joined({ kind, operands }: Kind<'and' | 'or'>, evaluation: Evaluation): Truth {
  let truth: Truth | undefined;
  for (const { operand, isCheap } of byCost(operands, evaluation)) {
    if (truth !== undefined && kind === 'and' && evaluation.side === 'yes' && isEmpty(truth.yes)) break;
    const among = truth === undefined || isCheap ? evaluation.among : rowsLeft(kind, truth, evaluation);
    if (among !== undefined && isEmpty(among)) break;
    const next = truthOf(operand, { ...evaluation, among });
    truth = truth === undefined ? next : join(kind, truth, next, evaluation);
  }
  return truth ?? { yes: bitsetOf(evaluation.rows, kind === 'and'), no: undefined };
}

function columnTruth(leaf: Kind<'compare' | 'range' | 'inSet' | 'text' | 'textInSet'>, evaluation: Evaluation): Truth {
  const answer = ask(leaf.field, [], questionOf(leaf), evaluation);
  const yes = answer === undefined || answer.exact === false ? scanned(leaf, evaluation) : answer.rows;
  return whereKnown(yes, evaluation.columns.byName.get(leaf.field)?.valid, evaluation);
}

function scanned(leaf: Kind<'compare' | 'range' | 'inSet' | 'text' | 'textInSet'>, { columns, predicates, rows, among }: Evaluation): Bitset {
  switch (leaf.kind) {
    case 'compare':
      return predicates.compare(numericColumn(columns, leaf.field), leaf.op, leaf.value);
    case 'range':
      return predicates.range(numericColumn(columns, leaf.field), leaf.low.value, leaf.high.value, leaf.low.exclusive, leaf.high.exclusive);
    case 'inSet':
      return predicates.inSet(numericColumn(columns, leaf.field), leaf.values);
    case 'text': {
      const texts = textColumn(columns, leaf.field);
      const { op, value } = leaf;
      if (op === 'eq') return rowsWhere(rows, among, (row) => texts[row] === value);
      if (op === 'ne') return rowsWhere(rows, among, (row) => texts[row] !== value);
      const holds = HOLDS[op];
      return rowsWhere(rows, among, (row) => holds(compareText(texts[row] as string, value)));
    }
    case 'textInSet': {
      const texts = textColumn(columns, leaf.field);
      return rowsWhere(rows, among, (row) => leaf.values.has(texts[row] as string));
    }
  }
}

function valuesTruth({ op, left, right }: Kind<'compareValues'>, evaluation: Evaluation): Truth {
  const constant = right.kind === 'constant' && typeof right.value !== 'object' ? right.value : undefined;
  const answered = constant === undefined ? undefined : askJson(left, () => ({ kind: 'compare', op, value: constant }), evaluation);
  return answered ?? compareSeries(op, seriesOf(left, evaluation), seriesOf(right, evaluation), evaluation);
}

/** Of JSON unknown where the row's value is of a kind that no value of the set has. */
function setTruth({ operand, values }: Kind<'valueInSet'>, evaluation: Evaluation): Truth {
  const answered = askJson(operand, () => ({ kind: 'inSet', values: [...values] }), evaluation);
  if (answered !== undefined) return answered;
  const kinds = typeOf(operand) === 'dynamic' ? new Set(Array.from(values, scalarKind)) : undefined;
  const series = seriesOf(operand, evaluation);
  return truthWhere(evaluation.rows, evaluation.among, (row) => {
    const found = valueAt(series, row);
    if (!isScalar(found) || (kinds !== undefined && !kinds.has(scalarKind(found)))) return undefined;
    return values.has(canonical(found));
  });
}

function isScalar(found: Found | undefined): found is Scalar {
  return found !== undefined && typeof found !== 'object' && typeof found !== 'symbol';
}

function nullRows(operand: Value, evaluation: Evaluation): Bitset {
  const { columns, rows } = evaluation;
  if (operand.kind === 'column' || operand.kind === 'array') {
    const valid = columns.byName.get(operand.field)?.valid;
    return rowsWhere(rows, undefined, (row) => valid !== undefined && !hasBit(valid, row));
  }
  const series = seriesOf(operand, evaluation);
  return rowsWhere(rows, undefined, (row) => valueAt(series, row) === undefined);
}

function existsTruth(operand: JsonValue, evaluation: Evaluation): Truth {
  const values = evaluation.json.get(jsonKey(operand), evaluation.among);
  return whereKnown(rowsWhere(evaluation.rows, undefined, (row) => values[row] !== undefined), evaluation.columns.byName.get(operand.field)?.valid, evaluation);
}

function containsTruth(filter: Kind<'contains'>, evaluation: Evaluation): Truth {
  const { operand, mode, values } = filter;
  const { columns, rows, predicates } = evaluation;
  if (operand.kind === 'array') {
    const column = arrayColumn(columns, operand.field);
    const answer = ask(operand.field, [], containsQuestion(filter), evaluation);
    const yes = answer === undefined || answer.exact === false ? rowsContaining(column, mode, values, rows, predicates) : answer.rows;
    return whereKnown(yes, column.valid, evaluation);
  }
  const found = evaluation.json.get(jsonKey(operand), evaluation.among);
  return truthWhere(rows, evaluation.among, (row) => {
    const list = found[row];
    if (!Array.isArray(list)) return undefined;
    const has = (value: Constant): boolean => contains(list as FoundList, value);
    return mode === 'all' ? values.every(has) : values.some(has);
  });
}

function contains(list: FoundList, value: Constant): boolean {
  return typeof value === 'object' ? list.some((found) => Array.isArray(found) && equalLists(found as FoundList, value as FoundList)) : list.includes(value);
}
