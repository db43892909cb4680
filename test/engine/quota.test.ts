// A storage of every size from too small for anything to large enough: what was acknowledged is there, also after a
// reopening, what was refused is not, reads go on, and with more room writes do without a reopening.

import { beforeAll, expect, test } from 'vitest';
import type { Collection } from '../../src/engine/api.js';
import type { ElanusError } from '../../src/model/errors.js';
import type { Core } from '../../src/ports/core.js';
import type { MemoryFiles } from '../../src/storage/memory.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testCore, testDatabase } from '../support/database.js';
import { quotaStorage, usedBytes, type Quota } from '../support/quota.js';

const RESERVE = 1024;
const AMPLE = 1 << 20;

let core: Core;

beforeAll(async () => {
  core = await testCore();
});

type Model = Map<bigint, number>;

const rowOf = (id: number, year: number) => ({ id, year, vector: [id, year] });

function open(files: MemoryFiles, quota: Quota): Promise<SyncDatabase> {
  return testDatabase({ storage: quotaStorage(files, quota), core, reserveBytes: RESERVE });
}

/** False if it was refused for lack of room. */
async function isDone(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    (error: unknown) => {
      expect((error as ElanusError).code, String(error)).toBe('QuotaExceeded');
      return false;
    },
  );
}

class History {
  readonly model: Model = new Map();
  refused = 0;

  constructor(private readonly collection: Collection, private readonly label: string) {}

  async write(first: number, count: number, year: number): Promise<void> {
    const rows = Array.from({ length: count }, (_, at) => rowOf(first + at, year));
    if (await isDone(this.collection.upsert(rows))) for (const { id } of rows) this.model.set(BigInt(id), year);
    else this.refused++;
    await this.check();
  }

  async remove(first: number, count: number): Promise<void> {
    const ids = Array.from({ length: count }, (_, at) => first + at);
    if (await isDone(this.collection.delete({ ids }))) for (const id of ids) this.model.delete(BigInt(id));
    else this.refused++;
    await this.check();
  }

  async flush(): Promise<void> {
    if (!(await isDone(this.collection.flush()))) this.refused++;
    await this.check();
  }

  async check(collection = this.collection): Promise<void> {
    const rows = await collection.query({ outputFields: ['year'] });
    expect(new Map(rows.map((row) => [row['id'] as bigint, row['year'] as number])), this.label).toEqual(new Map([...this.model].sort(([a], [b]) => Number(a - b))));
  }
}

async function live(history: History): Promise<void> {
  await history.write(0, 5, 1);
  await history.flush();
  await history.write(3, 20, 2);
  await history.remove(1, 3);
  await history.flush();
  await history.write(40, 2, 3);
  await history.remove(10, 5);
  await history.flush();
  await history.write(60, 3, 4);
}

interface Outcome {
  readonly created: boolean;
  readonly refused: number;
}

async function run(bytes: number, told: boolean): Promise<Outcome> {
  const label = `quota ${bytes}`;
  const files: MemoryFiles = new Map();
  const quota: Quota = { bytes, told };
  const db = await open(files, quota);
  let created = false;
  if (await isDone(db.createCollection({ name: 'c', dimension: 2, metric: 'L2' }))) created = true;
  expect(await db.hasCollection('c'), label).toBe(created);
  if (!created) {
    await db.close();
    return { created, refused: 0 };
  }
  const history = new History(await db.collection('c'), label);
  await live(history);
  const { refused } = history;
  expect(usedBytes(files), label).toBeLessThanOrEqual(bytes);
  // As it is on the full storage, for another that opens it there.
  const copy: MemoryFiles = new Map([...files].map(([key, file]) => [key, { bytes: file.bytes.slice(), sizeBytes: file.sizeBytes }]));
  const again = await open(copy, { ...quota });
  const reopened = await again.collection('c');
  await history.check(reopened);
  const hadReserve = copy.has('reserve.bin');
  const dropped = await isDone(again.dropCollection('c'));
  if (hadReserve) expect(dropped, `${label}: drop`).toBe(true);
  expect(await again.hasCollection('c'), label).toBe(!dropped);
  if (!dropped) await history.check(await again.collection('c'));
  await again.close();
  // Room comes.
  quota.bytes = AMPLE;
  await history.write(100, 10, 5);
  await history.flush();
  await history.remove(100, 1);
  expect(history.refused, `${label}: with room again`).toBe(refused);
  expect((await history.model).get(105n)).toBe(5);
  await db.close();
  const last = await open(files, quota);
  await history.check(await last.collection('c'));
  await last.close();
  return { created, refused };
}

test.each([true, false])('at every quota, told or not (%s)', async (told) => {
  const ample = await run(AMPLE, told);
  expect(ample).toEqual({ created: true, refused: 0 });
  const outcomes: Outcome[] = [];
  for (let bytes = 0; bytes <= 9000; bytes += 1500 <= bytes && bytes < 1700 ? 1 : 61) outcomes.push(await run(bytes, told));
  // From nothing at all to everything, with all between.
  expect(outcomes[0]?.created).toBe(false);
  expect(outcomes.at(-1)).toEqual(ample);
  expect(new Set(outcomes.map(({ refused }) => refused)).size).toBeGreaterThan(4);
});
