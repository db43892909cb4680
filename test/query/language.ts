// The filter language printed back to text, and random filters of it, for tests.

import type { Comparison, Filter, Literal } from '../../src/model/filter.js';
import { randomInteger } from '../support/random.js';

/** Text that parses back to `filter`, every operator in parentheses. */
export function print(filter: Filter): string {
  switch (filter.kind) {
    case 'constant':
      return String(filter.value);
    case 'field':
      return filter.field;
    case 'compare':
      return `${filter.field} ${filter.op} ${printLiteral(filter.value)}`;
    case 'in':
      return `${filter.field} ${filter.negated ? 'not in' : 'in'} [${filter.values.map(printLiteral).join(', ')}]`;
    case 'not':
      return `(not ${print(filter.operand)})`;
    default:
      return `(${print(filter.left)} ${filter.kind} ${print(filter.right)})`;
  }
}

function printLiteral(value: Literal): string {
  if (typeof value === 'string') return printString(value);
  if (typeof value !== 'number') return String(value);
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** Everything but plain ASCII by its code units. */
function printString(value: string): string {
  return `"${value.replace(/[^ !#-[\]-~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`;
}

/** `filter` with every position 0, to compare by structure. */
export function withoutPositions(filter: Filter): Filter {
  switch (filter.kind) {
    case 'not':
      return { ...filter, operand: withoutPositions(filter.operand), position: 0 };
    case 'and':
    case 'or':
      return { ...filter, left: withoutPositions(filter.left), right: withoutPositions(filter.right), position: 0 };
    default:
      return { ...filter, position: 0 };
  }
}

/** A field that a random filter may name, with literals that fit it. */
export interface Operand {
  readonly field: string;
  readonly ordered: boolean;
  readonly bare: boolean;
  readonly literals: readonly Literal[];
}

const EQUALITIES: readonly Comparison[] = ['==', '!='];
const COMPARISONS: readonly Comparison[] = [...EQUALITIES, '<', '<=', '>', '>='];

export function randomFilter(operands: readonly Operand[], depth: number, next: () => number): Filter {
  const draw = depth === 0 ? 0.5 + next() / 2 : next();
  if (draw < 0.2) return { kind: 'not', operand: randomFilter(operands, depth - 1, next), position: 0 };
  if (draw < 0.5) {
    const [left, right] = [randomFilter(operands, depth - 1, next), randomFilter(operands, depth - 1, next)];
    return { kind: next() < 0.5 ? 'and' : 'or', left, right, position: 0 };
  }
  return draw > 0.98 ? { kind: 'constant', value: next() < 0.5, position: 0 } : randomLeaf(operands, next);
}

function randomLeaf(operands: readonly Operand[], next: () => number): Filter {
  const pick = <T>(from: readonly T[]): T => from[randomInteger(next, from.length)] as T;
  const { field, ordered, bare, literals } = pick(operands);
  if (bare && next() < 0.3) return { kind: 'field', field, position: 0 };
  if (next() < 0.3) {
    const values = Array.from({ length: randomInteger(next, 6) }, () => pick(literals));
    return { kind: 'in', field, values, negated: next() < 0.5, position: 0 };
  }
  const value = pick(literals);
  return { kind: 'compare', field, op: pick(ordered && typeof value !== 'boolean' ? COMPARISONS : EQUALITIES), value, position: 0 };
}
