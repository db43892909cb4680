// Series: the values of an operand in every row. Numbers whose type is known lie in typed arrays, which kernels take;
// everything else, and what is unknown in a row of its own, in a list.

import type { Bitset } from '../../model/bitset.js';
import { hasBit } from '../../model/bitset.js';
import type { Constant } from '../checked.js';
import type { Found, FoundColumn } from './json.js';
import { canonical } from '../scalar.js';

export type Series =
  /** The same in every row. */
  | { readonly kind: 'constant'; readonly value: Constant }
  /** Floats, whole numbers of at most 53 bits, or a Bool as 0 and 1. `known`: where there is a value; undefined for everywhere. */
  | { readonly kind: 'doubles'; readonly values: Float64Array | Float32Array; readonly holds: 'whole' | 'float' | 'bool'; readonly known: Bitset | undefined }
  /** Whole numbers, or moments. */
  | { readonly kind: 'longs'; readonly values: BigInt64Array; readonly known: Bitset | undefined }
  /** undefined: no value. Texts are of a type that is known; of `dynamic` each row has its own. */
  | { readonly kind: 'mixed'; readonly values: FoundColumn };

/** A row's value as it is compared with those of other kinds. */
export function valueAt(series: Series, row: number): Found | undefined {
  switch (series.kind) {
    case 'constant':
      return series.value as Found;
    case 'mixed':
      return series.values[row];
    case 'longs':
      return isKnown(series.known, row) ? canonical(series.values[row] as bigint) : undefined;
    case 'doubles': {
      if (!isKnown(series.known, row)) return undefined;
      const value = series.values[row] as number;
      return series.holds === 'bool' ? value === 1 : value;
    }
  }
}

/** A row's number as arithmetic takes it: whole ones of JSON are whole, floats are floats whatever their value. */
export function numberAt(series: Series, row: number, isJson: boolean): number | bigint | undefined {
  if (series.kind === 'longs') return isKnown(series.known, row) ? (series.values[row] as bigint) : undefined;
  const value = valueAt(series, row);
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? value : Number(value);
  if (typeof value !== 'number') return undefined;
  const isWhole = (series.kind === 'doubles' && series.holds === 'whole') || (isJson && Number.isSafeInteger(value));
  return isWhole ? BigInt(value) : value;
}

function isKnown(known: Bitset | undefined, row: number): boolean {
  return known === undefined || hasBit(known, row);
}
