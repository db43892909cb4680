// Random filters over a schema, of every kind that the language has, all of them valid: what the language refuses is
// tested by example.

import { TIMESTAMP_MAX, TIMESTAMP_MIN } from '../../../src/model/timestamp.js';
import { randomInteger } from '../../support/random.js';
import { arithmetic, isWholeOnly } from './arithmetic.js';
import type { Data } from './data.js';
import { chance, float, int, jsonScalar, KEYS, moment, pick, several, text, words, type Next } from './draw.js';
import { value } from './meaning.js';
import { drawRegex } from './draw-regex.js';
import { isConst, typeOf, type Arith, type Expr, type LikePart, type Op, type Step, type TestField, type Type, type Val } from './tree.js';

const EQUALITIES: readonly Op[] = ['==', '!='];
const OPS: readonly Op[] = [...EQUALITIES, '<', '<=', '>', '>='];
const ARITHS: readonly Arith[] = ['+', '-', '*', '/', '%', '**', '&', '|', '^', '<<', '>>'];
const INT64_MIN = -(2n ** 63n);

export function drawExpr(next: Next, data: Data, depth: number): Expr {
  const draw = depth === 0 ? 1 : next();
  if (draw < 0.15) return { k: 'not', a: drawExpr(next, data, depth - 1) };
  if (draw < 0.45) return { k: chance(next, 0.5) ? 'and' : 'or', parts: Array.from({ length: 2 + randomInteger(next, 3) }, () => drawExpr(next, data, depth - 1)) };
  for (;;) {
    const leaf = drawLeaf(next, data);
    if (leaf !== undefined) return leaf;
  }
}

/** Undefined if the draw was of something that this schema has not, or that would be refused. */
function drawLeaf(next: Next, data: Data): Expr | undefined {
  const draw = next();
  if (draw < 0.02) return { k: 'const', v: chance(next, 0.5) };
  if (draw < 0.4) return drawCompare(next, data);
  if (draw < 0.48) return drawRange(next, data);
  if (draw < 0.6) return drawIn(next, data);
  if (draw < 0.68) return drawNull(next, data);
  if (draw < 0.78) return drawContains(next, data);
  if (draw < 0.85) return drawLike(next, data);
  if (draw < 0.9) {
    const a = drawOf(next, data, ['text', 'dyn']);
    return a && { k: 'regex', a, re: drawRegex(next, 3), ignoreCase: chance(next, 0.2), negated: chance(next, 0.3) };
  }
  return draw < 0.96 ? drawSearch(next, data) : drawBare(next, data);
}

function drawBare(next: Next, data: Data): Expr | undefined {
  const a = drawOf(next, data, ['bool', 'dyn']);
  return a === undefined || (a.k !== 'col' && a.k !== 'elem' && a.k !== 'json') ? undefined : { k: 'bare', a };
}

/** A value of the row, of one of these types. */
function drawOf(next: Next, data: Data, types: readonly Type[]): Val | undefined {
  for (let attempt = 0; attempt < 8; attempt++) {
    const val = drawLeafVal(next, data);
    if (val !== undefined && types.includes(typeOf(val))) return val;
  }
  return undefined;
}

function drawLeafVal(next: Next, data: Data): Val | undefined {
  if (data.dynamic && chance(next, 0.25)) return { k: 'json', f: '$meta', path: drawPath(next, true) };
  const f = pick(next, data.fields);
  if (f.type === 'JSON') return { k: 'json', f: f.name, path: drawPath(next, false) };
  if (f.type !== 'Array') return { k: 'col', f };
  return chance(next, 0.4) ? { k: 'elem', f, i: randomInteger(next, 4) } : { k: 'col', f };
}

function drawPath(next: Next, isRooted: boolean): readonly Step[] {
  const rest = several(next, 2, (): Step => (chance(next, 0.6) ? pick(next, KEYS) : randomInteger(next, 3)));
  return isRooted ? [pick(next, KEYS), ...rest] : rest;
}

const NUMBERS: readonly Type[] = ['int', 'single', 'double', 'dyn'];

/** A value that may be computed; never a constant as a whole. */
function drawVal(next: Next, data: Data, types: readonly Type[]): Val | undefined {
  if (!types.some((type) => NUMBERS.includes(type)) || chance(next, 0.5)) return moved(next, drawOf(next, data, types));
  const val = drawNumber(next, data, 1 + randomInteger(next, 3));
  return val !== undefined && !isConst(val) && types.includes(typeOf(val)) ? val : undefined;
}

/** A moment may be taken some time later. */
function moved(next: Next, val: Val | undefined): Val | undefined {
  if (val === undefined || typeOf(val) !== 'time' || chance(next, 0.6)) return val;
  return { k: 'shift', a: val, sign: chance(next, 0.5) ? 1 : -1, months: randomInteger(next, 30), seconds: randomInteger(next, 200_000) };
}

function drawNumber(next: Next, data: Data, depth: number): Val | undefined {
  const draw = depth === 0 ? 0 : next();
  if (draw < 0.4) return chance(next, 0.35) ? drawLiteral(next, 'number') : drawOf(next, data, NUMBERS);
  if (draw < 0.5) {
    const list = drawOf(next, data, ['list', 'dyn']);
    return list && { k: 'len', a: list };
  }
  if (draw < 0.6) {
    const a = drawNumber(next, data, depth - 1);
    const op = pick(next, ['+', '-', '~'] as const);
    if (a === undefined || (op === '~' && typeOf(a) !== 'int' && typeOf(a) !== 'dyn') || (isConst(a) && (value(a, {}) as bigint) === INT64_MIN)) return undefined;
    return { k: 'sign', op, a };
  }
  const [a, b] = [drawNumber(next, data, depth - 1), drawNumber(next, data, depth - 1)];
  return a && b && allowed({ k: 'ar', op: pick(next, ARITHS), a, b });
}

/** Undefined for what is refused before any row is looked at. */
function allowed(val: Extract<Val, { k: 'ar' }>): Val | undefined {
  const { op, a, b } = val;
  if (isWholeOnly(op) && [a, b].some((part) => typeOf(part) === 'single' || typeOf(part) === 'double')) return undefined;
  if (isConst(b)) {
    const right = value(b, {}) as bigint | number;
    if ((op === '/' || op === '%') && Number(right) === 0) return undefined;
    if ((op === '<<' || op === '>>') && (right < 0n || right > 63n)) return undefined;
  }
  if (!isConst(a) || !isConst(b)) return val;
  const folded = arithmetic(op, value(a, {}), value(b, {}), false);
  return typeof folded === 'bigint' || (typeof folded === 'number' && Number.isFinite(folded)) ? val : undefined;
}

export function drawLiteral(next: Next, type: Type | 'number'): Val {
  switch (type) {
    case 'bool':
      return { k: 'lit', v: chance(next, 0.5) };
    case 'text':
      return { k: 'lit', v: text(next) };
    case 'time':
      return { k: 'moment', micros: moment(next) };
    case 'dyn': {
      const scalar = jsonScalar(next);
      return scalar === null || typeof scalar === 'object' ? drawLiteral(next, 'number') : { k: 'lit', v: scalar };
    }
    default:
      return { k: 'lit', v: chance(next, 0.6) ? int(next) : float(next) };
  }
}

function drawList(next: Next, a: Val): Val {
  const type = a.k === 'col' && a.f.type === 'Array' ? typeOf({ k: 'elem', f: a.f, i: 0 }) : 'dyn';
  return { k: 'list', items: several(next, 3, () => (type === 'dyn' && chance(next, 0.15) ? { k: 'list', items: several(next, 2, () => drawLiteral(next, 'dyn')) } : drawLiteral(next, type))) };
}

/** What `a` is in some row, or close to it, if that can be spelled; else any literal. */
function nearLiteral(next: Next, data: Data, a: Val): Val {
  const row = data.rows.length > 0 && chance(next, 0.4) ? pick(next, data.rows) : undefined;
  const found = row && value(a, row);
  const type = typeOf(a);
  if (type === 'time' && typeof found === 'bigint') return found >= TIMESTAMP_MIN && found <= TIMESTAMP_MAX ? { k: 'moment', micros: found } : drawLiteral(next, type);
  if (typeof found === 'bigint') return { k: 'lit', v: chance(next, 0.2) ? found + 1n : found };
  if (typeof found === 'boolean' || typeof found === 'string' || (typeof found === 'number' && Number.isFinite(found))) return { k: 'lit', v: found };
  return drawLiteral(next, type);
}

/** What `a` can be compared with. */
function partnerOf(next: Next, data: Data, a: Val): Val | undefined {
  const type = typeOf(a);
  if (type === 'list') return chance(next, 0.8) ? drawList(next, a) : drawOf(next, data, ['list', 'dyn']);
  if (chance(next, 0.7)) return type === 'dyn' && chance(next, 0.15) ? drawList(next, a) : nearLiteral(next, data, a);
  if (type === 'dyn') return drawVal(next, data, ['int', 'single', 'double', 'dyn', 'text', 'bool', 'list']);
  return drawVal(next, data, NUMBERS.includes(type) ? NUMBERS : [type, ...(type === 'time' ? [] : (['dyn'] as const))]);
}

function isOrdered(a: Val, b: Val): boolean {
  return [a, b].every((val) => typeOf(val) !== 'bool' && typeOf(val) !== 'list');
}

function drawCompare(next: Next, data: Data): Expr | undefined {
  if (chance(next, 0.04)) return drawConstCompare(next);
  const a = drawVal(next, data, ['int', 'single', 'double', 'dyn', 'text', 'bool', 'time', 'list']);
  const b = a && partnerOf(next, data, a);
  if (a === undefined || b === undefined) return undefined;
  const op = pick(next, isOrdered(a, b) ? OPS : EQUALITIES);
  return chance(next, 0.3) ? { k: 'cmp', op, a: b, b: a } : { k: 'cmp', op, a, b };
}

function drawConstCompare(next: Next): Expr {
  const type = pick(next, ['number', 'text', 'bool'] as const);
  return { k: 'cmp', op: pick(next, type === 'bool' ? EQUALITIES : OPS), a: drawLiteral(next, type), b: drawLiteral(next, type) };
}

function drawRange(next: Next, data: Data): Expr | undefined {
  const mid = drawVal(next, data, ['int', 'single', 'double', 'dyn', 'text', 'time']);
  if (mid === undefined) return undefined;
  const [low, high] = [nearLiteral(next, data, mid), nearLiteral(next, data, mid)];
  if (!isOrdered(low, high)) return undefined;
  const way = pick(next, [['<', '<='], ['>', '>=']] as const);
  return { k: 'range', low, op1: pick(next, way), mid, op2: pick(next, way), high };
}

function drawIn(next: Next, data: Data): Expr | undefined {
  const a = drawVal(next, data, ['int', 'single', 'double', 'dyn', 'text', 'bool', 'time']);
  return a && { k: 'in', a, items: several(next, 5, () => nearLiteral(next, data, a)), negated: chance(next, 0.4) };
}

function drawNull(next: Next, data: Data): Expr | undefined {
  const a = chance(next, 0.8) ? drawLeafVal(next, data) : drawVal(next, data, NUMBERS);
  if (a === undefined) return undefined;
  return a.k === 'json' && chance(next, 0.4) ? { k: 'exists', a } : { k: 'null', a, negated: chance(next, 0.4) };
}

function drawContains(next: Next, data: Data): Expr | undefined {
  const a = drawOf(next, data, ['list', 'dyn']);
  if (a === undefined || a.k === 'elem') return undefined;
  const mode = pick(next, ['one', 'all', 'any'] as const);
  const { items } = drawList(next, a) as Extract<Val, { k: 'list' }>;
  return mode === 'one' && items.length === 0 ? undefined : { k: 'contains', mode, a, items: mode === 'one' ? items.slice(0, 1) : items };
}

function drawLike(next: Next, data: Data): Expr | undefined {
  const a = drawOf(next, data, ['text', 'dyn']);
  const parts = several(next, 5, (): LikePart => (chance(next, 0.35) ? { any: 'many' } : chance(next, 0.2) ? { any: 'one' } : { char: pick(next, ['a', 'b', '_', '%', '\\', '😀', '5']) }));
  return a && { k: 'like', a, parts };
}

function drawSearch(next: Next, data: Data): Expr | undefined {
  const texts = data.fields.filter(({ type }) => type === 'VarChar');
  if (chance(next, 0.3) || texts.length === 0) {
    return { k: 'sample', key: data.fields[0] as TestField, share: pick(next, [0.1, 0.5, 0.75]), seed: chance(next, 0.5) ? undefined : randomInteger(next, 3) };
  }
  const f = pick(next, texts);
  if (chance(next, 0.5)) return { k: 'match', f, words: words(next), minimum: chance(next, 0.5) ? undefined : 1 + randomInteger(next, 3) };
  return { k: 'phrase', f, words: words(next), slop: chance(next, 0.5) ? undefined : randomInteger(next, 4) };
}
