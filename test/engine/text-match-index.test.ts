// The index over terms of a sealed segment's texts: made when a filter matched a field that says so, named by explain,
// counted in memory, gone with the column and made again.

import { expect, test } from 'vitest';
import type { Collection, Database } from '../../src/engine/api.js';
import type { RowInput } from '../../src/model/row.js';
import type { MemoryFiles } from '../../src/storage/memory.js';
import { testDatabase } from '../support/database.js';
import { random, randomInteger } from '../support/random.js';

const ROWS = 4000;
const SEED = 31;
const WORDS = ['kite', 'bird', 'wing', 'hover', 'field', 'river', 'stone', 'cloud'];
const FIELDS = [
  { name: 'id', type: 'Int64', primaryKey: true },
  { name: 'title', type: 'VarChar', maxLength: 200, enableAnalyzer: true, enableMatch: true, nullable: true },
  { name: 'plain', type: 'VarChar', maxLength: 200 },
  { name: 'vector', type: 'FloatVector', dim: 2, metric: 'L2' },
] as const;

function rows(): readonly RowInput[] {
  const next = random(SEED);
  const text = (): string => Array.from({ length: 2 + randomInteger(next, 12) }, () => WORDS[randomInteger(next, WORDS.length)]).join(' ');
  return Array.from({ length: ROWS }, (_, id) => ({ id, title: next() < 0.1 ? null : `${text()} ${id}`, plain: text(), vector: [id, 1] }));
}

const FILTERS = [
  'text_match(title, "kite 17")', 'text_match(title, "kite bird river", minimum_should_match=3)', 'not text_match(title, "kite")', 'phrase_match(title, "kite bird")',
  'phrase_match(title, "bird kite", 2)', 'not phrase_match(title, "kite kite", 3)', 'text_match(title, "nothing")', 'id < 2000 and phrase_match(title, "stone cloud kite", 1)', 'text_match(plain, "kite wing", minimum_should_match=2)',
];

const counts = (c: Collection): Promise<readonly number[]> => Promise.all(FILTERS.map((filter) => c.count(filter)));

async function usedBy(c: Collection, filter: string): Promise<readonly string[] | undefined> {
  return (await c.explain({ filter })).segments[0]?.filterIndexes;
}

async function filled(db: Database): Promise<Collection> {
  const c: Collection = await db.createCollection({ name: 'c', fields: FIELDS });
  await c.insert(rows());
  return c;
}

const BUILT = { timeout: 20_000, interval: 5 };

test('answers as analyzing does, is named, counted and made again', async () => {
  const files: MemoryFiles = new Map();
  let db = await testDatabase({ files });
  let c = await filled(db);
  const expected = await counts(c);
  await c.flush();
  for (let opened = 0; opened < 2; opened++) {
    const [filter] = FILTERS as [string];
    await c.count('title is null and plain != "x" and id >= 0');
    const before = (await db.stats()).memory.usedBytes;
    expect(await usedBy(c, filter)).toEqual([]);
    await expect.poll(() => usedBy(c, filter), BUILT).toEqual(['title (text)']);
    // Some 8 tokens a row, a byte or two each for row and place.
    expect((await db.stats()).memory.usedBytes).toBeGreaterThan(before + ROWS * 8);
    expect(await counts(c)).toEqual(expected);
    for (const other of FILTERS.slice(1, 8)) expect(await usedBy(c, other)).toEqual(['title (text)']);
    // A field that does not say that its texts are matched has none.
    expect(await usedBy(c, FILTERS.at(-1) as string)).toEqual([]);
    // Few rows are analyzed.
    expect(await usedBy(c, 'id < 50 and text_match(title, "kite")')).toEqual([]);
    await c.delete({ filter: 'id == -1' });
    await db.close();
    db = await testDatabase({ files });
    c = await db.collection('c');
  }
  await db.close();
});

test('is not made where memory has no room for it', async () => {
  const files: MemoryFiles = new Map();
  let db = await testDatabase({ files });
  let c = await filled(db);
  const expected = await counts(c);
  await c.flush();
  await db.close();
  db = await testDatabase({ files, memoryBytes: 1_300_000 });
  c = await db.collection('c');
  for (let round = 0; round < 3; round++) {
    for (const [at, filter] of FILTERS.entries()) {
      expect(await c.count(filter), filter).toBe(expected[at]);
      expect((await db.stats()).memory.usedBytes).toBeLessThanOrEqual(1_300_000);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await usedBy(c, FILTERS[0] as string)).toEqual([]);
  }
  await db.close();
});
