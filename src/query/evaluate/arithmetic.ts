// Arithmetic over series: in doubles where that is exact or what the type says, else in 64 bits, else row by row.

import type { Bitset } from '../../model/bitset.js';
import type { Value } from '../checked.js';
import { computeDouble, computeLong } from '../numbers.js';
import { isSmall } from './bounds.js';
import type { Evaluation } from './context.js';
import { numberAt, type Series } from './series.js';
import { bothKnown, rowsWhere } from './truth.js';

type Arithmetic = Extract<Value, { readonly kind: 'arithmetic' }>;
type Unary = Extract<Value, { readonly kind: 'unary' }>;

export function arithmeticSeries(value: Arithmetic, left: Series, right: Series, evaluation: Evaluation): Series {
  const { op, type } = value;
  if (type === 'dynamic') return dynamicSeries(value, left, right, evaluation.rows);
  const known = bothKnown(knownOf(left), knownOf(right), evaluation);
  if (type === 'int') return isSmall(value) ? smallSeries(op, left, right, known, evaluation) : longSeries(op, left, right, known, evaluation);
  const [a, b] = [doublesOf(left, evaluation.rows), doublesOf(right, evaluation.rows)];
  const values = type === 'single' ? new Float32Array(evaluation.rows) : new Float64Array(evaluation.rows);
  for (let row = 0; row < values.length; row++) values[row] = computeDouble(op, a[row] as number, b[row] as number);
  return { kind: 'doubles', values, holds: 'float', known };
}

export function unarySeries(value: Unary, operand: Series, { rows }: Evaluation): Series {
  const { op, type } = value;
  if (type === 'dynamic') return { kind: 'mixed', values: Array.from({ length: rows }, (_, row) => unaryOf(op, numberAt(operand, row, isJson(value.operand)))) };
  const known = knownOf(operand);
  if (type !== 'int' || isSmall(value)) {
    const numbers = doublesOf(operand, rows);
    return { kind: 'doubles', values: numbers.map(op === '~' ? (x) => ~x : type === 'int' ? (x) => 0 - x : (x) => -x), holds: type === 'int' ? 'whole' : 'float', known };
  }
  return { kind: 'longs', values: longsOf(operand, rows).map((x) => BigInt.asIntN(64, op === '-' ? -x : ~x)), known };
}

function unaryOf(op: Unary['op'], x: number | bigint | undefined): number | bigint | undefined {
  if (op === '~') return typeof x === 'bigint' ? ~x : undefined;
  if (op === '+') return x;
  return typeof x === 'bigint' ? BigInt.asIntN(64, -x) : x === undefined ? undefined : -x;
}

function smallSeries(op: Arithmetic['op'], left: Series, right: Series, known: Bitset | undefined, evaluation: Evaluation): Series {
  const [a, b] = [doublesOf(left, evaluation.rows), doublesOf(right, evaluation.rows)];
  const values = new Float64Array(evaluation.rows);
  const compute = SMALL[op];
  for (let row = 0; row < values.length; row++) values[row] = compute(a[row] as number, b[row] as number);
  const divisors = op === '/' || op === '%' ? rowsWhere(evaluation.rows, undefined, (row) => b[row] !== 0) : undefined;
  return { kind: 'doubles', values, holds: 'whole', known: bothKnown(known, divisors, evaluation) };
}

/** On whole numbers that both operands and the answer are exact in, and none is -0; where there is no answer it is some whole number. */
const SMALL: Readonly<Record<Arithmetic['op'], (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b + 0,
  '/': (a, b) => (b === 0 ? 0 : Math.trunc(a / b) + 0),
  '%': (a, b) => (b === 0 ? 0 : (a % b) + 0),
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
  '<<': () => Number.NaN,
  '>>': () => Number.NaN,
  '**': () => Number.NaN,
};

function longSeries(op: Arithmetic['op'], left: Series, right: Series, known: Bitset | undefined, evaluation: Evaluation): Series {
  const { rows } = evaluation;
  const [a, b] = [longsOf(left, rows), longsOf(right, rows)];
  const values = new BigInt64Array(rows);
  const answered = rowsWhere(rows, known, (row) => {
    const value = computeLong(op, a[row] as bigint, b[row] as bigint);
    if (typeof value === 'bigint') values[row] = value;
    return value !== undefined;
  });
  return { kind: 'longs', values, known: answered };
}

/** Each row by what it has: whole numbers as 64 bits, floats as floats; what is no number has no answer. */
function dynamicSeries(value: Arithmetic, left: Series, right: Series, rows: number): Series {
  const { op } = value;
  const [leftJson, rightJson] = [isJson(value.left), isJson(value.right)];
  const compute = (row: number): number | bigint | undefined => {
    const a = numberAt(left, row, leftJson);
    const b = numberAt(right, row, rightJson);
    if (a === undefined || b === undefined) return undefined;
    if (typeof a === 'bigint' && typeof b === 'bigint') return computeLong(op, a, b);
    return isWholeOp(op) ? undefined : computeDouble(op, Number(a), Number(b));
  };
  return { kind: 'mixed', values: Array.from({ length: rows }, (_, row) => compute(row)) };
}

function isWholeOp(op: Arithmetic['op']): boolean {
  return op === '%' || op === '&' || op === '|' || op === '^' || op === '<<' || op === '>>';
}

/** What JSON holds has no type but that of its value. */
function isJson({ kind }: Value): boolean {
  return kind === 'json' || kind === 'length';
}

function knownOf(series: Series): Bitset | undefined {
  return series.kind === 'doubles' || series.kind === 'longs' ? series.known : undefined;
}

function doublesOf(series: Series, rows: number): Float64Array {
  if (series.kind === 'constant') return new Float64Array(rows).fill(Number(series.value));
  if (series.kind === 'doubles') return series.values instanceof Float64Array ? series.values : new Float64Array(series.values);
  return Float64Array.from({ length: rows }, (_, row) => Number(series.values[row]));
}

function longsOf(series: Series, rows: number): BigInt64Array {
  if (series.kind === 'constant') return new BigInt64Array(rows).fill(series.value as bigint);
  if (series.kind === 'longs') return series.values;
  return BigInt64Array.from({ length: rows }, (_, row) => BigInt(series.values[row] as number));
}
