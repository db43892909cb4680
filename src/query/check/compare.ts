// Check of comparisons. Between a column and a literal the literal is fitted to the column's type, so that a kernel can
// run it and the answer is still exact; whatever else is compared value by value.

import type { Comparison, Operand } from '../../model/filter.js';
import type { CompareOp } from '../../ports/core.js';
import type { CheckedFilter, Constant, Value } from '../checked.js';
import { invalid } from '../invalid.js';
import { fitComparison, type NumericType } from '../numeric.js';
import { canonical, compareScalars } from '../scalar.js';
import { fitList } from './fit.js';
import type { Scope } from './scope.js';
import { checkValue, momentOf } from './value.js';
import { described, isNumber, shown, typeOf, wanted, type ValueType } from './value-type.js';

const OPS: Readonly<Record<Comparison, CompareOp>> = { '==': 'eq', '!=': 'ne', '<': 'lt', '<=': 'le', '>': 'gt', '>=': 'ge' };
const FLIPPED: Readonly<Record<CompareOp, CompareOp>> = { eq: 'eq', ne: 'ne', lt: 'gt', le: 'ge', gt: 'lt', ge: 'le' };

/** An operand as it was written, with what it became. */
export interface Side {
  readonly operand: Operand;
  readonly value: Value;
}

/** Errors: `InvalidFilter` with the position. */
export function checkCompare(comparison: Comparison, left: Operand, right: Operand, scope: Scope): CheckedFilter {
  const op = OPS[comparison];
  const a: Side = { operand: left, value: checkValue(left, scope) };
  const b: Side = { operand: right, value: checkValue(right, scope) };
  if (isFixed(b.value)) return isFixed(a.value) ? compareFixed(op, a, b) : compareWith(op, a, b.value, scope);
  return isFixed(a.value) ? compareWith(FLIPPED[op], b, a.value, scope) : compareTwo(op, a, b);
}

type Fixed = Extract<Value, { readonly kind: 'constant' | 'moment' }>;

function isFixed(value: Value): value is Fixed {
  return value.kind === 'constant' || value.kind === 'moment';
}

/** `side` by itself: a Bool, or JSON that may be one. */
export function checkTruth(operand: Operand, scope: Scope): CheckedFilter {
  const value = checkValue(operand, scope);
  if (value.kind === 'constant' && typeof value.value === 'boolean') return { kind: 'constant', value: value.value };
  const type = typeOf(value);
  if (value.kind === 'constant' || (type !== 'bool' && type !== 'dynamic')) throw invalid(operand.position, `${described(operand, value)}: expected a comparison, only a Bool field stands by itself`);
  return compareWith('eq', { operand, value }, { kind: 'constant', value: true }, scope);
}

function compareFixed(op: CompareOp, left: Side, right: Side): CheckedFilter {
  const [a, b] = [left.value, right.value].map((value) => (value.kind === 'moment' ? value.micros : (value as Extract<Fixed, { kind: 'constant' }>).value)) as [Constant, Constant];
  const [one, other] = [typeOf(left.value), typeOf(right.value)];
  if (typeof a === 'object' || typeof b === 'object' || (one !== other && !(isNumber(one) && isNumber(other)))) throw invalid(left.operand.position, `expected two literals that can be compared, found ${shown(a)} and ${shown(b)}`);
  requireOrdered(op, one, left);
  const order = compareScalars(canonical(a), canonical(b));
  return { kind: 'constant', value: { eq: order === 0, ne: order !== 0, lt: order < 0, le: order <= 0, gt: order > 0, ge: order >= 0 }[op] };
}

/** Booleans and lists are equal or not, and nothing else. */
function requireOrdered(op: CompareOp, type: ValueType, { operand, value }: Side, beside = ''): void {
  if (op === 'eq' || op === 'ne' || (type !== 'bool' && type !== 'list')) return;
  throw invalid(operand.position, `${described(operand, value)}: expected == or !=${beside}, found an order`);
}

function compareWith(op: CompareOp, side: Side, fixed: Fixed, scope: Scope): CheckedFilter {
  const { value } = side;
  const type = typeOf(value);
  const constant = fixed.kind === 'moment' ? fixed : timeOf(fixed, type, side);
  if (constant.kind === 'moment') {
    if (type !== 'time') throw invalid(side.operand.position, `${described(side.operand, value)}: expected ${wanted(type)}, found a moment`);
    return value.kind === 'column' ? { kind: 'compare', field: value.field, op, value: constant.micros } : { kind: 'compareValues', op, left: value, right: constant };
  }
  requireFits(side, type, constant.value);
  requireOrdered(op, typeOf(constant), side, typeof constant.value === 'boolean' ? ` with ${String(constant.value)}` : '');
  if (value.kind === 'column') return compareColumn(op, value, constant.value, scope);
  if (value.kind === 'array') return { kind: 'compareValues', op, left: value, right: { kind: 'constant', value: fitList(value.elementType, constant.value as readonly Constant[], side) } };
  return { kind: 'compareValues', ...fittedValue(op, value, type, constant.value) };
}

/** A text beside a Timestamptz is a moment. */
function timeOf(fixed: Extract<Fixed, { kind: 'constant' }>, type: ValueType, { operand, value }: Side): Fixed {
  if (type !== 'time') return fixed;
  if (typeof fixed.value !== 'string') throw invalid(operand.position, `${described(operand, value)}: expected ${wanted(type)}, found ${shown(fixed.value)}`);
  return { kind: 'moment', micros: momentOf(fixed.value, operand) };
}

/** Errors: `InvalidFilter` unless a value of that type can be compared with the constant. */
export function requireFits({ operand, value }: Side, type: ValueType, constant: Constant): void {
  const found = typeOf({ kind: 'constant', value: constant });
  const fits = type === 'dynamic' || type === found || (isNumber(type) && isNumber(found));
  if (type === 'geometry') throw invalid(operand.position, `${described(operand, value)}: expected a scalar field, Geometry is only null or not`);
  if (!fits) throw invalid(operand.position, `${described(operand, value)}: expected ${wanted(type)}, found ${shown(constant)}`);
}

function compareColumn(op: CompareOp, { field, type }: Extract<Value, { kind: 'column' }>, constant: Constant, { schema }: Scope): CheckedFilter {
  if (typeof constant === 'string') return { kind: 'text', field, op, value: constant };
  if (typeof constant === 'boolean') return { kind: 'compare', field, op, value: Number(constant) };
  const fitted = fitComparison(type as NumericType, op, constant as number | bigint);
  if (typeof fitted !== 'boolean') return { kind: 'compare', field, ...fitted };
  const nullable = schema.fields.find(({ name }) => name === field)?.nullable === true;
  return { kind: 'constant', value: fitted, ...(nullable ? { field } : {}) };
}

/** With a literal of the value's own type; NaN where none of that type is equal. */
function fittedValue(op: CompareOp, left: Value, type: ValueType, constant: Constant): { readonly op: CompareOp; readonly left: Value; readonly right: Value } {
  if (typeof constant !== 'bigint' && typeof constant !== 'number') return { op, left, right: { kind: 'constant', value: constant } };
  if (type === 'dynamic') return { op, left, right: { kind: 'constant', value: canonical(constant) } };
  const fitted = fitComparison(type === 'int' ? 'Int64' : type === 'single' ? 'Float' : 'Double', op, constant);
  if (typeof fitted !== 'boolean') return { op: fitted.op, left, right: { kind: 'constant', value: fitted.value } };
  return { op: fitted ? 'ne' : 'eq', left, right: { kind: 'constant', value: Number.NaN } };
}

function compareTwo(op: CompareOp, left: Side, right: Side): CheckedFilter {
  const [a, b] = [typeOf(left.value), typeOf(right.value)];
  const comparable = a !== 'geometry' && b !== 'geometry' && (a === b || (isNumber(a) && isNumber(b)) || ((a === 'dynamic' || b === 'dynamic') && a !== 'time' && b !== 'time'));
  if (!comparable) throw invalid(left.operand.position, `expected two values that can be compared, found that ${described(left.operand, left.value)} and ${described(right.operand, right.value)}`);
  for (const [type, side] of [[a, left], [b, right]] as const) requireOrdered(op, type, side);
  return { kind: 'compareValues', op, left: left.value, right: right.value };
}
