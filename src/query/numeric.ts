// Numeric comparisons fitted to a column's type, so that a kernel can run them and the answer is still exact.
// Integer columns: mathematically exact for any literal. Float and Double columns: the literal is first rounded
// to the column's type, as an inserted value is (and as Milvus does), so that `f == 0.1` finds an inserted 0.1.

import type { DataType } from '../model/field.js';
import type { CompareOp } from '../ports/core.js';

export type NumericType = Extract<DataType, 'Int8' | 'Int16' | 'Int32' | 'Int64' | 'Float' | 'Double'>;

/** A comparison that the column's type can hold, or the answer that it has for every row. */
export type Fitted = { readonly op: CompareOp; readonly value: number | bigint } | boolean;

const INT_BITS = { Int8: 8, Int16: 16, Int32: 32, Int64: 64 } as const;
const FLOAT_MAX = { Float: 3.4028234663852886e38, Double: Number.MAX_VALUE } as const;

export function fitComparison(type: NumericType, op: CompareOp, literal: number | bigint): Fitted {
  return type === 'Float' || type === 'Double' ? fitFloat(type, op, Number(literal)) : fitInt(type, op, literal);
}

/** Those of `literals` that a row of the type can equal, as the column holds them. */
export function fitSet(type: NumericType, literals: readonly (number | bigint)[]): readonly (number | bigint)[] {
  return literals.flatMap((literal) => {
    const fitted = fitComparison(type, 'eq', literal);
    return typeof fitted === 'boolean' ? [] : [fitted.value];
  });
}

function fitInt(type: keyof typeof INT_BITS, op: CompareOp, literal: number | bigint): Fitted {
  if (typeof literal === 'number' && !Number.isInteger(literal)) {
    if (op === 'eq' || op === 'ne') return op === 'ne';
    const below = op === 'lt' || op === 'le';
    return fitInt(type, below ? 'le' : 'ge', BigInt(below ? Math.floor(literal) : Math.ceil(literal)));
  }
  const value = BigInt(literal);
  const low = -(1n << BigInt(INT_BITS[type] - 1));
  if (value < low) return op === 'ne' || op === 'gt' || op === 'ge';
  if (value > -low - 1n) return op === 'ne' || op === 'lt' || op === 'le';
  return { op, value: type === 'Int64' ? value : Number(value) };
}

/** A literal beyond the largest finite value lies between it and infinity. */
function fitFloat(type: keyof typeof FLOAT_MAX, op: CompareOp, literal: number): Fitted {
  const value = type === 'Float' ? Math.fround(literal) : literal;
  if (Number.isFinite(value)) return { op, value };
  if (op === 'eq' || op === 'ne') return op === 'ne';
  const below = op === 'lt' || op === 'le';
  if (value > 0) return { op: below ? 'le' : 'gt', value: FLOAT_MAX[type] };
  return { op: below ? 'lt' : 'ge', value: -FLOAT_MAX[type] };
}
