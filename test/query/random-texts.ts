// Random filters as texts over a few columns with nulls, for tests of what may stand in for reading a column.

import { bitsetOf, clearBit, countBits } from '../../src/model/bitset.js';
import { withValid, type Column, type Columns } from '../../src/model/columns.js';
import { checkSchema, type Schema } from '../../src/model/schema.js';
import { randomInteger } from '../support/random.js';

export const TEXTS = ['', 'a', 'ab', 'abc', 'b', 'zebra', 'é', '\uffee', '😀', 'a long text that is cut somewhere behind its middle', 'a long text that is cut somewhere behind its middle 😀'];

export const SCHEMA: Schema = checkSchema({
  fields: [
    { name: 'id', type: 'Int64', primaryKey: true },
    { name: 'flag', type: 'Bool', nullable: true },
    { name: 'tiny', type: 'Int8', nullable: true },
    { name: 'count', type: 'Int32' },
    { name: 'large', type: 'Int64', nullable: true },
    { name: 'single', type: 'Float', nullable: true },
    { name: 'double', type: 'Double' },
    { name: 'text', type: 'VarChar', nullable: true },
    { name: 'vector', type: 'FloatVector', dim: 2 },
  ],
});

const NUMBERS = ['tiny', 'count', 'large', 'single', 'double'] as const;
const LARGE = [-(2n ** 63n), -1n, 0n, 1n, 3n, 2n ** 53n + 1n, 2n ** 63n - 1n];

/** Of few values if `spread` is small. */
export function randomColumns(rows: number, spread: number, next: () => number): Columns {
  const fill = <T>(make: () => T): T[] => Array.from({ length: rows }, make);
  const near = (): number => randomInteger(next, spread) - (spread >> 1);
  const fraction = (): number => (next() < 0.02 ? [Number.NaN, Infinity, -Infinity, -0][randomInteger(next, 4)] as number : near() / 2);
  const byName = new Map<string, Column>([
    ['id', { type: 'Int64', values: BigInt64Array.from({ length: rows }, (_, row) => BigInt(row)) }],
    ['flag', { type: 'Bool', values: Uint8Array.from(fill(() => (next() < 0.5 ? 1 : 0))) }],
    ['tiny', { type: 'Int8', values: Int8Array.from(fill(near)) }],
    ['count', { type: 'Int32', values: Int32Array.from(fill(near)) }],
    ['large', { type: 'Int64', values: BigInt64Array.from(fill(() => (next() < 0.1 ? (LARGE[randomInteger(next, LARGE.length)] as bigint) : BigInt(near())))) }],
    ['single', { type: 'Float', values: Float32Array.from(fill(fraction)) }],
    ['double', { type: 'Double', values: Float64Array.from(fill(fraction)) }],
    ['text', { type: 'VarChar', values: fill(() => TEXTS[randomInteger(next, Math.min(spread, TEXTS.length))] as string) }],
  ]);
  for (const { name } of SCHEMA.fields.filter(({ nullable }) => nullable === true)) {
    const share = [0, 0, 0.3, 1][randomInteger(next, 4)] as number;
    if (share === 0) continue;
    const valid = bitsetOf(rows, true);
    for (let row = 0; row < rows; row++) if (next() < share) clearBit(valid, row);
    // A column without nulls says so by having none.
    if (countBits(valid) < rows) byName.set(name, withValid(byName.get(name) as Column, valid));
  }
  return { rows, byName };
}

export function randomFilterText(depth: number, spread: number, next: () => number): string {
  const draw = depth === 0 ? 1 : next();
  const inner = (): string => randomFilterText(depth - 1, spread, next);
  if (draw < 0.2) return `not (${inner()})`;
  if (draw < 0.55) return `(${inner()}) ${next() < 0.5 ? 'and' : 'or'} (${inner()})`;
  return randomLeaf(spread, next);
}

function randomLeaf(spread: number, next: () => number): string {
  const pick = <T>(of: readonly T[]): T => of[randomInteger(next, of.length)] as T;
  const number = (): string => (next() < 0.1 ? String(pick(LARGE)) : String((randomInteger(next, spread + 4) - (spread >> 1) - 2) / (next() < 0.3 ? 2 : 1)));
  const text = (): string => JSON.stringify(pick(TEXTS));
  if (next() < 0.1) return pick(['flag', 'flag == false', 'flag != true', 'flag in [true]']);
  if (next() < 0.1) return `${pick(['flag', 'tiny', 'large', 'single', 'text'])} ${pick(['is null', 'is not null'])}`;
  if (next() < 0.1) return `text like ${JSON.stringify(`${pick(['', ...TEXTS])}${pick(['', '%', '_%'])}${pick(['', 'b', 'x'])}`)}`;
  const isText = next() < 0.3;
  const [field, value] = isText ? ['text', text] : [pick(NUMBERS), number];
  if (next() < 0.25) return `${field} ${pick(['in', 'not in'])} [${Array.from({ length: randomInteger(next, 5) }, value).join(', ')}]`;
  if (next() < 0.2) return `${value()} ${pick(['<', '<='])} ${field} ${pick(['<', '<='])} ${value()}`;
  return `${field} ${pick(['==', '!=', '<', '<=', '>', '>='])} ${value()}`;
}
