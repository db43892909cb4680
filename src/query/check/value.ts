// Check of operands: names resolved, templates filled in, arithmetic typed and, between constants, done.

import { DYNAMIC_FIELD, isVector, type Field } from '../../model/field.js';
import type { Operand } from '../../model/filter.js';
import { timestampOf } from '../../model/timestamp.js';
import type { Constant, ScalarType, Value } from '../checked.js';
import { invalid } from '../invalid.js';
import { arithmeticValue, unaryValue } from './arithmetic.js';
import { paramOf, type Scope } from './scope.js';
import { described, typeOf } from './value-type.js';

/** Types of fields that filters compare. */
const FILTERED = ['Bool', 'Int8', 'Int16', 'Int32', 'Int64', 'Float', 'Double', 'VarChar', 'Timestamptz', 'Array', 'JSON'] as const;

/** Errors: `InvalidFilter` with the position. */
export function checkValue(operand: Operand, scope: Scope): Value {
  const { position } = operand;
  switch (operand.kind) {
    case 'literal':
      return { kind: 'constant', value: operand.value };
    case 'list':
      return { kind: 'constant', value: operand.items.map((item) => checkConstant(item, scope)) };
    case 'template':
      return checkValue(paramOf(scope, operand.name, position), scope);
    case 'field':
      return fieldValue(operand, scope);
    case 'length': {
      const array = checkValue(operand.array, scope);
      if (array.kind !== 'array' && array.kind !== 'json') throw invalid(operand.array.position, `${described(operand.array, array)}: array_length takes an Array or JSON`);
      return { kind: 'length', array };
    }
    case 'moment':
      return { kind: 'moment', micros: momentOf(operand.text, operand) };
    case 'shift': {
      const moved = checkValue(operand.operand, scope);
      if (typeOf(moved) !== 'time') throw invalid(operand.operand.position, `${described(operand.operand, moved)}: expected a Timestamptz before INTERVAL`);
      return { kind: 'shift', operand: moved, months: operand.months, micros: operand.micros };
    }
    case 'unary':
      return unaryValue(operand, checkValue(operand.operand, scope));
    case 'arithmetic':
      return arithmeticValue(operand, checkValue(operand.left, scope), checkValue(operand.right, scope));
  }
}

/** A value that is the same in every row. */
export function checkConstant(operand: Operand, scope: Scope): Constant {
  const value = checkValue(operand, scope);
  if (value.kind !== 'constant') throw invalid(operand.position, `expected a literal, found ${operand.kind === 'field' ? operand.name : 'a value of the row'}`);
  return value.value;
}

/** Microseconds of an RFC 3339 text. */
export function momentOf(text: string, { position }: Operand): bigint {
  const micros = timestampOf(text);
  if (micros === undefined) throw invalid(position, `expected a moment as RFC 3339 text with a time zone, of microseconds and years 0000 to 9999, found ${JSON.stringify(text.slice(0, 40))}`);
  return micros;
}

type FieldOperand = Extract<Operand, { readonly kind: 'field' }>;

function fieldValue(operand: FieldOperand, { schema }: Scope): Value {
  const { name, path, position } = operand;
  const field = schema.fields.find((candidate) => candidate.name === name);
  if (field !== undefined) return knownField(field, operand);
  if (schema.enableDynamicField && name === DYNAMIC_FIELD && path.length > 0) return { kind: 'json', field: DYNAMIC_FIELD, path };
  if (!schema.enableDynamicField || name === DYNAMIC_FIELD) throw invalid(position, `unknown field "${name}", expected one of ${schema.fields.map((known) => known.name).join(', ')}`);
  if (name === 'null' || name === 'NULL') throw invalid(position, 'expected "is null" or "is not null", as nothing is equal to null');
  return { kind: 'json', field: DYNAMIC_FIELD, path: [name, ...path] };
}

function knownField({ name, type, elementType = 'Bool' }: Field, { path, position }: FieldOperand): Value {
  if (isVector(type)) throw invalid(position, `${name} is ${type}: expected a scalar field, one of ${FILTERED.join(', ')}`);
  if (type === 'JSON') return { kind: 'json', field: name, path };
  if (type !== 'Array') {
    if (path.length > 0) throw invalid(position, `${name} is ${type}: expected no [ ] behind it, only JSON and Array have parts`);
    return { kind: 'column', field: name, type: type satisfies ScalarType };
  }
  const [index] = path;
  if (index === undefined) return { kind: 'array', field: name, elementType };
  if (typeof index !== 'number' || path.length > 1) throw invalid(position, `${name} is Array: expected the number of an element, found ${path.map((step) => `[${JSON.stringify(step)}]`).join('')}`);
  return { kind: 'element', field: name, elementType, index };
}
