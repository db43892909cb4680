// Acknowledgements: what is durable when a write resolves, when the rest becomes so, and what a failing sync leaves.

import { describe, expect, test } from 'vitest';
import { ElanusError } from '../../src/model/errors.js';
import type { Ack } from '../../src/model/ack.js';
import type { Collection } from '../../src/engine/api.js';
import { openDatabase } from '../../src/engine/database/database.js';
import type { Log, Storage } from '../../src/ports/storage.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import { SyncDatabase } from '../../src/sync/database.js';
import { testAmbient, testCore } from '../support/database.js';

const row = (id: number) => ({ id, vector: [id, 1] });

/** Files of which only what was synced outlives a crash, and what happened to them. */
class Disk {
  readonly files: MemoryFiles = new Map();
  readonly synced: MemoryFiles = new Map();
  appends = 0;
  syncs = 0;
  failing: 'none' | 'sync once' | 'sync' | 'all' = 'none';

  storage(): Storage {
    const inner = memoryStorage(this.files);
    const fail = (): never => {
      throw new ElanusError('StorageFailed', 'told to fail');
    };
    const keep = (key: string): void => {
      const file = this.files.get(key);
      if (file !== undefined) this.synced.set(key, { bytes: file.bytes.slice(), sizeBytes: file.sizeBytes });
    };
    const wrap = (key: string, log: Log): Log => ({
      get sizeBytes() {
        return log.sizeBytes;
      },
      append: async (...parts) => {
        this.appends++;
        if (this.failing === 'all') fail();
        await log.append(...parts);
      },
      sync: async () => {
        this.syncs++;
        if (this.failing === 'sync once') {
          this.failing = 'none';
          fail();
        }
        if (this.failing !== 'none') fail();
        keep(key);
      },
      truncate: async (sizeBytes) => {
        if (this.failing === 'all') fail();
        await log.truncate(sizeBytes);
        keep(key);
      },
      close: () => log.close(),
    });
    return {
      kind: 'memory',
      read: (key, range) => inner.read(key, range),
      size: (key) => inner.size(key),
      list: (prefix) => inner.list(prefix),
      create: async (key, bytes) => {
        const created = await inner.create(key, bytes);
        keep(key);
        return created;
      },
      remove: async (key) => {
        await inner.remove(key);
        this.synced.delete(key);
      },
      openLog: async (key) => wrap(key, await inner.openLog(key)),
      usage: () => inner.usage(),
      close: () => inner.close(),
    };
  }

  /** Opens what a power cut now would leave, and gives its rows. */
  async afterCrash(): Promise<readonly number[]> {
    const left: MemoryFiles = new Map([...this.synced].map(([key, { bytes, sizeBytes }]) => [key, { bytes: bytes.slice(), sizeBytes }]));
    const db = await open(memoryStorage(left));
    const ids = await idsOf(await db.collection('c'));
    await db.close();
    return ids;
  }
}

interface Pause {
  /** Lets what waits for an idle thread go on. */
  idle(): Promise<void>;
}

async function open(storage: Storage, ack?: Ack, clock?: { nowMs: number }, waiting?: (() => void)[]): Promise<SyncDatabase> {
  const ambient = testAmbient(1);
  const held = waiting === undefined ? {} : { pause: () => new Promise<void>((resolve) => void waiting.push(resolve)) };
  const timed = clock === undefined ? {} : { nowMs: () => clock.nowMs };
  return openDatabase(SyncDatabase, 'test', { storage, core: await testCore(), ambient: { ...ambient, ...timed, ...held }, durable: true, ack });
}

async function idsOf(collection: Collection): Promise<readonly number[]> {
  return (await collection.query({ outputFields: [] })).map((found) => Number(found['id']));
}

interface Bench extends Pause {
  readonly disk: Disk;
  readonly db: SyncDatabase;
  readonly c: Collection;
  readonly clock: { nowMs: number };
}

/** A collection whose thread is idle only when told so. */
async function bench(ack?: Ack): Promise<Bench> {
  const disk = new Disk();
  const clock = { nowMs: 0 };
  const waiting: (() => void)[] = [];
  const db = await open(disk.storage(), ack, clock, waiting);
  const c = await db.createCollection({ name: 'c', dimension: 2 });
  disk.appends = disk.syncs = 0;
  const idle = async (): Promise<void> => {
    waiting.splice(0).forEach((resume) => resume());
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { disk, db, c, clock, idle };
}

describe('a write acknowledged in memory', () => {
  test('is visible, in the log, and not synced', async () => {
    const { disk, c } = await bench();
    for (const id of [1, 2, 3]) await c.insert([row(id)], { ack: 'memory' });
    expect(await idsOf(c)).toEqual([1, 2, 3]);
    expect(disk).toMatchObject({ appends: 3, syncs: 0 });
    expect(await disk.afterCrash()).toEqual([]);
  });

  test('is durable with the next flushed write', async () => {
    const { disk, c } = await bench();
    await c.insert([row(1)], { ack: 'memory' });
    await c.delete({ ids: [1] }, { ack: 'memory' });
    await c.insert([row(2)], { ack: 'memory' });
    await c.upsert([row(3)]);
    expect(disk.syncs).toBe(1);
    expect(await disk.afterCrash()).toEqual([2, 3]);
  });

  test('is durable when the thread has nothing else to do, by one sync for all, and then nothing waits', async () => {
    const { disk, c, idle } = await bench();
    for (const id of [1, 2, 3]) await c.insert([row(id)], { ack: 'memory' });
    await idle();
    expect(disk.syncs).toBe(1);
    expect(await disk.afterCrash()).toEqual([1, 2, 3]);
    await idle();
    await idle();
    expect(disk.syncs).toBe(1);
  });

  test('is durable after flush() and after close()', async () => {
    for (const end of ['flush', 'close'] as const) {
      const { disk, db, c, idle } = await bench();
      await c.insert([row(1)], { ack: 'memory' });
      let isOver = false;
      const ended = (end === 'flush' ? c.flush() : db.close()).finally(() => (isOver = true));
      while (!isOver) await idle();
      await ended;
      expect(await disk.afterCrash()).toEqual([1]);
    }
  });

  test('is synced by a write that comes a second later, even if more are waiting', async () => {
    const { disk, c, clock } = await bench();
    await c.insert([row(1)], { ack: 'memory' });
    clock.nowMs = 999;
    await c.insert([row(2)], { ack: 'memory' });
    expect(disk.syncs).toBe(0);
    clock.nowMs = 1000;
    await c.insert([row(3)], { ack: 'memory' });
    expect(disk.syncs).toBe(1);
    expect(await disk.afterCrash()).toEqual([1, 2, 3]);
  });
});

test('the database says what writes wait for, and a write may say otherwise', async () => {
  const { disk, c } = await bench('memory');
  await c.insert([row(1)]);
  expect(disk.syncs).toBe(0);
  await c.insert([row(2)], { ack: 'flushed' });
  expect(disk.syncs).toBe(1);
});

test('what is no acknowledgement is refused, and nothing is written', async () => {
  const { disk, c } = await bench();
  await expect(c.insert([row(1)], { ack: 'remote' })).rejects.toMatchObject({ code: 'Unsupported', message: expect.stringContaining('"remote"') as string });
  await expect(c.delete({ ids: [1] }, { ack: 'disk' as 'memory' })).rejects.toMatchObject({ code: 'InvalidArgument', message: 'ack: expected "memory", "flushed" or "remote", found "disk"' });
  expect(disk.appends).toBe(0);
});

describe('a sync that fails', () => {
  test('once: what was acknowledged in memory is written again', async () => {
    const { disk, c, idle, db } = await bench();
    await c.insert([row(1)], { ack: 'memory' });
    await c.insert([row(2)], { ack: 'memory' });
    disk.failing = 'sync once';
    await idle();
    expect(disk).toMatchObject({ syncs: 2, appends: 3 });
    expect(await disk.afterCrash()).toEqual([1, 2]);
    expect((await db.health()).warnings).toEqual([]);
    await c.insert([row(3)]);
    expect(await disk.afterCrash()).toEqual([1, 2, 3]);
  });

  test('under a flushed write: that is refused, and what was acknowledged before is kept', async () => {
    const { disk, c } = await bench();
    await c.insert([row(1)], { ack: 'memory' });
    disk.failing = 'sync once';
    await expect(c.insert([row(2)])).rejects.toMatchObject({ code: 'StorageFailed' });
    expect(await disk.afterCrash()).toEqual([1]);
    expect(await idsOf(c)).toEqual([1]);
    await c.insert([row(3)]);
    expect(await disk.afterCrash()).toEqual([1, 3]);
  });

  test('for good: it is told, no more writes are taken, reads go on', async () => {
    const { disk, c, idle, db } = await bench();
    await c.insert([row(1)], { ack: 'memory' });
    disk.failing = 'sync';
    await idle();
    expect((await db.health()).warnings).toEqual([expect.stringMatching(/wal\/.*1 batches that were acknowledged in memory are not durable/)]);
    await expect(c.insert([row(2)])).rejects.toMatchObject({ code: 'ReadOnly' });
    expect(await idsOf(c)).toEqual([1]);
    await expect(db.close()).rejects.toMatchObject({ code: 'ReadOnly', message: expect.stringContaining('1 batches that were acknowledged in memory are not durable') as string });
  });

  test('at the close: the close says so', async () => {
    const { disk, c, db } = await bench();
    await c.insert([row(1)], { ack: 'memory' });
    disk.failing = 'all';
    await expect(db.close()).rejects.toMatchObject({ code: 'StorageFailed' });
  });
});

test.each([1, 8, 64])('%i writers at once share syncs', async (writers) => {
  const { disk, c } = await bench();
  const rounds = 8;
  await Promise.all(Array.from({ length: writers }, async (_, writer) => {
    for (let round = 0; round < rounds; round++) await c.insert([row(writer * rounds + round)]);
  }));
  expect(disk.syncs).toBe(rounds);
  expect(await disk.afterCrash()).toHaveLength(writers * rounds);
});
