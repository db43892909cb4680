// Trees as text, spelled in every way that the language allows: brackets where they are needed and at times where not,
// words in either case, literals in any base, strings with any escapes, values beside the text.

import type { FilterParam } from '../../../src/model/filter-object.js';
import { timestampText } from '../../../src/model/timestamp.js';
import { chance, pick, type Next } from './draw.js';
import { sourceOf } from './regex.js';
import type { Expr, LikePart, Val } from './tree.js';

export interface Printed {
  readonly text: string;
  readonly params: { readonly [name: string]: FilterParam };
}

export interface Printer {
  readonly next: Next;
  /** Names that are no dynamic keys. */
  readonly names: ReadonlySet<string>;
  readonly params: { [name: string]: FilterParam };
}

export function print(expr: Expr, next: Next, names: ReadonlySet<string>): Printed {
  const printer: Printer = { next, names, params: {} };
  return { text: printExpr(expr, printer, 0), params: printer.params };
}

const RESERVED: ReadonlySet<string> = new Set(['and', 'or', 'not', 'in', 'true', 'false']);
const POWERS: Readonly<Record<string, number>> = { '|': 1, '^': 2, '&': 3, '<<': 4, '>>': 4, '+': 5, '-': 5, '*': 6, '/': 6, '%': 6, '**': 8 };
const SIGN = 7;
const ATOM = 9;

const word = ({ next }: Printer, name: string): string => (chance(next, 0.3) ? name.toUpperCase() : name);

const space = ({ next }: Printer): string => pick(next, [' ', ' ', ' ', '  ', '\n', '\t']);

function bracketed(text: string, own: number, outer: number, { next }: Printer): string {
  return own < outer || chance(next, 0.06) ? `(${text})` : text;
}

/** `outer`: what binds around it, from 1 for `or` to 4 for what is a comparison. */
export function printExpr(expr: Expr, p: Printer, outer: number): string {
  switch (expr.k) {
    case 'or':
    case 'and': {
      const own = expr.k === 'or' ? 1 : 2;
      const sign = (): string => `${space(p)}${chance(p.next, 0.3) ? (expr.k === 'or' ? '||' : '&&') : word(p, expr.k)}${space(p)}`;
      return bracketed(expr.parts.map((part) => printExpr(part, p, own)).reduce((a, b) => `${a}${sign()}${b}`), own, outer, p);
    }
    case 'not':
      return bracketed(negated(printExpr(expr.a, p, 3), p), 3, outer, p);
    default:
      return bracketed(printLeaf(expr, p), 4, outer, p);
  }
}

/** `!~` would be one sign. */
function negated(text: string, p: Printer): string {
  return chance(p.next, 0.4) ? `!${text.startsWith('~') ? ' ' : ''}${text}` : `${word(p, 'not')} ${text}`;
}

type Leaf = Exclude<Expr, { readonly k: 'and' | 'or' | 'not' }>;

function printLeaf(expr: Leaf, p: Printer): string {
  const a = (val: Val): string => printVal(val, p, 0);
  switch (expr.k) {
    case 'const':
      return pick(p.next, expr.v ? ['true', 'True', 'TRUE'] : ['false', 'False', 'FALSE']);
    case 'bare':
      return a(expr.a);
    case 'cmp':
      return `${a(expr.a)}${space(p)}${expr.op}${space(p)}${a(expr.b)}`;
    case 'range':
      return `${a(expr.low)} ${expr.op1} ${a(expr.mid)} ${expr.op2} ${a(expr.high)}`;
    case 'in':
      return `${a(expr.a)} ${expr.negated ? `${word(p, 'not')} ` : ''}${word(p, 'in')} ${printList(expr.items, p)}`;
    case 'like':
      return `${a(expr.a)} ${word(p, 'like')} ${literal(likeSource(expr.parts), p)}`;
    case 'regex':
      return `${a(expr.a)} ${expr.negated ? '!~' : '=~'} ${literal(sourceOf(expr.re, expr.ignoreCase), p)}`;
    case 'null':
      if (chance(p.next, 0.2)) return `${word(p, expr.negated ? 'isnotnull' : 'isnull')}(${a(expr.a)})`;
      return `${a(expr.a)} ${word(p, 'is')} ${expr.negated ? `${word(p, 'not')} ` : ''}${word(p, 'null')}`;
    case 'exists':
      return `${word(p, 'exists')} ${a(expr.a)}`;
    case 'contains': {
      const name = `${pick(p.next, ['json_contains', 'array_contains'])}${expr.mode === 'one' ? '' : `_${expr.mode}`}`;
      return `${word(p, name)}(${a(expr.a)}, ${expr.mode === 'one' ? a(expr.items[0] as Val) : printList(expr.items, p)})`;
    }
    case 'match':
      return `${word(p, 'text_match')}(${expr.f.name}, ${literal(expr.words.join(' '), p)}${expr.minimum === undefined ? '' : `, ${word(p, 'minimum_should_match')}=${expr.minimum}`})`;
    case 'phrase':
      return `${word(p, 'phrase_match')}(${expr.f.name}, ${literal(expr.words.join(' '), p)}${expr.slop === undefined ? '' : `, ${expr.slop}`})`;
    case 'sample':
      return `${word(p, 'random_sample')}(${expr.share}${expr.seed === undefined ? '' : `, ${expr.seed}`})`;
  }
}

export function likeSource(parts: readonly LikePart[]): string {
  return parts.map((part) => ('char' in part ? part.char.replace(/[\\%_]/, String.raw`\$&`) : part.any === 'many' ? '%' : '_')).join('');
}

function printVal(val: Val, p: Printer, outer: number): string {
  switch (val.k) {
    case 'lit':
      return literal(val.v, p, outer);
    case 'list':
      return printList(val.items, p);
    case 'col':
      return val.f.name;
    case 'elem':
      return `${val.f.name}[${val.i}]`;
    case 'json':
      return printPath(val, p);
    case 'len':
      return `${word(p, 'array_length')}(${printVal(val.a, p, 0)})`;
    case 'moment':
      return chance(p.next, 0.5) ? `${word(p, 'iso')} ${quoted(timestampText(val.micros), p)}` : literal(timestampText(val.micros), p);
    case 'shift':
      return `${printVal(val.a, p, ATOM)} ${val.sign < 0 ? '-' : '+'} ${word(p, 'interval')} '${duration(val)}'`;
    case 'sign':
      return bracketed(`${val.op}${printVal(val.a, p, SIGN)}`, SIGN, outer, p);
    case 'ar': {
      const own = POWERS[val.op] as number;
      return bracketed(`${printVal(val.a, p, own)}${space(p)}${val.op}${space(p)}${printVal(val.b, p, own + 1)}`, own, outer, p);
    }
  }
}

function duration({ months, seconds }: Extract<Val, { k: 'shift' }>): string {
  const [years, days] = [Math.floor(months / 12), Math.floor(seconds / 86_400)];
  return `P${years}Y${months % 12}M${days}DT${Math.floor((seconds % 86_400) / 3600)}H${Math.floor((seconds % 3600) / 60)}M${seconds % 60}S`;
}

function printPath({ f, path }: Extract<Val, { k: 'json' }>, p: Printer): string {
  const [first] = path;
  const isBare = f === '$meta' && typeof first === 'string' && /^[A-Za-z_]\w*$/.test(first) && !RESERVED.has(first) && !p.names.has(first) && chance(p.next, 0.6);
  const steps = (isBare ? path.slice(1) : path).map((step) => `[${typeof step === 'number' ? step : quoted(step, p)}]`).join('');
  return `${isBare ? first : f}${steps}`;
}

/** Of moments the texts alone: a list has literals. */
function printList(items: readonly Val[], p: Printer): string {
  const plain = items.map(paramOf);
  if (chance(p.next, 0.1) && plain.every((param) => param !== undefined)) return template(plain as FilterParam[], p);
  const printed = items.map((item) => (item.k === 'moment' ? literal(timestampText(item.micros), p) : printVal(item, p, 0)));
  return `[${printed.join(`,${chance(p.next, 0.2) ? '' : ' '}`)}${items.length > 0 && chance(p.next, 0.1) ? ',' : ''}]`;
}

/** What is handed over as it is; a float that is whole would be taken for a whole number. */
function paramOf(val: Val): FilterParam | undefined {
  if (val.k === 'moment') return timestampText(val.micros);
  if (val.k === 'list') {
    const items = val.items.map(paramOf);
    return items.every((item) => item !== undefined) ? (items as FilterParam[]) : undefined;
  }
  return val.k !== 'lit' || (typeof val.v === 'number' && Number.isSafeInteger(val.v)) ? undefined : val.v;
}

function template(param: FilterParam, p: Printer): string {
  const name = `p${Object.keys(p.params).length}`;
  p.params[name] = typeof param === 'bigint' && Number.isSafeInteger(Number(param)) && chance(p.next, 0.5) ? Number(param) : param;
  return `{${name}}`;
}

function literal(value: boolean | string | bigint | number, p: Printer, outer = 0): string {
  const param = paramOf({ k: 'lit', v: value });
  if (param !== undefined && chance(p.next, 0.08)) return template(param, p);
  if (typeof value === 'string') return quoted(value, p);
  if (typeof value === 'boolean') return pick(p.next, value ? ['true', 'True', 'TRUE'] : ['false', 'False', 'FALSE']);
  const isNegative = value < 0 || Object.is(value, -0);
  const digits = typeof value === 'bigint' ? wholeDigits(isNegative ? -value : value, p) : floatDigits(Math.abs(value), p);
  return isNegative ? bracketed(`-${digits}`, SIGN, outer, p) : digits;
}

function wholeDigits(value: bigint, { next }: Printer): string {
  const draw = next();
  if (draw < 0.8) return String(value);
  if (draw < 0.87) return `0x${value.toString(16)}`;
  return draw < 0.94 ? `0b${value.toString(2)}` : `0${value.toString(8)}`;
}

function floatDigits(value: number, { next }: Printer): string {
  if (Number.isInteger(value * 4) && value < 1e6 && chance(next, 0.2)) return `0x${(value * 4).toString(16)}p-2`;
  const text = String(value);
  if (/^0\.\d+$/.test(text) && chance(next, 0.2)) return text.slice(1);
  return /^\d+$/.test(text) ? `${text}${pick(next, ['.0', '.', 'e0'])}` : text;
}

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\\': '\\\\', '"': '\\"', "'": "\\'" };

function quoted(text: string, { next }: Printer): string {
  const quote = pick(next, ['"', "'"]);
  if (!/["'\\\r\n]/.test(text) && chance(next, 0.2)) return `${pick(next, ['r', 'R'])}${quote}${text}${quote}`;
  const chars = Array.from(text, (char) => {
    const named = NAMED[char];
    if (named !== undefined) return named;
    if (!chance(next, 0.1)) return char;
    const point = char.codePointAt(0) as number;
    const bytes = (): string => Array.from(Buffer.from(char), (byte) => (chance(next, 0.5) ? `\\x${byte.toString(16).padStart(2, '0')}` : `\\${byte.toString(8).padStart(3, '0')}`)).join('');
    return chance(next, 0.4) ? bytes() : point > 0xffff ? `\\U${point.toString(16).padStart(8, '0')}` : `\\u${point.toString(16).padStart(4, '0')}`;
  });
  return `${quote}${chars.join('').replaceAll(/\\\\([%_])/g, (both, sign) => (chance(next, 0.3) ? `\\${String(sign)}` : both))}${quote}`;
}
