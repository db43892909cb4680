// Walks of search iterators: what a server that was restarted, or an answer that was lost, does to them.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineCollection } from '../../../src/engine/collection/collection.js';
import { vectorFields, type VectorField } from '../../../src/model/schema.js';
import { open } from '../../../src/presets/node.js';
import { SearchWalks, type WalkPage } from '../../../src/server/milvus/search-walks.js';

const ROWS = 20;

let database: Awaited<ReturnType<typeof open>>;
let collection: EngineCollection;
let field: VectorField;

beforeAll(async () => {
  database = await open('test', { storage: 'memory', core: 'wasm' });
  await database.createCollection({ name: 'books', fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' }] });
  collection = await database.opened('books');
  // Two rows of each distance.
  await collection.insert(Array.from({ length: ROWS }, (_, id) => ({ id, v: [Math.floor(id / 2), 0] })));
  [field] = vectorFields(collection.schema) as [VectorField];
});

afterAll(() => database.close());

const page = (walks: SearchWalks, token?: string, lastBound?: number, batchSize = 5, nowMs = 0, user = 'ada'): Promise<WalkPage> => walks.next(user, collection, field, { annsField: 'v', data: [0, 0], batchSize, recall: 1 }, { batchSize, token, lastBound }, nowMs);
const ids = ({ page: { hits } }: WalkPage): readonly number[] => hits.map(({ id }) => Number(id));

describe('a walk', () => {
  it('goes through every row once, also those of one score, by a token that stays', async () => {
    const walks = new SearchWalks();
    const found: number[] = [];
    let at = await page(walks);
    const { token } = at;
    for (; at.page.hits.length > 0; at = await page(walks, token, at.lastBound)) {
      found.push(...ids(at));
      expect(at.token).toBe(token);
    }
    expect(found).toEqual(Array.from({ length: ROWS }, (_, id) => id));
  });

  it('gives a page again whose answer was lost', async () => {
    const walks = new SearchWalks();
    const first = await page(walks);
    const second = await page(walks, first.token, first.lastBound);
    expect(ids(await page(walks, first.token, first.lastBound))).toEqual(ids(second));
    expect(ids(await page(walks, first.token, second.lastBound))).toEqual([10, 11, 12, 13, 14]);
  });

  it('goes on behind the score that is named where it is not known any more', async () => {
    const first = await page(new SearchWalks(), undefined, undefined, 6);
    // Less those that have this score, so that the page is shorter.
    expect(ids(await page(new SearchWalks(), first.token, first.lastBound))).toEqual([6, 7, 8]);
    const walks = new SearchWalks();
    const { token, lastBound } = await page(walks, undefined, undefined, 6);
    expect(ids(await page(walks, token, lastBound, 4, 11 * 60_000))).toEqual([6, 7]);
    expect((await page(walks, token, 81)).page.hits).toEqual([]);
  });

  it('is of the user who began it', async () => {
    const walks = new SearchWalks();
    const { token, lastBound } = await page(walks);
    // One row of the score is left; who does not know of the walk goes on behind it.
    expect(ids(await page(walks, token, lastBound, 5, 0, 'eve'))).not.toContain(5);
    expect(ids(await page(walks, token, lastBound))).toContain(5);
  });

  it('is given up for newer ones of the same user alone, by their number and by the length of their keys', async () => {
    const walks = new SearchWalks();
    const first = await page(walks, undefined, undefined, 5, 0, 'bob');
    const mine = await page(walks);
    for (let i = 0; i < 512; i++) await page(walks);
    const isKept = async ({ token, lastBound }: WalkPage, user: string) => ids(await page(walks, token, lastBound, 5, 0, user)).includes(5);
    expect([await isKept(first, 'bob'), await isKept(mine, 'ada')]).toEqual([true, false]);
    await database.createCollection({ name: 'long', fields: [{ name: 'id', type: 'VarChar', maxLength: 65_535, primaryKey: true }, { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' }] });
    const long = await database.opened('long');
    await long.insert(Array.from({ length: 80 }, (_, i) => ({ id: `${'x'.repeat(60_000)}${i}`, v: [0, 0] })));
    const [longField] = vectorFields(long.schema) as [VectorField];
    const mineNow = await page(walks);
    for (let i = 0; i < 3; i++) await walks.next('ada', long, longField, { annsField: 'v', data: [0, 0], batchSize: 70, recall: 1 }, { batchSize: 70, token: undefined, lastBound: undefined }, 0);
    expect([await isKept(first, 'bob'), await isKept(mineNow, 'ada')]).toEqual([true, false]);
  });
});
