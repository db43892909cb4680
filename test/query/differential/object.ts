// Trees as filter objects, as far as these go; the rest as text within.

import type { FilterObject, FilterOperand, FilterScalar } from '../../../src/model/filter-object.js';
import { timestampText } from '../../../src/model/timestamp.js';
import { chance, type Next } from './draw.js';
import { likeSource, printExpr, type Printer } from './print.js';
import { sourceOf } from './regex.js';
import type { Expr, Val } from './tree.js';

export interface PrintedObject {
  readonly object: FilterObject;
  readonly params: Printer['params'];
}

export function printObject(expr: Expr, next: Next, names: ReadonlySet<string>): PrintedObject {
  const printer: Printer = { next, names, params: {} };
  return { object: objectOf(expr, printer), params: printer.params };
}

function objectOf(expr: Expr, p: Printer): FilterObject {
  switch (expr.k) {
    case 'and':
      return { $and: expr.parts.map((part) => objectOf(part, p)) };
    case 'or':
      return { $or: expr.parts.map((part) => objectOf(part, p)) };
    case 'not':
      return chance(p.next, 0.5) ? { $not: objectOf(expr.a, p) } : { $nor: [objectOf(expr.a, p)] };
    case 'sample':
      return { $sample: expr.seed === undefined ? expr.share : { share: expr.share, seed: expr.seed } };
    default:
      return fieldObject(expr, p) ?? { $expr: printExpr(expr, p, 0) };
  }
}

const OPS = { '==': '$eq', '!=': '$ne', '<': '$lt', '<=': '$lte', '>': '$gt', '>=': '$gte' } as const;

/** Undefined for what has no condition. */
function fieldObject(expr: Expr, p: Printer): FilterObject | undefined {
  const key = 'a' in expr ? keyOf(expr.a as Val, p) : 'f' in expr ? expr.f.name : undefined;
  if (key === undefined) return undefined;
  switch (expr.k) {
    case 'cmp': {
      const operand = operandOf(expr.b, p);
      return operand === undefined ? undefined : { [key]: expr.op === '==' && typeof operand !== 'object' && chance(p.next, 0.5) ? operand : { [OPS[expr.op]]: operand } };
    }
    case 'in':
      return { [key]: { [expr.negated ? '$nin' : '$in']: expr.items.map(scalarOf) } };
    case 'like':
      return { [key]: { $like: likeSource(expr.parts) } };
    case 'regex':
      return { [key]: { [expr.negated ? '$notRegex' : '$regex']: sourceOf(expr.re, expr.ignoreCase) } };
    case 'null':
      return { [key]: expr.negated ? { $ne: null } : chance(p.next, 0.5) ? null : { $null: true } };
    case 'exists':
      return { [key]: { $exists: true } };
    case 'contains':
      return { [key]: expr.mode === 'one' ? { $contains: scalarOf(expr.items[0] as Val) as FilterScalar } : { [expr.mode === 'all' ? '$containsAll' : '$containsAny']: expr.items.map(scalarOf) } };
    case 'match':
      return { [key]: { $match: expr.minimum === undefined ? expr.words.join(' ') : { query: expr.words.join(' '), minimumShouldMatch: expr.minimum } } };
    case 'phrase':
      return { [key]: { $phrase: expr.slop === undefined ? expr.words.join(' ') : { query: expr.words.join(' '), slop: expr.slop } } };
    default:
      return undefined;
  }
}

/** A field or a path into one. */
function keyOf(val: Val, p: Printer): string | undefined {
  if (val.k === 'col') return val.f.name;
  if (val.k === 'elem') return chance(p.next, 0.5) ? `${val.f.name}.${val.i}` : `${val.f.name}[${val.i}]`;
  if (val.k !== 'json') return undefined;
  return `${val.f}${val.path.map((step) => `[${typeof step === 'number' ? step : JSON.stringify(step)}]`).join('')}`;
}

function operandOf(val: Val, p: Printer): FilterOperand | undefined {
  const field = keyOf(val, p);
  if (field !== undefined) return { $field: field };
  return val.k === 'lit' || val.k === 'moment' || val.k === 'list' ? (scalarOf(val) as FilterOperand) : undefined;
}

/** A list becomes an array. */
function scalarOf(val: Val): FilterScalar | readonly FilterScalar[] {
  if (val.k === 'moment') return timestampText(val.micros);
  return val.k === 'list' ? (val.items.map(scalarOf) as readonly FilterScalar[]) : (val as Extract<Val, { k: 'lit' }>).v;
}
