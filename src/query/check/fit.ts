// Fit: literals in the form that the elements of an Array have. Whole numbers beyond the type's range, and floats that
// are not whole beside whole numbers, equal no element: they become NaN, which equals nothing.

import type { ElementType } from '../../model/field.js';
import type { Constant } from '../checked.js';
import { fitComparison } from '../numeric.js';
import { canonical } from '../scalar.js';
import { requireFits, type Side } from './compare.js';
import { elementType } from './value-type.js';

/** Errors: `InvalidFilter` if one is of another kind than the elements. */
export function fitList(type: ElementType, constants: readonly Constant[], side: Side): readonly Constant[] {
  return constants.map((constant) => fitElement(type, constant, side));
}

export function fitElement(type: ElementType, constant: Constant, side: Side): Constant {
  requireFits(side, elementType(type), constant);
  if (type === 'VarChar' || type === 'Bool' || (typeof constant !== 'bigint' && typeof constant !== 'number')) return constant;
  const fitted = fitComparison(type, 'eq', constant);
  return typeof fitted === 'boolean' ? Number.NaN : canonical(fitted.value);
}
