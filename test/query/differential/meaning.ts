// The meaning of a filter, row by row over plain objects: true, false or unknown (undefined). Written from
// docs/filters.md, without columns, kernels, bitsets or anything of the product's filters.

import { arithmetic, signed } from './arithmetic.js';
import { patternOf } from './regex.js';
import { isConst, typeOf, type Expr, type LikePart, type Op, type Plain, type TestRow, type Type, type Val } from './tree.js';
import { sampled, termsOf } from './text.js';

export type Truth = boolean | undefined;

/** The truth of `expr` in a row. */
export function meaning(expr: Expr, row: TestRow): Truth {
  switch (expr.k) {
    case 'const':
      return expr.v;
    case 'bare':
      return compared('==', expr.a, { k: 'lit', v: true }, row);
    case 'cmp':
      return compared(expr.op, expr.a, expr.b, row);
    case 'range':
      return all([compared(expr.op1, expr.low, expr.mid, row), compared(expr.op2, expr.mid, expr.high, row)]);
    case 'in':
      return flipped(expr.negated, within(expr.a, expr.items, row));
    case 'like':
      return onText(value(expr.a, row), (text) => likeHolds(expr.parts, [...text]));
    case 'regex':
      return flipped(expr.negated, onText(value(expr.a, row), (text) => patternOf(expr.re, expr.ignoreCase).test(text)));
    case 'null':
      return isMissing(value(expr.a, row)) !== expr.negated;
    case 'exists':
      return expr.a.k === 'json' && row[expr.a.f] === undefined ? undefined : !isMissing(value(expr.a, row));
    case 'contains':
      return contained(expr, row);
    case 'match':
      return onText(row[expr.f.name], (text) => {
        const words = new Set(termsOf(expr.words.join(' ')).map(({ term }) => term));
        const found = new Set(termsOf(text).map(({ term }) => term));
        return [...words].filter((word) => found.has(word)).length >= (expr.minimum ?? 1);
      });
    case 'phrase':
      return onText(row[expr.f.name], (text) => phraseHolds(termsOf(expr.words.join(' ')), termsOf(text), expr.slop ?? 0));
    case 'sample':
      return sampled(row[expr.key.name] as bigint | string, expr.share, expr.seed ?? 0);
    case 'not':
      return flipped(true, meaning(expr.a, row));
    case 'and':
      return all(expr.parts.map((part) => meaning(part, row)));
    case 'or':
      return flipped(true, all(expr.parts.map((part) => flipped(true, meaning(part, row)))));
  }
}

function all(truths: readonly Truth[]): Truth {
  return truths.includes(false) ? false : truths.includes(undefined) ? undefined : true;
}

function flipped(flip: boolean, truth: Truth): Truth {
  return truth === undefined ? undefined : truth !== flip;
}

function onText(found: Plain, test: (text: string) => boolean): Truth {
  return typeof found === 'string' ? test(found) : undefined;
}

function isMissing(found: Plain): boolean {
  return found === undefined || found === null;
}

/** The value of an operand in a row; undefined where it has none. */
export function value(val: Val, row: TestRow): Plain {
  switch (val.k) {
    case 'lit':
      return val.v;
    case 'list':
      return val.items.map((item) => value(item, row) as Exclude<Plain, undefined>);
    case 'moment':
      return val.micros;
    case 'col':
      return row[val.f.name];
    case 'elem':
      return (row[val.f.name] as readonly Exclude<Plain, undefined>[] | undefined)?.[val.i];
    case 'json':
      return val.path.reduce<Plain>((at, step) => within1(at, step), row[val.f]) ?? undefined;
    case 'len': {
      const list = value(val.a, row);
      return Array.isArray(list) ? BigInt(list.length) : undefined;
    }
    case 'shift': {
      const moment = value(val.a, row);
      return moment === undefined ? undefined : moved(moment as bigint, val.sign * val.months, BigInt(val.sign * val.seconds) * 1_000_000n);
    }
    case 'sign':
      return signed(val.op, value(val.a, row));
    case 'ar':
      return arithmetic(val.op, value(val.a, row), value(val.b, row), typeOf(val) === 'single');
  }
}

function within1(at: Plain, step: string | number): Plain {
  if (typeof step === 'number') return Array.isArray(at) ? (at as readonly Plain[])[step] : undefined;
  return typeof at === 'object' && at !== null && !Array.isArray(at) && Object.keys(at).includes(step) ? (at as { readonly [key: string]: Plain })[step] : undefined;
}

function moved(micros: bigint, months: number, span: bigint): bigint {
  const day = 86_400_000_000n;
  const into = ((micros % day) + day) % day;
  const date = new Date(Number((micros - into) / 1000n));
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months];
  const daysOf = (y: number, m: number): number => {
    const first = new Date(0);
    first.setUTCFullYear(y, m + 1, 1);
    return new Date(first.getTime() - 86_400_000).getUTCDate();
  };
  const target = new Date(0);
  target.setUTCFullYear(year, month, Math.min(date.getUTCDate(), daysOf(year, month)));
  return BigInt(target.getTime()) * 1000n + into + span;
}

/** A literal beside a value of that type is first made what the type can hold, if it can. */
function fitted(found: Plain, type: Type): Plain {
  if (typeof found !== 'bigint' && typeof found !== 'number') return found;
  if (type !== 'single' && type !== 'double') return found;
  const rounded = type === 'single' ? Math.fround(Number(found)) : Number(found);
  return Number.isFinite(rounded) ? rounded : found;
}

function pair(a: Val, b: Val, row: TestRow): readonly [Plain, Plain] {
  const [one, other] = [value(a, row), value(b, row)];
  if (isConst(a) === isConst(b)) return [one, other];
  return isConst(a) ? [fittedTo(b, one), other] : [one, fittedTo(a, other)];
}

function fittedTo(val: Val, constant: Plain): Plain {
  if (val.k === 'col' && val.f.type === 'Array') return Array.isArray(constant) ? constant.map((item) => fitted(item, typeOf({ k: 'elem', f: val.f, i: 0 })) as Exclude<Plain, undefined>) : constant;
  return fitted(constant, typeOf(val));
}

function compared(op: Op, a: Val, b: Val, row: TestRow): Truth {
  const [one, other] = pair(a, b, row);
  return compare(op, one, other);
}

type Kind = 'number' | 'string' | 'boolean' | 'list';

function kindOf(found: Plain): Kind | undefined {
  if (typeof found === 'bigint' || typeof found === 'number') return 'number';
  if (typeof found === 'string' || typeof found === 'boolean') return typeof found as Kind;
  return Array.isArray(found) ? 'list' : undefined;
}

export function compare(op: Op, a: Plain, b: Plain): Truth {
  const kind = kindOf(a);
  if (kind === undefined || kind !== kindOf(b)) return undefined;
  if (kind === 'list' || kind === 'boolean') {
    const same = kind === 'boolean' ? a === b : sameList(a as readonly Plain[], b as readonly Plain[]);
    return op === '==' ? same : op === '!=' ? !same : undefined;
  }
  if (Number.isNaN(a) || Number.isNaN(b)) return op === '!=';
  const order = kind === 'string' ? textOrder(a as string, b as string) : (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0;
  return { '==': order === 0, '!=': order !== 0, '<': order < 0, '<=': order <= 0, '>': order > 0, '>=': order >= 0 }[op];
}

function sameList(a: readonly Plain[], b: readonly Plain[]): boolean {
  return a.length === b.length && a.every((item, i) => compare('==', item, b[i]) === true);
}

function textOrder(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function within(a: Val, items: readonly Val[], row: TestRow): Truth {
  if (items.length === 0) return false;
  const found = value(a, row);
  const answers = items.map((item) => compare('==', found, fittedTo(a, value(item, row))));
  return answers.includes(true) ? true : answers.includes(false) ? false : undefined;
}

function contained({ mode, a, items }: Extract<Expr, { k: 'contains' }>, row: TestRow): Truth {
  const list = value(a, row);
  if (!Array.isArray(list)) return undefined;
  const element: Val = a.k === 'col' ? { k: 'elem', f: a.f, i: 0 } : a;
  const has = (item: Val): boolean => (list as readonly Plain[]).some((found) => compare('==', found, fittedTo(element, value(item, row))) === true);
  return mode === 'all' ? items.every(has) : items.some(has);
}

/** By a table of which prefixes of the parts match which prefixes of the text. */
function likeHolds(parts: readonly LikePart[], text: readonly string[]): boolean {
  let reach = [true, ...text.map(() => false)];
  for (const part of parts) {
    const next = reach.map((_, at) => {
      if ('char' in part) return at > 0 && (reach[at - 1] as boolean) && text[at - 1] === part.char;
      return part.any === 'one' ? at > 0 && (reach[at - 1] as boolean) : reach.slice(0, at + 1).includes(true);
    });
    reach = next;
  }
  return reach.at(-1) === true;
}

interface Placed {
  readonly term: string;
  readonly position: number;
}

/** By trying every token for every term. */
function phraseHolds(query: readonly Placed[], text: readonly Placed[], slop: number): boolean {
  const attempt = (at: number, taken: readonly number[], moves: readonly number[]): boolean => {
    if (moves.length > 0 && Math.max(...moves) - Math.min(...moves) > slop) return false;
    const wanted = query[at];
    if (wanted === undefined) return moves.length > 0;
    return text.some(({ term, position }, i) => term === wanted.term && !taken.includes(i) && attempt(at + 1, [...taken, i], [...moves, position - wanted.position]));
  };
  return attempt(0, [], []);
}
