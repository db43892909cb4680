// Check: a Filter fitted to a Schema. What comes out can be evaluated over any columns of that Schema without a
// question left: fields are known, literals have the column's type and range, and two bounds of one numeric field
// that stand side by side are one range. A name that no field has is a dynamic key where the Schema allows them.

import { DYNAMIC_FIELD, type DataType, type Field } from '../model/field.js';
import type { Comparison, Filter, Literal } from '../model/filter.js';
import type { Schema } from '../model/schema.js';
import type { CompareOp } from '../ports/core.js';
import { invalid } from './lexer.js';
import { fitComparison, fitSet, type NumericType } from './numeric.js';
import { parseFilter } from './parser.js';
import { canonical, type Scalar } from './scalar.js';

export type CheckedFilter =
  // Of every row, or of those where `field` is not null.
  | { readonly kind: 'constant'; readonly value: boolean; readonly field?: string }
  // Numeric columns; Bool as 0 and 1.
  | { readonly kind: 'compare'; readonly field: string; readonly op: CompareOp; readonly value: number | bigint }
  | { readonly kind: 'range'; readonly field: string; readonly low: Bound; readonly high: Bound }
  | { readonly kind: 'inSet'; readonly field: string; readonly values: readonly (number | bigint)[] }
  // VarChar columns.
  | { readonly kind: 'text'; readonly field: string; readonly op: CompareOp; readonly value: string }
  | { readonly kind: 'textInSet'; readonly field: string; readonly values: ReadonlySet<string> }
  // Keys of the dynamic field.
  | { readonly kind: 'dynamic'; readonly key: string; readonly op: CompareOp; readonly value: Scalar }
  | { readonly kind: 'dynamicInSet'; readonly key: string; readonly values: ReadonlySet<Scalar> }
  | { readonly kind: 'not'; readonly operand: CheckedFilter }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly CheckedFilter[] };

export interface Bound {
  readonly value: number | bigint;
  readonly exclusive: boolean;
}

/** Types of fields that filters compare. */
const FILTERED: readonly DataType[] = ['Bool', 'Int8', 'Int16', 'Int32', 'Int64', 'Float', 'Double', 'VarChar'];

const OPS: Readonly<Record<Comparison, CompareOp>> = { '==': 'eq', '!=': 'ne', '<': 'lt', '<=': 'le', '>': 'gt', '>=': 'ge' };

/** Errors: `InvalidFilter` with the position. */
export function compileFilter(text: string, schema: Schema): CheckedFilter {
  return checkFilter(parseFilter(text), schema);
}

/** `filter` as parseFilter gives it. Errors: `InvalidFilter` with the position. */
export function checkFilter(filter: Filter, schema: Schema): CheckedFilter {
  switch (filter.kind) {
    case 'constant':
      return { kind: 'constant', value: filter.value };
    case 'compare':
      return checkCompare(filter.field, OPS[filter.op], filter.value, filter.position, schema);
    case 'field':
      return checkBare(filter.field, filter.position, schema);
    case 'in': {
      const found = checkIn(filter.field, filter.values, filter.position, schema);
      return filter.negated ? { kind: 'not', operand: found } : found;
    }
    case 'not':
      return { kind: 'not', operand: checkFilter(filter.operand, schema) };
    case 'and':
      return { kind: 'and', operands: joinBounds(chain(filter).map((operand) => checkFilter(operand, schema))) };
    case 'or':
      return { kind: 'or', operands: chain(filter).map((operand) => checkFilter(operand, schema)) };
  }
}

/** The operands of a chain of one operator, from left to right. A loop, since a chain may be thousands long. */
function chain(filter: Extract<Filter, { readonly kind: 'and' | 'or' }>): readonly Filter[] {
  const operands: Filter[] = [];
  let node: Filter = filter;
  while (node.kind === filter.kind) {
    operands.push(node.right);
    node = node.left;
  }
  operands.push(node);
  return operands.reverse();
}

function checkCompare(name: string, op: CompareOp, value: Literal, position: number, schema: Schema): CheckedFilter {
  const field = resolve(name, position, schema);
  if (typeof value === 'boolean' && op !== 'eq' && op !== 'ne') {
    throw invalid(position, `${name}: expected == or != with ${String(value)}, found an order`);
  }
  if (field === undefined) return { kind: 'dynamic', key: name, op, value: canonical(value) };
  requireType(field, value, position);
  if (typeof value === 'string') return { kind: 'text', field: name, op, value };
  if (typeof value === 'boolean') return { kind: 'compare', field: name, op, value: Number(value) };
  const fitted = fitComparison(field.type as NumericType, op, value);
  return typeof fitted === 'boolean' ? { kind: 'constant', value: fitted, ...(field.nullable === true ? { field: name } : {}) } : { kind: 'compare', field: name, ...fitted };
}

function checkBare(name: string, position: number, schema: Schema): CheckedFilter {
  const field = resolve(name, position, schema);
  if (field !== undefined && field.type !== 'Bool') throw invalid(position, `${name} is ${field.type}: expected a comparison, only a Bool field stands by itself`);
  return checkCompare(name, 'eq', true, position, schema);
}

function checkIn(name: string, values: readonly Literal[], position: number, schema: Schema): CheckedFilter {
  const field = resolve(name, position, schema);
  for (const value of values) if (field !== undefined) requireType(field, value, position);
  if (values.length === 0) return { kind: 'constant', value: false };
  if (field === undefined) return { kind: 'dynamicInSet', key: name, values: new Set(values.map(canonical)) };
  if (field.type === 'VarChar') return { kind: 'textInSet', field: name, values: new Set(values as readonly string[]) };
  if (field.type === 'Bool') return { kind: 'inSet', field: name, values: values.map(Number) };
  return { kind: 'inSet', field: name, values: fitSet(field.type as NumericType, values as readonly (number | bigint)[]) };
}

/** The field of that name; undefined for a dynamic key. */
function resolve(name: string, position: number, schema: Schema): Field | undefined {
  const field = schema.fields.find((candidate) => candidate.name === name);
  if (field === undefined && (!schema.enableDynamicField || name === DYNAMIC_FIELD)) {
    throw invalid(position, `unknown field "${name}", expected one of ${schema.fields.map((known) => known.name).join(', ')}`);
  }
  if (field !== undefined && !FILTERED.some((type) => type === field.type)) throw invalid(position, `${name} is ${field.type}: expected a scalar field, one of ${FILTERED.join(', ')}`);
  return field;
}

function requireType(field: Field, value: Literal, position: number): void {
  const expected = field.type === 'Bool' ? 'boolean' : field.type === 'VarChar' ? 'string' : 'number';
  const found = typeof value === 'bigint' ? 'number' : typeof value;
  if (found !== expected) {
    const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value);
    throw invalid(position, `${field.name} is ${field.type}: expected a ${expected}, found the ${found} ${shown}`);
  }
}

/** A lower and an upper bound of one field side by side become a range, which is one pass over the column. */
function joinBounds(operands: readonly CheckedFilter[]): readonly CheckedFilter[] {
  const joined: CheckedFilter[] = [];
  for (const operand of operands) {
    const range = rangeOf(joined.at(-1), operand);
    if (range !== undefined) joined.pop();
    joined.push(range ?? operand);
  }
  return joined;
}

function rangeOf(a: CheckedFilter | undefined, b: CheckedFilter): CheckedFilter | undefined {
  if (a?.kind !== 'compare' || b.kind !== 'compare' || a.field !== b.field) return undefined;
  const [low, high] = a.op === 'gt' || a.op === 'ge' ? [a, b] : [b, a];
  if ((low.op !== 'gt' && low.op !== 'ge') || (high.op !== 'lt' && high.op !== 'le')) return undefined;
  return {
    kind: 'range',
    field: a.field,
    low: { value: low.value, exclusive: low.op === 'gt' },
    high: { value: high.value, exclusive: high.op === 'lt' },
  };
}
