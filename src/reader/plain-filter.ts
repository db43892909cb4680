// PlainFilter: a filter of the kind that the reader knows: scalar fields compared with literals, lists of them, null, and
// what is joined of these by and, or, not. Logic is three-valued, as in the engine: what is compared with null is unknown.

import type { Column } from '../model/columns.js';
import { hasBit, bitsetOf, setBit, type Bitset } from '../model/bitset.js';
import type { Field } from '../model/field.js';
import type { Comparison, Filter, Literal, Operand } from '../model/filter.js';
import type { FilterInput } from '../model/filter-object.js';
import type { Schema } from '../model/schema.js';
import { compareText } from '../model/text-order.js';
import { fitComparison, fitSet, type NumericType } from '../query/numeric.js';
import type { CompareOp } from '../ports/core.js';
import { Beyond, within } from './beyond.js';
import { filterOfPlainObject } from './plain-filter-object.js';
import { isScalar } from './plain-schema.js';

/** Of one row; undefined where it is unknown. */
type Test = (row: number) => boolean | undefined;
type Values = Extract<Column, { readonly type: 'VarChar' }>;

export interface PlainFilter {
  /** Those that it reads. */
  readonly fields: readonly Field[];
  /** The rows for which it holds, of those in `alive`, or of all if that is undefined. `columns` are those of `fields`. */
  rows(columns: ReadonlyMap<string, Column>, rows: number, alive: Bitset | undefined): Bitset;
}

type Compiled = (columns: ReadonlyMap<string, Column>) => Test;

/** Errors: `Beyond`; `InvalidFilter` of a text. */
export async function plainFilter(given: FilterInput, schema: Schema): Promise<PlainFilter> {
  const filter = typeof given === 'string' ? (await import('../query/parser/parser.js')).parseFilter(given) : filterOfPlainObject(given);
  const fields = new Map<string, Field>();
  const compiled = compile(filter, (operand) => {
    within(operand.kind === 'field' && operand.path.length === 0, 'operand');
    const field = schema.fields.find(({ name }) => name === operand.name);
    within(field !== undefined && isScalar(field), 'field');
    fields.set(field.name, field);
    return field;
  });
  return {
    fields: [...fields.values()],
    rows: (columns, rows, alive) => {
      const test = compiled(columns);
      const passing = bitsetOf(rows, false);
      for (let row = 0; row < rows; row++) if ((alive === undefined || hasBit(alive, row)) && test(row) === true) setBit(passing, row);
      return passing;
    },
  };
}

type FieldOf = (operand: Operand) => Field;

const OPS: Readonly<Record<Comparison, CompareOp>> = { '==': 'eq', '!=': 'ne', '<': 'lt', '<=': 'le', '>': 'gt', '>=': 'ge' };
const FLIPPED: Readonly<Record<CompareOp, CompareOp>> = { eq: 'eq', ne: 'ne', lt: 'gt', le: 'ge', gt: 'lt', ge: 'le' };

function compile(filter: Filter, fieldOf: FieldOf): Compiled {
  switch (filter.kind) {
    case 'compare': {
      const { left, right } = filter;
      const op = OPS[filter.op];
      return left.kind === 'literal' ? compare(fieldOf(right), FLIPPED[op], left.value) : compare(fieldOf(left), op, literalOf(right));
    }
    case 'truth':
      return compare(fieldOf(filter.operand), 'eq', true);
    case 'in':
      return negatedIf(filter.negated, among(fieldOf(filter.operand), filter.values));
    case 'null': {
      const { name } = fieldOf(filter.operand);
      return negatedIf(filter.negated, (columns) => {
        const { valid } = columns.get(name) as Values;
        return (row) => valid !== undefined && !hasBit(valid, row);
      });
    }
    case 'not':
      return negatedIf(true, compile(filter.operand, fieldOf));
    case 'and':
      return joined(filter.operands.map((operand) => compile(operand, fieldOf)), false);
    case 'or':
      return joined(filter.operands.map((operand) => compile(operand, fieldOf)), true);
    default:
      throw new Beyond(filter.kind);
  }
}

function literalOf(operand: Operand): Literal {
  within(operand.kind === 'literal', 'literal');
  return operand.value;
}

/** `ends`: the truth of one that decides for all. */
function joined(parts: readonly Compiled[], ends: boolean): Compiled {
  return (columns) => {
    const tests = parts.map((part) => part(columns));
    return (row) => {
      let answer: boolean | undefined = !ends;
      for (const test of tests) {
        const one = test(row);
        if (one === ends) return ends;
        if (one === undefined) answer = undefined;
      }
      return answer;
    };
  };
}

function negatedIf(negated: boolean, part: Compiled): Compiled {
  if (!negated) return part;
  return (columns) => {
    const test = part(columns);
    return (row) => {
      const answer = test(row);
      return answer === undefined ? undefined : !answer;
    };
  };
}

/** `holds` of the values that are not null. */
function ofValues({ name }: Field, holds: (value: never) => boolean): Compiled {
  return (columns) => {
    const { valid, values } = columns.get(name) as Values;
    return (row) => (valid !== undefined && !hasBit(valid, row) ? undefined : holds(values[row] as never));
  };
}

/** Whether the literal is of the field's kind. */
function requireFits({ type }: Field, literal: Literal): void {
  const kind = type === 'VarChar' ? 'string' : type === 'Bool' ? 'boolean' : 'number';
  within((typeof literal === 'bigint' ? 'number' : typeof literal) === kind, 'literal');
}

function compare(field: Field, op: CompareOp, literal: Literal): Compiled {
  requireFits(field, literal);
  if (typeof literal === 'string') return ofValues(field, (value) => holds(op, compareText(value, literal)));
  if (typeof literal === 'boolean') {
    within(op === 'eq' || op === 'ne', 'order');
    return ofValues(field, (value) => (value === Number(literal)) === (op === 'eq'));
  }
  const fitted = fitComparison(field.type as NumericType, op, literal);
  if (typeof fitted === 'boolean') return ofValues(field, () => fitted);
  const { value: bound } = fitted;
  return ofValues(field, (value: number | bigint) => holds(fitted.op, value < bound ? -1 : value > bound ? 1 : 0));
}

function holds(op: CompareOp, order: number): boolean {
  switch (op) {
    case 'eq':
      return order === 0;
    case 'ne':
      return order !== 0;
    case 'lt':
      return order < 0;
    case 'le':
      return order <= 0;
    case 'gt':
      return order > 0;
    case 'ge':
      return order >= 0;
  }
}

function among(field: Field, list: Operand): Compiled {
  within(list.kind === 'list' && list.items.length > 0, 'list');
  const literals = list.items.map(literalOf);
  for (const literal of literals) requireFits(field, literal);
  const set = new Set<unknown>(field.type === 'VarChar' ? literals : field.type === 'Bool' ? literals.map(Number) : fitSet(field.type as NumericType, literals as readonly bigint[]));
  return ofValues(field, (value) => set.has(value));
}
