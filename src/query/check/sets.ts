// Check of `in`, and of what an array contains.

import type { ElementType } from '../../model/field.js';
import type { Filter } from '../../model/filter.js';
import type { CheckedFilter, Constant, Value } from '../checked.js';
import { invalid } from '../invalid.js';
import { fitSet, type NumericType } from '../numeric.js';
import { canonical, type Scalar } from '../scalar.js';
import { requireFits, type Side } from './compare.js';
import { fitElement } from './fit.js';
import type { Scope } from './scope.js';
import { checkConstant, checkValue, momentOf } from './value.js';
import { described, typeOf } from './value-type.js';

/** Errors: `InvalidFilter` with the position. */
export function checkIn({ operand, values, position }: Extract<Filter, { readonly kind: 'in' }>, scope: Scope): CheckedFilter {
  const side: Side = { operand, value: checkValue(operand, scope) };
  const { value } = side;
  const type = typeOf(value);
  const list = checkConstant(values, scope);
  if (typeof list !== 'object') throw invalid(values.position, 'expected a list behind "in", found one value');
  if (value.kind === 'constant' || value.kind === 'moment') throw invalid(operand.position, 'expected a field before "in", found a literal');
  if (value.kind === 'array') throw invalid(operand.position, `${described(operand, value)}: expected one value before "in", or array_contains_any`);
  const constants = list.map((constant) => (type === 'time' && typeof constant === 'string' ? momentOf(constant, values) : (requireFits(side, type, constant), constant)));
  for (const constant of constants) if (typeof constant === 'object') throw invalid(values.position, 'expected values in the list behind "in", found a list');
  if (constants.length === 0) return { kind: 'constant', value: false };
  return value.kind === 'column' ? inColumn(value, constants, position) : { kind: 'valueInSet', operand: value, values: setOf(value, constants as readonly Scalar[]) };
}

function inColumn({ field, type }: Extract<Value, { kind: 'column' }>, constants: readonly Constant[], position: Filter['position']): CheckedFilter {
  const once = <T>(values: readonly T[]): readonly T[] => [...new Set(values)];
  switch (type) {
    case 'VarChar':
      return { kind: 'textInSet', field, values: new Set(constants as readonly string[]) };
    case 'Bool':
      return { kind: 'inSet', field, values: once(constants.map(Number)) };
    case 'Timestamptz':
      return { kind: 'inSet', field, values: once(constants as readonly bigint[]) };
    case 'Geometry':
      throw invalid(position, `${field} is Geometry: expected a scalar field`);
    default:
      return { kind: 'inSet', field, values: once(fitSet(type satisfies NumericType, constants as readonly (number | bigint)[])) };
  }
}

/** As the operand's type holds them, without those that it cannot equal. */
function setOf(value: Value, constants: readonly Scalar[]): ReadonlySet<Scalar> {
  const type = typeOf(value);
  if (type !== 'int' && type !== 'single' && type !== 'double') return new Set(constants.map(canonical));
  const numeric: NumericType = type === 'int' ? 'Int64' : type === 'single' ? 'Float' : 'Double';
  return new Set(fitSet(numeric, constants as readonly (number | bigint)[]).map(canonical));
}

/** Errors: `InvalidFilter` with the position. */
export function checkContains({ array, values, mode }: Extract<Filter, { readonly kind: 'contains' }>, scope: Scope): CheckedFilter {
  const operand = checkValue(array, scope);
  if (operand.kind !== 'array' && operand.kind !== 'json') throw invalid(array.position, `${described(array, operand)}: expected an Array or JSON`);
  const given = checkConstant(values, scope);
  if (mode !== 'one' && typeof given !== 'object') throw invalid(values.position, `expected a list of what the array is to contain, found one value`);
  const wanted = mode === 'one' ? [given] : (given as readonly Constant[]);
  if (operand.kind === 'json') return { kind: 'contains', operand, mode: mode === 'all' ? 'all' : 'any', values: wanted.map(canonicalConstant) };
  const fitted = wanted.map((constant) => elementOf(operand.elementType, constant, { operand: array, value: operand }));
  const possible = fitted.filter((constant) => !Number.isNaN(constant));
  // Who asks for all of what no element can be asks in vain.
  if (mode === 'all' && possible.length === fitted.length) return { kind: 'contains', operand, mode: 'all', values: possible };
  return { kind: 'contains', operand, mode: 'any', values: mode === 'all' ? [] : possible };
}

function elementOf(type: ElementType, constant: Constant, { operand, value }: Side): Constant {
  // An element, not the array, is what the constant has to fit.
  return fitElement(type, constant, { operand, value: value.kind === 'array' ? { kind: 'element', field: value.field, elementType: type, index: 0 } : value });
}

function canonicalConstant(constant: Constant): Constant {
  return typeof constant === 'object' ? constant.map(canonicalConstant) : canonical(constant);
}
