// The trees of the differential test: filters of its own, whose text is given to the parser and whose meaning is told by
// an evaluator over plain objects. Nothing here is shared with the product's filters.

import type { DataType, ElementType } from '../../../src/model/field.js';

/** A field as the generator knows it. */
export interface TestField {
  readonly name: string;
  readonly type: Extract<DataType, 'Bool' | 'Int8' | 'Int16' | 'Int32' | 'Int64' | 'Float' | 'Double' | 'VarChar' | 'Timestamptz' | 'Array' | 'JSON' | 'Geometry'>;
  readonly elementType?: ElementType;
  readonly nullable: boolean;
  readonly primaryKey: boolean;
}

/** A value of JSON: whole numbers of 64 bits are bigint, all others number. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | { readonly [key: string]: Json };

/** A value of a row: whole numbers and microseconds are bigint, floats number; undefined is null. */
export type Plain = Json | undefined;

/** By field name; `$meta` has the dynamic keys. */
export type TestRow = { readonly [name: string]: Plain };

export type Op = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type Arith = '+' | '-' | '*' | '/' | '%' | '**' | '&' | '|' | '^' | '<<' | '>>';
export type Step = string | number;

export type Val =
  | { readonly k: 'lit'; readonly v: boolean | string | bigint | number }
  | { readonly k: 'list'; readonly items: readonly Val[] }
  | { readonly k: 'col'; readonly f: TestField }
  | { readonly k: 'elem'; readonly f: TestField; readonly i: number }
  | { readonly k: 'json'; readonly f: string; readonly path: readonly Step[] }
  | { readonly k: 'len'; readonly a: Val }
  | { readonly k: 'sign'; readonly op: '+' | '-' | '~'; readonly a: Val }
  | { readonly k: 'ar'; readonly op: Arith; readonly a: Val; readonly b: Val }
  | { readonly k: 'moment'; readonly micros: bigint }
  | { readonly k: 'shift'; readonly a: Val; readonly sign: 1 | -1; readonly months: number; readonly seconds: number };

export type Expr =
  | { readonly k: 'const'; readonly v: boolean }
  | { readonly k: 'bare'; readonly a: Val }
  | { readonly k: 'cmp'; readonly op: Op; readonly a: Val; readonly b: Val }
  | { readonly k: 'range'; readonly low: Val; readonly op1: Op; readonly mid: Val; readonly op2: Op; readonly high: Val }
  | { readonly k: 'in'; readonly a: Val; readonly items: readonly Val[]; readonly negated: boolean }
  | { readonly k: 'like'; readonly a: Val; readonly parts: readonly LikePart[] }
  | { readonly k: 'regex'; readonly a: Val; readonly re: Re; readonly ignoreCase: boolean; readonly negated: boolean }
  | { readonly k: 'null'; readonly a: Val; readonly negated: boolean }
  | { readonly k: 'exists'; readonly a: Val }
  | { readonly k: 'contains'; readonly mode: 'one' | 'all' | 'any'; readonly a: Val; readonly items: readonly Val[] }
  | { readonly k: 'match'; readonly f: TestField; readonly words: readonly string[]; readonly minimum: number | undefined }
  | { readonly k: 'phrase'; readonly f: TestField; readonly words: readonly string[]; readonly slop: number | undefined }
  | { readonly k: 'sample'; readonly key: TestField; readonly share: number; readonly seed: number | undefined }
  | { readonly k: 'not'; readonly a: Expr }
  | { readonly k: 'and' | 'or'; readonly parts: readonly Expr[] };

export type LikePart = { readonly any: 'many' | 'one' } | { readonly char: string };

export type Re =
  | { readonly k: 'char'; readonly c: string }
  | { readonly k: 'dot' }
  | { readonly k: 'class'; readonly chars: readonly string[]; readonly negated: boolean }
  | { readonly k: 'perl'; readonly letter: 'd' | 'D' | 'w' | 'W' | 's' | 'S' }
  | { readonly k: 'edge'; readonly edge: '^' | '$' | 'b' | 'B' }
  | { readonly k: 'seq' | 'alt'; readonly parts: readonly Re[] }
  | { readonly k: 'rep'; readonly a: Re; readonly min: number; readonly max: number | undefined; readonly lazy: boolean };

/** What is known of a value before any row is looked at. */
export type Type = 'int' | 'single' | 'double' | 'dyn' | 'bool' | 'text' | 'time' | 'list' | 'shape';

export const INTS: readonly string[] = ['Int8', 'Int16', 'Int32', 'Int64'];

function typeOfName(type: string): Type {
  if (INTS.includes(type)) return 'int';
  return ({ Bool: 'bool', Float: 'single', Double: 'double', VarChar: 'text', Timestamptz: 'time', Array: 'list', JSON: 'dyn', Geometry: 'shape' } as const)[type] as Type;
}

/** The same in every row. */
export function isConst(val: Val): boolean {
  switch (val.k) {
    case 'lit':
    case 'list':
    case 'moment':
      return true;
    case 'sign':
      return isConst(val.a);
    case 'ar':
      return isConst(val.a) && isConst(val.b);
    default:
      return false;
  }
}

export function typeOf(val: Val): Type {
  switch (val.k) {
    case 'lit':
      return typeof val.v === 'bigint' ? 'int' : typeof val.v === 'number' ? 'double' : typeof val.v === 'string' ? 'text' : 'bool';
    case 'list':
      return 'list';
    case 'col':
      return typeOfName(val.f.type);
    case 'elem':
      return typeOfName(val.f.elementType as string);
    case 'json':
      return 'dyn';
    case 'len':
      return val.a.k === 'json' ? 'dyn' : 'int';
    case 'moment':
    case 'shift':
      return 'time';
    case 'sign':
      return typeOf(val.a);
    case 'ar':
      return arithmeticType(val);
  }
}

function arithmeticType({ op, a, b }: Extract<Val, { k: 'ar' }>): Type {
  const [one, other] = [typeOf(a), typeOf(b)];
  if (one === 'dyn' || other === 'dyn') return 'dyn';
  if (op === '**') return 'double';
  if (one === 'int' && other === 'int') return 'int';
  const isNarrow = (val: Val): boolean => isConst(val) || typeOf(val) === 'single';
  return isNarrow(a) && isNarrow(b) && !(isConst(a) && isConst(b)) ? 'single' : 'double';
}
