// ValueType: what kind of value a checked operand has, and what its errors call it.

import type { ElementType } from '../../model/field.js';
import type { Operand } from '../../model/filter.js';
import type { Constant, NumberKind, ScalarType, Value } from '../checked.js';

export type ValueType = NumberKind | 'bool' | 'text' | 'time' | 'list' | 'geometry';

const TYPES: Readonly<Record<ScalarType, ValueType>> = {
  Bool: 'bool',
  Int8: 'int',
  Int16: 'int',
  Int32: 'int',
  Int64: 'int',
  Float: 'single',
  Double: 'double',
  VarChar: 'text',
  Timestamptz: 'time',
  Geometry: 'geometry',
};

export function typeOf(value: Value): ValueType {
  switch (value.kind) {
    case 'constant':
      return constantType(value.value);
    case 'moment':
    case 'shift':
      return 'time';
    case 'column':
      return TYPES[value.type];
    case 'array':
      return 'list';
    case 'element':
      return TYPES[value.elementType];
    case 'json':
      return 'dynamic';
    case 'length':
      return value.array.kind === 'json' ? 'dynamic' : 'int';
    default:
      return value.type;
  }
}

export function elementType(type: ElementType): ValueType {
  return TYPES[type];
}

function constantType(constant: Constant): ValueType {
  switch (typeof constant) {
    case 'boolean':
      return 'bool';
    case 'string':
      return 'text';
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    default:
      return 'list';
  }
}

export function isNumber(type: ValueType): type is NumberKind {
  return type === 'int' || type === 'single' || type === 'double' || type === 'dynamic';
}

/** What a constant has to be to go with a value of that type. */
export function wanted(type: ValueType): string {
  switch (type) {
    case 'bool':
      return 'a boolean';
    case 'text':
      return 'a string';
    case 'time':
      return 'a moment as RFC 3339 text with a time zone';
    case 'list':
      return 'a list';
    default:
      return 'a number';
  }
}

/** The operand as its writer would know it, with its type. */
export function described(operand: Operand, value: Value): string {
  const name = operand.kind === 'field' ? `${operand.name}${operand.path.map((step) => `[${JSON.stringify(step)}]`).join('')}` : 'the value';
  return `${name} is ${typeName(value)}`;
}

function typeName(value: Value): string {
  if (value.kind === 'column') return value.type;
  if (value.kind === 'element') return value.elementType;
  if (value.kind === 'array') return `Array of ${value.elementType}`;
  const type = typeOf(value);
  return type === 'dynamic' ? 'JSON' : wanted(type);
}

/** A constant with its kind. */
export function shown(constant: Constant): string {
  if (typeof constant === 'string') return `the string ${JSON.stringify(constant.slice(0, 40))}`;
  if (typeof constant === 'object') return 'a list';
  return `the ${typeof constant === 'boolean' ? 'boolean' : 'number'} ${String(constant).slice(0, 40)}`;
}
