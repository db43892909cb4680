// Queries against a sort and a reduction over plain objects: orders, windows, aggregates, groups.

import { deepStrictEqual } from 'node:assert/strict';
import type { OrderBy } from '../../../src/engine/api.js';
import { compareText } from '../../../src/model/text-order.js';
import { randomInteger } from '../../support/random.js';
import { filterOf } from './oracle.js';
import { randomCase, shownRow, type ModelRow, type World } from './world.js';

type Value = boolean | number | bigint | string | null;

/** Names that orders and groups may use, and what a row has there. */
const FIELDS: Readonly<Record<string, (row: ModelRow) => Value>> = {
  id: ({ id }) => id,
  a: ({ a }) => a,
  big: ({ big }) => big,
  d: ({ d }) => d,
  g: ({ g }) => g,
  flag: ({ flag }) => flag,
  t: ({ t }) => t,
  colour: ({ colour }) => colour ?? null,
  'info["maker"]["id"]': ({ info }) => ((info as { maker?: { id?: Value } | null }).maker?.id ?? null),
  'info["list"][0]': ({ info }) => (info as { list?: Value[] }).list?.[0] ?? null,
};
const NAMES = Object.keys(FIELDS);
const RANKS: readonly string[] = ['boolean', 'number', 'string'];

function rankOf(value: Value): number {
  return RANKS.indexOf(typeof value === 'bigint' ? 'number' : typeof value);
}

function compareValues(a: Value, b: Value): number {
  if (a === b) return 0;
  if (rankOf(a) !== rankOf(b)) return rankOf(a) - rankOf(b);
  return typeof a === 'string' ? compareText(a, b as string) : (a as number) < (b as number) ? -1 : 1;
}

function compareBy(order: readonly OrderBy[], valueOf: (row: never, field: string) => Value): (a: unknown, b: unknown) => number {
  return (x, y) => {
    for (const { field, desc = false, nulls = 'last' } of order) {
      const [a, b] = [valueOf(x as never, field), valueOf(y as never, field)];
      if (a === null && b === null) continue;
      if (a === null || b === null) return (a === null) === (nulls === 'first') ? -1 : 1;
      const found = compareValues(a, b);
      if (found !== 0) return desc ? -found : found;
    }
    return 0;
  };
}

function randomOrder(next: () => number, fields: readonly string[]): readonly OrderBy[] {
  return Array.from({ length: randomInteger(next, 4) }, () => {
    const field = fields[randomInteger(next, fields.length)] as string;
    return { field, ...(next() < 0.5 ? { desc: next() < 0.7 } : {}), ...(next() < 0.5 ? { nulls: next() < 0.5 ? ('first' as const) : ('last' as const) } : {}) };
  });
}

/** Gives how many answers were compared. */
export async function checkQueries({ collection, rows, next }: World): Promise<number> {
  const { passes, ...within } = randomCase(next);
  const matching = rows.filter(passes);
  const order = randomOrder(next, NAMES);
  const offset = next() < 0.5 ? 0 : randomInteger(next, 20);
  const limit = next() < 0.3 ? 16_384 - offset : 1 + randomInteger(next, 30);
  const sorted = [...matching].sort(compareBy([...order, { field: 'id' }], (row: ModelRow, field) => (FIELDS[field] as (row: ModelRow) => Value)(row)));
  const asked = { limit, offset, orderBy: order, ...filterOf(within) };
  deepStrictEqual(await collection.query(asked), sorted.slice(offset, offset + limit).map(shownRow), JSON.stringify(asked));
  deepStrictEqual(await collection.query({ outputFields: ['count(*)'], ...filterOf(within) }), [{ 'count(*)': matching.length }]);
  return 2 + (await checkGroups({ collection, next, matching, within }));
}

async function checkGroups({ collection, next, matching, within }: Pick<World, 'collection' | 'next'> & { readonly matching: readonly ModelRow[]; readonly within: Parameters<typeof filterOf>[0] }): Promise<number> {
  const groupBy = Array.from(new Set(Array.from({ length: randomInteger(next, 3) }, () => NAMES[randomInteger(next, NAMES.length)] as string)));
  const aggregate = ['count(*)', 'count(a)', 'sum(a)', 'sum(big)', 'sum(d)', 'min(g)', 'max(t)', 'avg(a)', 'min(colour)', 'max(info["maker"]["id"])', 'sum(info["maker"]["id"])'].filter(() => next() < 0.6);
  if (groupBy.length + aggregate.length === 0) return 0;
  const names = [...groupBy, ...aggregate];
  const groups = new Map<string, ModelRow[]>(groupBy.length === 0 ? [['', []]] : []);
  for (const row of matching) {
    const key = groupBy.map((field) => keyText((FIELDS[field] as (row: ModelRow) => Value)(row))).join('\n');
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const reduced = [...groups.values()].map((members) =>
    Object.fromEntries([...groupBy.map((field) => [field, (FIELDS[field] as (row: ModelRow) => Value)(members[0] as ModelRow)] as const), ...aggregate.map((call) => [call, reduce(call, members)] as const)]),
  );
  const order = randomOrder(next, names);
  const expected = reduced.sort(compareBy([...order, ...groupBy.map((field) => ({ field }))], (row: Record<string, Value>, field) => row[field] as Value));
  const offset = randomInteger(next, 3);
  const limit = 1 + randomInteger(next, 50);
  const asked = { groupBy, aggregate, orderBy: order, offset, limit, ...filterOf(within) };
  deepStrictEqual(await collection.query(asked), expected.slice(offset, offset + limit), JSON.stringify(asked));
  return 1;
}

function keyText(value: Value): string {
  return `${typeof value}${String(value)}`;
}

// Of doubles that are multiples of an eighth, so that sums are exact in any order.
function reduce(call: string, rows: readonly ModelRow[]): Value {
  const [, op, field] = /^(\w+)\((.*)\)$/.exec(call) as unknown as [string, string, string];
  if (field === '*') return rows.length;
  const values = rows.map((row) => (FIELDS[field] as (row: ModelRow) => Value)(row)).filter((value) => value !== null);
  if (op === 'count') return values.length;
  if (op === 'min' || op === 'max') return values.sort(compareValues).at(op === 'min' ? 0 : -1) ?? null;
  const numbers = values.filter((value) => typeof value === 'number' || typeof value === 'bigint');
  if (numbers.length === 0) return null;
  const sum = numbers.reduce<number>((total, value) => total + Number(value), 0);
  if (op === 'avg') return sum / numbers.length;
  return field === 'a' || field === 'big' ? numbers.reduce<bigint>((total, value) => total + BigInt(value), 0n) : sum;
}
