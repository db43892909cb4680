// Check of arithmetic. Whole numbers stay whole and wrap at 64 bits, as in Milvus; with a float the result is a float,
// of 32 bits as long as nothing but Float columns and literals takes part. What is JSON is as the row has it.

import type { Operand } from '../../model/filter.js';
import type { Constant, NumberKind, Value } from '../checked.js';
import { invalid } from '../invalid.js';
import { computeDouble, computeLong, isWholeOnly } from '../numbers.js';
import { described, isNumber, shown, typeOf } from './value-type.js';

type Arithmetic = Extract<Operand, { readonly kind: 'arithmetic' }>;
type Unary = Extract<Operand, { readonly kind: 'unary' }>;

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

export function arithmeticValue(operand: Arithmetic, left: Value, right: Value): Value {
  const { op } = operand;
  const leftType = numberOf(operand.left, left, op);
  const rightType = numberOf(operand.right, right, op);
  if (isWholeOnly(op)) {
    requireWhole(operand.left, leftType, op);
    requireWhole(operand.right, rightType, op);
  }
  checkRight(operand, right);
  if (left.kind === 'constant' && right.kind === 'constant') return folded(operand, left.value, right.value);
  return { kind: 'arithmetic', op, left, right, type: op === '**' && leftType !== 'dynamic' && rightType !== 'dynamic' ? 'double' : joined(left, leftType, right, rightType) };
}

export function unaryValue(operand: Unary, value: Value): Value {
  const { op } = operand;
  const type = numberOf(operand.operand, value, op);
  if (op === '~') requireWhole(operand.operand, type, op);
  // JSON that is no number becomes nothing, also under a +.
  if (op === '+' && type !== 'dynamic') return value;
  if (value.kind !== 'constant') return { kind: 'unary', op, operand: value, type };
  return { kind: 'constant', value: op === '~' ? ~(value.value as bigint) : -(value.value as bigint | number) };
}

function numberOf(operand: Operand, value: Value, op: string): NumberKind {
  const type = typeOf(value);
  if (!isNumber(type)) throw invalid(operand.position, `${value.kind === 'constant' ? shown(value.value) : described(operand, value)}: expected a number beside ${op}`);
  if (value.kind === 'constant' && typeof value.value === 'bigint' && (value.value < INT64_MIN || value.value > INT64_MAX)) throw invalid(operand.position, `expected a number of 64 bits beside ${op}, found ${String(value.value).slice(0, 40)}`);
  return type;
}

function requireWhole(operand: Operand, type: NumberKind, op: string): void {
  if (type === 'single' || type === 'double') throw invalid(operand.position, `expected whole numbers beside ${op}, found a float`);
}

/** What would be an error in every row is one of the filter. */
function checkRight({ op, right: { position } }: Arithmetic, right: Value): void {
  if (right.kind !== 'constant') return;
  if ((op === '/' || op === '%') && Number(right.value) === 0) throw invalid(position, `expected a divisor that is not 0, found ${String(right.value)}`);
  if ((op === '<<' || op === '>>') && ((right.value as bigint) < 0n || (right.value as bigint) > 63n)) throw invalid(position, `expected to shift by 0 to 63 bits, found ${String(right.value)}`);
}

function folded({ op, position }: Arithmetic, left: Constant, right: Constant): Value {
  if (op !== '**' && typeof left === 'bigint' && typeof right === 'bigint') return { kind: 'constant', value: computeLong(op, left, right) as bigint };
  const value = computeDouble(op, Number(left), Number(right));
  if (!Number.isFinite(value)) throw invalid(position, `expected a finite number, found ${value}`);
  return { kind: 'constant', value };
}

function joined(left: Value, leftType: NumberKind, right: Value, rightType: NumberKind): NumberKind {
  if (leftType === 'dynamic' || rightType === 'dynamic') return 'dynamic';
  if (leftType === 'int' && rightType === 'int') return 'int';
  const isSingle = (value: Value, type: NumberKind): boolean => value.kind === 'constant' || type === 'single';
  return isSingle(left, leftType) && isSingle(right, rightType) ? 'single' : 'double';
}
