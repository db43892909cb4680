// Iterators against the rows of the moment in which they began, while rows are written, deleted, sealed and merged.

import { deepStrictEqual, ok } from 'node:assert/strict';
import { compareText } from '../../../src/model/text-order.js';
import type { Hit } from '../../../src/model/hit.js';
import { randomInteger } from '../../support/random.js';
import { filterOf, randomAsked, ranked } from './oracle.js';
import { randomCase, shownRow, type ModelRow, type World } from './world.js';

async function disturb({ next, write, remove, collection }: World): Promise<void> {
  const kind = next();
  if (kind < 0.5) await write(1 + randomInteger(next, 8));
  else if (kind < 0.7) await remove(4);
  else if (kind < 0.8) await collection.flush();
  else if (kind < 0.85) await collection.compact();
}

/** Gives how many answers were compared. */
export async function checkQueryIterator(world: World): Promise<number> {
  const { collection, next } = world;
  const { passes, ...within } = randomCase(next);
  const limit = next() < 0.5 ? undefined : 1 + randomInteger(next, 50);
  const before = [...world.rows].filter(passes).sort(({ id: a }, { id: b }) => (typeof a === 'string' ? compareText(a, b as string) : a < (b as bigint) ? -1 : 1));
  const batches = await collection.queryIterator({ batchSize: 1 + randomInteger(next, 20), ...(limit === undefined ? {} : { limit }), ...filterOf(within) });
  const quiet = next() < 0.3;
  const found: unknown[] = [];
  for await (const rows of batches) {
    ok(rows.length > 0, 'an empty batch');
    const now = new Map(world.rows.map((row) => [row.id, row]));
    for (const row of rows) {
      const model = now.get(row['id'] as never);
      ok(model !== undefined && passes(model), `a row that is not there, or does not match: ${String(row['id'])}`);
      deepStrictEqual(row, shownRow(model));
      found.push(row['id']);
    }
    if (!quiet) await disturb(world);
  }
  const keys = before.map(({ id }) => id);
  deepStrictEqual(found, [...keys].filter((id) => found.includes(id)), 'rows of then, each once, in order');
  const same = new Set<ModelRow>(world.rows);
  const untouched = before.filter((row) => same.has(row)).map(({ id }) => id);
  if (limit === undefined) deepStrictEqual(found.filter((id) => untouched.includes(id as never)), untouched, 'every row that stayed');
  else ok(found.length <= limit);
  if (quiet) deepStrictEqual(found, keys.slice(0, limit));
  return 1;
}

/** The same of searches, whose rows are those of then to the last. */
export async function checkSearchIterator(world: World): Promise<number> {
  const { collection, next } = world;
  const asked = randomAsked(next);
  const limit = next() < 0.5 ? undefined : 1 + randomInteger(next, 60);
  const rows = [...world.rows];
  const expected = ranked({ ...world, rows }, asked);
  const options = { data: asked.query as never, annsField: asked.field, recall: 1, outputFields: ['a'], batchSize: 1 + randomInteger(next, 15), ...filterOf(asked) };
  const batches = await collection.searchIterator({ ...options, ...(limit === undefined ? {} : { limit }) });
  const found: Hit[] = [];
  for await (const hits of batches) {
    ok(hits.length > 0 && hits.length <= options.batchSize);
    found.push(...hits);
    await disturb(world);
  }
  deepStrictEqual(found.map(({ id, score, fields }) => ({ id, score, a: fields['a'] })), expected.slice(0, limit).map(({ row, score }) => ({ id: row.id, score, a: row.a })), JSON.stringify(options));
  return 1 + (await checkLostMoment(world));
}

/** The moment is given up in the middle: rows that stay come once, in order, from where the walk had come. */
async function checkLostMoment(world: World): Promise<number> {
  const { collection, next } = world;
  const asked = randomAsked(next);
  const request = { data: asked.query as never, annsField: asked.field, recall: 1, batchSize: 1 + randomInteger(next, 15), ...filterOf(asked) };
  const before = new Set(world.rows);
  const found: Hit[] = [];
  let page = await collection.searchPage(request);
  found.push(...page.hits);
  while (page.next !== undefined) {
    await disturb(world);
    if (next() < 0.5) await collection.closePage(page.next);
    // Asked again, as by who did not get the answer, it is the same.
    const repeated = next() < 0.3 ? await collection.searchPage(request, page.next) : undefined;
    const following = await collection.searchPage(request, page.next);
    if (repeated !== undefined) deepStrictEqual(following.hits, repeated.hits);
    page = following;
    found.push(...page.hits);
  }
  const ids = found.map(({ id }) => id);
  const stayed = ranked(world, asked).filter(({ row }) => before.has(row)).map(({ row }) => row.id);
  deepStrictEqual(ids.filter((id) => stayed.includes(id)), stayed, JSON.stringify(request));
  return 1;
}
