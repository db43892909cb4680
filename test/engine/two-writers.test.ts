// Several writers of one bucket, each taking over from the one before at any moment, its calls meeting theirs in any
// order: nothing that any of them acknowledged is lost, nothing refused comes back, and no sweep removes what a newer
// writer's manifest names.

import { beforeAll, expect, test } from 'vitest';
import type { Core } from '../../src/ports/core.js';
import { ElanusError } from '../../src/model/errors.js';
import { logPrefix } from '../../src/format/keys.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testCore, testDatabase } from '../support/database.js';
import { objectStorage, type Objects } from '../support/object-store.js';
import { random, randomInteger } from '../support/random.js';

const EXPECTED = ['Busy', 'ReadOnly', 'NotFound', 'Network', 'Corrupt', 'Closed'];
const definition = { name: 'c', dimension: 2, metric: 'L2' } as const;

let core: Core;

beforeAll(async () => {
  core = await testCore();
});

interface Told {
  readonly acknowledged: Set<bigint>;
  readonly refused: Set<bigint>;
  /** Codes of refusals. */
  readonly codes: string[];
}

async function live(writer: number, db: SyncDatabase, next: () => number, told: Told, steps: number): Promise<void> {
  try {
    const c = await db.collection('c');
    for (let step = 0; step < steps; step++) {
      if (randomInteger(next, 3) === 0) await c.flush();
      else {
        const id = writer * 1000 + step;
        try {
          await c.insert([{ id, vector: [id, 1] }]);
          told.acknowledged.add(BigInt(id));
        } catch (error) {
          told.refused.add(BigInt(id));
          throw error;
        }
      }
    }
  } catch (error) {
    const code = error instanceof ElanusError ? error.code : String(error);
    expect(EXPECTED, String(error)).toContain(code);
    told.codes.push(code);
  }
}

async function run(seed: number): Promise<Told> {
  const objects: Objects = new Map();
  const next = random(seed);
  const openOne = (): Promise<SyncDatabase> => testDatabase({ storage: objectStorage(objects, next), core, seed: seed * 10 + randomInteger(next, 1000) });
  const told: Told = { acknowledged: new Set(), refused: new Set(), codes: [] };
  const first = await openOne();
  await first.createCollection(definition);
  const opened = [first];
  const lives = [live(1, first, next, told, 8)];
  for (let writer = 2; writer <= 3; writer++) {
    for (let turn = randomInteger(next, 400); turn > 0; turn--) await undefined;
    const db = await openOne();
    opened.push(db);
    lives.push(live(writer, db, next, told, 8));
  }
  await Promise.all(lives);
  for (const db of opened) await db.close().catch((error: unknown) => expect(EXPECTED, String(error)).toContain((error as ElanusError).code));
  const last = await openOne();
  const c = await last.opened('c');
  const found = new Set((await c.query()).map(({ id }) => id as bigint));
  const label = `seed ${seed}; refusals ${told.codes.join()}; warnings ${(await last.health()).warnings.join()}`;
  expect((await last.describeCollection('c')).missing, label).toBeUndefined();
  for (const id of told.acknowledged) expect(found.has(id), `${label}: ${id} was acknowledged`).toBe(true);
  for (const id of found) expect(told.acknowledged.has(id) || told.refused.has(id), `${label}: ${id} was never written`).toBe(true);
  for (const id of told.refused) expect(found.has(id), `${label}: ${id} was refused`).toBe(false);
  await c.insert([{ id: 9999, vector: [0, 0] }]);
  await c.flush();
  for (const { rowsFile } of c.manifest.manifest.segments) expect([...objects.keys()].some((name) => name.endsWith(rowsFile.name)), label).toBe(true);
  await last.close();
  return told;
}

test('three writers, each taking over from the one before, in 120 orders', async () => {
  const start = Math.floor(Math.random() * 1e6);
  console.log(`writers of one bucket: seeds from ${start}`);
  let taken = 0;
  for (let seed = start; seed < start + 120; seed++) taken += (await run(seed)).codes.length > 0 ? 1 : 0;
  // Most of them met while the former still wrote.
  expect(taken).toBeGreaterThan(30);
});

test('who lost its log to another is refused, also after the other has removed it', async () => {
  const objects: Objects = new Map();
  const openOne = (): Promise<SyncDatabase> => testDatabase({ storage: objectStorage(objects, () => 0), core });
  const former = await openOne();
  const c = await former.createCollection(definition);
  await c.insert([{ id: 1, vector: [1, 1] }]);
  const now = await openOne();
  const taken = await now.collection('c');
  const id = (await former.opened('c')).manifest.manifest.collection;
  // Its log is sealed and gone before the former writes again.
  await taken.insert([{ id: 2, vector: [2, 1] }]);
  await taken.flush();
  await taken.insert([{ id: 3, vector: [3, 1] }]);
  await taken.flush();
  expect([...objects.keys()].filter((name) => name.startsWith(logPrefix(id)) && !name.includes('~'))).toHaveLength(1);
  await expect(c.insert([{ id: 4, vector: [4, 1] }])).rejects.toMatchObject({ code: 'Busy' });
  await expect(c.flush()).rejects.toMatchObject({ code: 'ReadOnly' });
  expect(await taken.count()).toBe(3);
  await former.close();
  await now.close();
});

test('a change of the catalog that another has changed since is refused, and undoes nothing', async () => {
  const objects: Objects = new Map();
  const openOne = (): Promise<SyncDatabase> => testDatabase({ storage: objectStorage(objects, () => 0), core, seed: objects.size + 1 });
  const former = await openOne();
  await former.createCollection(definition);
  const now = await openOne();
  await now.createCollection({ ...definition, name: 'd' });
  await expect(former.createCollection({ ...definition, name: 'e' })).rejects.toMatchObject({ code: 'Busy' });
  await expect(former.dropCollection('c')).rejects.toMatchObject({ code: 'Busy' });
  await former.close();
  await now.close();
  const last = await openOne();
  expect(await last.listCollections()).toEqual(['c', 'd']);
  await last.close();
});
