// Random filters: printed and parsed they are the same filter, and evaluated they match the rows that an
// interpreter matches which knows nothing of columns, kernels or bitsets. It is the meaning of the language.

import { beforeAll, expect, it } from 'vitest';
import { createPredicates } from '../../src/core/predicates/wasm-predicates.js';
import { bitsetOf, hasBit, setBit, type Bitset } from '../../src/model/bitset.js';
import { withValid, type Columns } from '../../src/model/columns.js';
import type { Comparison, Filter, Literal } from '../../src/model/filter.js';
import type { Predicates } from '../../src/ports/core.js';
import { checkFilter } from '../../src/query/check.js';
import { evaluateFilter } from '../../src/query/evaluate.js';
import type { Schema } from '../../src/model/schema.js';
import { parseFilter } from '../../src/query/parser.js';
import { compileAsset } from '../support/assets.js';
import { random, randomInteger } from '../support/random.js';
import { print, randomFilter, withoutPositions, type Operand } from './language.js';
import { schema, table } from './tables.js';

const seed = 4_711;
const texts = ['', 'a', 'b', 'ab', 'é', '\uffee', '😀', '"\\\n\t\''];
const ints: readonly Literal[] = [0n, 1n, -1n, 2n, -128n, 127n, 128n, 2n ** 31n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, 0.5, -1.5, 2.5, 1e19];
const decimals: readonly Literal[] = [0n, 1n, -1n, 0.5, -0.5, 2.5, 0.1, 1e300, -1e300, 2n ** 53n];
const numeric = (field: string, literals: readonly Literal[]): Operand => ({ field, ordered: true, bare: false, literals });

const operands: readonly Operand[] = [
  { field: 'flag', ordered: false, bare: true, literals: [true, false] },
  ...['i8', 'i16', 'i32', 'i64'].map((field) => numeric(field, ints)),
  ...['f32', 'f64'].map((field) => numeric(field, decimals)),
  { field: 'name', ordered: true, bare: false, literals: texts },
  ...['key', 'rare'].map((field) => ({ field, ordered: true, bare: true, literals: [...texts, ...ints, ...decimals, true, false] })),
];

type Row = Readonly<Record<string, Literal | null | undefined>>;

function randomRow(next: () => number): Row {
  const pick = <T>(from: readonly T[]): T => from[randomInteger(next, from.length)] as T;
  const int = (bits: number): bigint => BigInt.asIntN(bits, pick([...ints.filter((value) => typeof value === 'bigint'), BigInt(randomInteger(next, 5))]));
  const dynamic = [...texts, 0, 1, -1, 0.5, 2n ** 53n + 1n, 1e300, true, false, null];
  return {
    flag: next() < 0.5,
    i8: int(8), i16: int(16), i32: int(32), i64: int(64),
    f32: Math.fround(Number(pick([...decimals, Number.NaN]))), f64: Number(pick([...decimals, Number.NaN])),
    name: pick(texts),
    key: pick(dynamic),
    rare: next() < 0.5 ? undefined : pick(dynamic),
  };
}

/** Null where a row has null. */
function columnsOf(rows: readonly Row[]): Columns {
  const numbers = (field: string): number[] => rows.map((row) => Number(row[field]));
  const { byName } = table({
    flag: { type: 'Bool', values: Uint8Array.from(numbers('flag')) },
    i8: { type: 'Int8', values: Int8Array.from(numbers('i8')) },
    i16: { type: 'Int16', values: Int16Array.from(numbers('i16')) },
    i32: { type: 'Int32', values: Int32Array.from(numbers('i32')) },
    i64: { type: 'Int64', values: BigInt64Array.from(rows.map((row) => (row['i64'] ?? 0n) as bigint)) },
    f32: { type: 'Float', values: Float32Array.from(numbers('f32')) },
    f64: { type: 'Double', values: Float64Array.from(numbers('f64')) },
    name: { type: 'VarChar', values: rows.map((row) => (row['name'] ?? '') as string) },
    $meta: { type: 'JSON', values: rows.map(dynamicText) },
  });
  return { rows: rows.length, byName: new Map(Array.from(byName, ([name, column]) => [name, withValid(column, validOf(rows, name))])) };
}

function validOf(rows: readonly Row[], name: string): Bitset | undefined {
  if (rows.every((row) => row[name] !== null)) return undefined;
  const valid = bitsetOf(rows.length, false);
  rows.forEach((row, at) => row[name] !== null && setBit(valid, at));
  return valid;
}

/** Some of its fields, but no dynamic keys, null. */
function withNulls(row: Row, next: () => number): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, name !== 'key' && name !== 'rare' && next() < 0.3 ? null : value]));
}

function dynamicText({ key, rare }: Row): string {
  const json = (value: Literal | null): string => (typeof value === 'bigint' ? String(value) : JSON.stringify(value));
  const pairs = Object.entries({ key, rare }).flatMap(([name, value]) => (value === undefined ? [] : [`"${name}":${json(value)}`]));
  return `{${pairs.join(',')}}`;
}

// The interpreter. undefined is unknown.

function meaning(filter: Filter, row: Row): boolean | undefined {
  switch (filter.kind) {
    case 'constant':
      return filter.value;
    case 'field':
      return compared(filter.field, row[filter.field], '==', true);
    case 'compare':
      return compared(filter.field, row[filter.field], filter.op, filter.value);
    case 'in': {
      const answers = filter.values.map((value) => compared(filter.field, row[filter.field], '==', value));
      const found = answers.includes(true) ? true : answers.includes(false) || answers.length === 0 ? false : undefined;
      return filter.negated && found !== undefined ? !found : found;
    }
    case 'not': {
      const answer = meaning(filter.operand, row);
      return answer === undefined ? undefined : !answer;
    }
    default: {
      const sides = [meaning(filter.left, row), meaning(filter.right, row)];
      const decisive = filter.kind === 'or';
      return sides.includes(decisive) ? decisive : sides.includes(undefined) ? undefined : !decisive;
    }
  }
}

function compared(field: string, value: Literal | null | undefined, op: Comparison, literal: Literal): boolean | undefined {
  const kind = (x: unknown): string => (typeof x === 'bigint' ? 'number' : typeof x);
  if (value === null || value === undefined || kind(value) !== kind(literal)) return undefined;
  if (typeof value === 'string') return ordered(Buffer.compare(Buffer.from(value), Buffer.from(literal as string)), op);
  if (Number.isNaN(value)) return op === '!=';
  const right = field === 'f32' ? Number(literal) : literal;
  const stored = field === 'f32' && Number.isFinite(Math.fround(right as number)) ? Math.fround(right as number) : right;
  return ordered(value < stored ? -1 : value > stored ? 1 : 0, op);
}

function ordered(order: number, op: Comparison): boolean {
  const holds: Record<Comparison, boolean> = { '==': order === 0, '!=': order !== 0, '<': order < 0, '<=': order <= 0, '>': order > 0, '>=': order >= 0 };
  return holds[op];
}

let predicates: Predicates;
beforeAll(async () => {
  predicates = createPredicates(await compileAsset('filter.wasm'));
});

it('random filters survive printing and parsing', () => {
  const next = random(seed);
  for (let round = 0; round < 2_000; round++) {
    const filter = randomFilter(operands, randomInteger(next, 6), next);
    const text = print(filter);
    expect(withoutPositions(parseFilter(text)), `seed ${seed}, round ${round}: ${text}`).toEqual(filter);
  }
});

const nullable: Schema = { ...schema, fields: schema.fields.map((field) => (operands.some((operand) => operand.field === field.name) ? { ...field, nullable: true } : field)) };

it.each([['', schema], [', null being unknown', nullable]])('random filters match the rows that the interpreter matches%s', (_, fitted) => {
  const next = random(seed + 1);
  for (let round = 0; round < 2_000; round++) {
    const rows = Array.from({ length: randomInteger(next, 150) }, () => (fitted === nullable ? withNulls(randomRow(next), next) : randomRow(next)));
    const filter = randomFilter(operands, randomInteger(next, 6), next);
    const found = evaluateFilter(checkFilter(filter, fitted), columnsOf(rows), predicates);
    const wrong = rows.findIndex((row, at) => hasBit(found, at) !== (meaning(filter, row) === true));
    expect(wrong < 0 ? '' : dynamicText(rows[wrong] as Row), `seed ${seed}, round ${round}, row ${wrong}: ${print(filter)}`).toBe('');
  }
});
