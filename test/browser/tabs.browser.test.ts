// Several openings of one database, as tabs have it: one owns the storage, the others work through it. Where the owner must
// end at a given moment it is played by the test, which holds its lock and speaks its part of the wire.

import { afterEach, describe, expect, test, vi } from 'vitest';
import { ElanusError, open, type Database, type PullProgress } from 'elanus';
import type { BrowserOptions } from '../../src/presets/browser.js';
import { PROTOCOL, type Call, type Reply } from '../../src/presets/wire.js';
import { PlayedOwner } from './played-owner.js';

const opened: Database[] = [];
let names = 0;
const freshName = (): string => `tabs_${Date.now()}_${names++}`;

async function openAs(name: string, options: BrowserOptions = {}): Promise<Database> {
  const database = await open(name, { gpu: false, ...options });
  opened.push(database);
  return database;
}

afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
});

const quick = { name: 'c', dimension: 2, metric: 'L2' } as const;
const roleOf = async (database: Database): Promise<string> => (await database.health()).role;

describe('tabs that share a database', () => {
  test.each(['opfs', 'idb'] as const)('one owns it, each sees what the others wrote: %s', async (storage) => {
    const name = freshName();
    const first = await openAs(name, { storage });
    const second = await openAs(name, { storage });
    const third = await openAs(name);
    expect(await Promise.all([first, second, third].map(roleOf))).toEqual(['owner', 'follower', 'follower']);
    const written = await second.createCollection(quick);
    expect(await written.insert([{ id: 1, vector: [1, 2], colour: 'red' }])).toEqual({ ids: [1n], count: 1 });
    const read = await third.collection('c');
    expect(await read.query()).toEqual([{ id: 1n, vector: Float32Array.of(1, 2), colour: 'red' }]);
    await read.upsert([{ id: 2n ** 60n, vector: Float32Array.of(3, 4) }]);
    const owned = await first.collection('c');
    expect(await owned.keys()).toEqual(BigInt64Array.of(1n, 2n ** 60n));
    expect(await written.search({ data: [3, 4], limit: 1 })).toEqual(await owned.search({ data: [3, 4], limit: 1 }));
    expect(await third.health()).toMatchObject({ storage, durable: true, unsent: 0, role: 'follower', warnings: [] });
  });

  test.each(['opfs', 'idb'] as const)('when the owner closes it another takes over, with everything: %s', async (storage) => {
    const name = freshName();
    let databases = [await openAs(name, { storage }), await openAs(name), await openAs(name)];
    await (databases[0] as Database).createCollection(quick);
    let id = 0;
    while (databases.length > 1) {
      const roles = await Promise.all(databases.map(roleOf));
      expect(roles.filter((role) => role === 'owner')).toHaveLength(1);
      const owner = databases[roles.indexOf('owner')] as Database;
      const writes = databases.map(async (database) => (await database.collection('c')).insert([{ id: id++, vector: [1, 2] }]));
      await Promise.all(writes);
      databases = databases.filter((database) => database !== owner);
      const collections = await Promise.all(databases.map((database) => database.collection('c')));
      const closing = owner.close();
      // Asked while the owner is leaving.
      await Promise.all(collections.map((collection) => collection.upsert([{ id: id++, vector: [3, 4] }])));
      await closing;
      for (const database of databases) expect(await database.health()).toMatchObject({ storage, warnings: [] });
    }
    await databases[0]?.close();
    const again = await (await openAs(name, { storage })).collection('c');
    expect(await again.keys()).toEqual(BigInt64Array.from({ length: id }, (_, i) => BigInt(i)));
  });

  test('a page that is hidden or frozen lets another own it, and goes on as a follower', async () => {
    const name = freshName();
    const first = await openAs(name);
    const collection = await first.createCollection(quick);
    await collection.insert([{ id: 1, vector: [1, 2] }]);
    const second = await openAs(name);
    // Both openings are in this page: both give up, and whoever is used next stands again.
    globalThis.dispatchEvent(new Event('pagehide'));
    expect(await (await second.collection('c')).count()).toBe(1);
    expect(await roleOf(second)).toBe('owner');
    await collection.insert([{ id: 2, vector: [3, 4] }]);
    expect(await Promise.all([first, second].map(roleOf))).toEqual(['follower', 'owner']);
    document.dispatchEvent(new Event('freeze'));
    document.dispatchEvent(new Event('resume'));
    expect(await collection.count()).toBe(2);
    expect((await Promise.all([first, second].map(roleOf))).sort()).toEqual(['follower', 'owner']);
  });

  test('a page that falls asleep and wakes again and again, at any moment, always gets its answers', async () => {
    const name = freshName();
    const databases = [await openAs(name), await openAs(name)];
    const collections = [await (databases[0] as Database).createCollection(quick), await (databases[1] as Database).collection('c')];
    const answers: Promise<unknown>[] = [];
    for (let round = 0; round < 30; round++) {
      for (const collection of collections) answers.push(collection.upsert([{ id: round, vector: [1, 2] }]));
      document.dispatchEvent(new Event('freeze'));
      if (round % 3 === 0) await new Promise((resolve) => setTimeout(resolve, round));
      document.dispatchEvent(new Event('resume'));
      if (round % 4 === 0) await new Promise((resolve) => setTimeout(resolve, round));
    }
    const refused = (await Promise.allSettled(answers)).filter(({ status }) => status === 'rejected');
    expect(refused).toEqual([]);
    expect(await Promise.all(collections.map((collection) => collection.count()))).toEqual([30, 30]);
  });

  test('who has it alone, or in another storage, keeps the others out with Busy', async () => {
    const name = freshName();
    const alone = await openAs(name, { tabs: 'alone' });
    await expect(open(name)).rejects.toMatchObject({ name: 'ElanusError', code: 'Busy' });
    await expect(open(name, { tabs: 'alone' })).rejects.toMatchObject({ code: 'Busy' });
    await alone.close();
    await openAs(name, { storage: 'opfs' });
    await expect(open(name, { tabs: 'alone' })).rejects.toMatchObject({ code: 'Busy' });
    await expect(open(name, { storage: 'idb' })).rejects.toMatchObject({ code: 'Busy' });
  });

  test('memory is never shared', async () => {
    const name = freshName();
    const first = await openAs(name, { storage: 'memory' });
    await first.createCollection(quick);
    const second = await openAs(name, { storage: 'memory' });
    expect(await second.listCollections()).toEqual([]);
    expect(await Promise.all([first, second].map(roleOf))).toEqual(['owner', 'owner']);
  });

  test('the browser is asked once to keep the data, when there is some', async () => {
    const persisted = vi.spyOn(navigator.storage, 'persisted').mockResolvedValue(false);
    const persist = vi.spyOn(navigator.storage, 'persist').mockResolvedValue(true);
    try {
      const database = await openAs(freshName());
      const collection = await database.createCollection(quick);
      await collection.count();
      expect(persist).not.toHaveBeenCalled();
      await collection.insert([{ id: 1, vector: [1, 2] }]);
      await collection.upsert([{ id: 2, vector: [1, 2] }]);
      await vi.waitFor(() => expect(persist).toHaveBeenCalledOnce());
      persist.mockRejectedValue(new Error('no'));
      const other = await openAs(freshName());
      await (await other.createCollection(quick)).upsert([{ id: 2, vector: [1, 2] }]);
      await vi.waitFor(async () => expect((await other.health()).warnings).toEqual(['the browser was not asked to keep the data: Error: no']));
      const kept = await openAs(freshName(), { storage: 'memory' });
      await (await kept.createCollection(quick)).upsert([{ id: 2, vector: [1, 2] }]);
      expect(persist).toHaveBeenCalledTimes(2);
    } finally {
      persisted.mockRestore();
      persist.mockRestore();
    }
  });

  test('a follower\'s errors keep their place, its pulls their signal', async () => {
    const name = freshName();
    await openAs(name);
    const follower = await openAs(name);
    const collection = await follower.createCollection(quick);
    const error: unknown = await collection.search({ data: [1, 2], filter: 'id >' }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ElanusError);
    expect(error).toMatchObject({ code: 'InvalidFilter', position: expect.any(Number) as number });
    await expect(collection.insert([{ id: 1, vector: () => 1 } as never])).rejects.toMatchObject({ code: 'InvalidArgument' });
    const abort = new AbortController();
    const pulling = follower.pull('http://127.0.0.1:1', 'copy', { signal: abort.signal });
    abort.abort();
    await expect(pulling).rejects.toMatchObject({ name: 'ElanusError' });
    await expect(follower.pull('http://127.0.0.1:1', 'copy', { signal: abort.signal })).rejects.toMatchObject({ code: 'Closed' });
    await follower.close();
    await expect(collection.count()).rejects.toMatchObject({ code: 'Closed' });
  });
});

describe('an owner\'s worker', () => {
  // A browser lets a page that it freezes do no more than that.
  test('hands over within one turn when it is idle', async () => {
    const worker = new Worker(new URL('../../dist/database-worker.js', import.meta.url), { type: 'module' });
    const replies: Reply[] = [];
    const reply = (id: number): Promise<void> => new Promise((resolve) => (worker.onmessage = ({ data }: MessageEvent<Reply>) => replies.push(data) > 0 && data.id === id && resolve()));
    const ask = (id: number, verb: Call['verb'], args: readonly unknown[], to = ''): void => worker.postMessage({ kind: 'call', to, id, verb, args, again: false, progress: false } satisfies Call);
    const name = freshName();
    ask(-1, 'own', [name, 'tab', { storage: undefined, gpu: false }]);
    await reply(-1);
    worker.postMessage({ kind: 'joined', to: 'tab.1' });
    ask(1, 'createCollection', ['default', quick], 'tab.1');
    await reply(1);
    ask(2, 'insert', ['c', [{ id: 1, vector: [1, 2] }]], 'tab.1');
    await reply(2);
    replies.length = 0;
    ask(-2, 'leave', []);
    ask(3, 'count', ['c', undefined], 'tab.1');
    await reply(3);
    expect(replies).toEqual([{ kind: 'answer', id: -2 }, { kind: 'gone', id: 3, from: 'tab.1' }]);
    expect(await (await (await openAs(name)).collection('c')).count()).toBe(1);
    worker.terminate();
  });
});

describe('a tab', () => {
  test('that the owner did not hear says hello again when that serves all, and sends nothing before it is known there', async () => {
    const name = freshName();
    const owner = await PlayedOwner.start(name);
    owner.opening = true;
    const opening = openAs(name);
    await owner.untilGreeted(1);
    owner.opening = false;
    owner.announce();
    await opening;
    expect(owner.greeted).toBe(2);
    expect(owner.calls.map(({ verb }) => verb)).toEqual(['listCollections', 'keyProof']);
    owner.end();
  });
});

describe('calls that the owner has not answered when it ends', () => {
  const schema = async (name: string, autoId: boolean): Promise<unknown> => {
    const database = await open(name, { gpu: false });
    const { schema } = await database.createCollection({ ...quick, autoId });
    await database.close();
    return { name: 'c', schema };
  };

  test('reads are asked again, and so are writes that come to the same', async () => {
    const name = freshName();
    const handle = await schema(name, false);
    const owner = await PlayedOwner.start(name);
    owner.answers['collection'] = handle;
    const database = await openAs(name);
    const collection = await database.collection('c');
    const calls = Promise.all([
      collection.insert([{ id: 1, vector: [1, 1] }]),
      collection.upsert([{ id: 1, vector: [2, 2] }, { id: 2, vector: [3, 3] }]),
      collection.delete({ ids: [2] }),
      database.createCollection({ ...quick, name: 'd' }),
      collection.count('id > 77'),
    ]);
    await owner.until('count');
    owner.end();
    expect(await calls).toMatchObject([{ ids: [1n], count: 1 }, { count: 2 }, { count: 1 }, { name: 'd' }, 0]);
    // In the order in which they were called.
    expect(await collection.query()).toEqual([{ id: 1n, vector: Float32Array.of(2, 2) }]);
    expect(await roleOf(database)).toBe('owner');
  });

  test('rows with generated keys, a collection that is there, and one that is not, are Interrupted', async () => {
    const name = freshName();
    const handle = await schema(name, true);
    const owner = await PlayedOwner.start(name);
    owner.answers['collection'] = handle;
    const database = await openAs(name);
    const collection = await database.collection('c');
    const calls = [collection.insert([{ vector: [1, 1] }]), database.createCollection({ ...quick, autoId: true }), database.dropCollection('e'), collection.upsert([{ id: 5, vector: [2, 2] }])];
    const settled = Promise.allSettled(calls);
    await owner.until('upsert');
    owner.end();
    const interrupted = { status: 'rejected', reason: { name: 'ElanusError', code: 'Interrupted' } };
    expect(await settled).toMatchObject([interrupted, interrupted, interrupted, { status: 'fulfilled', value: { ids: [5n] } }]);
    expect(await collection.count()).toBe(1);
  });

  test('what the owner had not begun, or nobody had, is done once, whatever it is', async () => {
    const name = freshName();
    const handle = await schema(name, true);
    const owner = await PlayedOwner.start(name);
    owner.answers['collection'] = handle;
    const database = await openAs(name);
    const collection = await database.collection('c');
    const first = collection.insert([{ vector: [1, 1] }]);
    await owner.until('insert');
    for (const { id, verb } of owner.calls) if (verb === 'insert') owner.reply({ kind: 'gone', id, from: owner.id });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const second = collection.insert([{ vector: [2, 2] }]);
    owner.end();
    expect((await Promise.all([first, second])).map(({ count }) => count)).toEqual([1, 1]);
    expect(owner.calls.filter(({ verb }) => verb === 'insert')).toHaveLength(1);
    expect(await collection.count()).toBe(2);
  });

  test('a write that met two such ends is Interrupted', async () => {
    const name = freshName();
    const handle = await schema(name, false);
    const owner = await PlayedOwner.start(name);
    owner.answers['collection'] = handle;
    const database = await openAs(name);
    const collection = await database.collection('c');
    const write = collection.upsert([{ id: 1, vector: [1, 1] }]);
    const settled = Promise.allSettled([write]);
    await owner.until('upsert');
    // Another owner says that it serves it, and has it too, before the tab's own worker gets the lock.
    owner.serveAs('second');
    await owner.until('upsert', 2);
    owner.end();
    expect(await settled).toMatchObject([{ status: 'rejected', reason: { code: 'Interrupted' } }]);
    expect(await collection.count()).toBe(0);
  });

  test.each(['says that it has left', 'says that it had not begun it'] as const)('a write that met such an end is Interrupted if the next owner %s: others may have written there', async (farewell) => {
    const name = freshName();
    const handle = await schema(name, false);
    const owner = await PlayedOwner.start(name);
    owner.answers['collection'] = handle;
    const database = await openAs(name);
    const collection = await database.collection('c');
    const write = collection.upsert([{ id: 1, vector: [1, 1] }]);
    const settled = Promise.allSettled([write]);
    await owner.until('upsert');
    owner.serveAs('second');
    await owner.until('upsert', 2);
    if (farewell === 'says that it has left') owner.leaveAs('second');
    else owner.reply({ kind: 'gone', id: (owner.calls.find(({ verb }) => verb === 'upsert') as Call).id, from: 'second' });
    owner.end();
    expect(await settled).toMatchObject([{ status: 'rejected', reason: { code: 'Interrupted' } }]);
    expect(await collection.count()).toBe(0);
  });

  test('a write whose page slept is Interrupted by an owner that it did not know: it may have missed others', async () => {
    const name = freshName();
    const handle = await schema(name, false);
    const owner = await PlayedOwner.start(name);
    owner.answers['collection'] = handle;
    const database = await openAs(name);
    const collection = await database.collection('c');
    const settled = Promise.allSettled([collection.upsert([{ id: 1, vector: [1, 1] }])]);
    await owner.until('upsert');
    globalThis.dispatchEvent(new Event('pagehide'));
    globalThis.dispatchEvent(new Event('pageshow'));
    owner.end();
    expect(await settled).toMatchObject([{ status: 'rejected', reason: { code: 'Interrupted' } }]);
    expect(await collection.count()).toBe(0);
  });

  test('progress comes through, and an abort goes to the owner', async () => {
    const name = freshName();
    const owner = await PlayedOwner.start(name);
    const database = await openAs(name);
    const progress: PullProgress[] = [];
    const abort = new AbortController();
    const pulling = database.pull('http://127.0.0.1:1', 'copy', { signal: abort.signal, onProgress: (now) => progress.push(now) });
    const settled = Promise.allSettled([pulling]);
    await owner.until('pull');
    const { id, progress: wanted } = owner.calls.find(({ verb }) => verb === 'pull') as Call;
    expect(wanted).toBe(true);
    const step = { files: 1, filesTotal: 2, bytes: 3, bytesTotal: 4 };
    owner.reply({ kind: 'progress', id, progress: step });
    owner.reply({ kind: 'failure', id, error: { code: 'Network', milvusCode: 2, name: 'ElanusError', message: 'far', stack: undefined, position: undefined, file: 'f', status: 503, retryAfterMs: 9, rows: 7, reason: undefined } });
    expect(await settled).toMatchObject([{ status: 'rejected', reason: { name: 'ElanusError', code: 'Network', message: 'far', file: 'f', status: 503, retryAfterMs: 9, rows: 7, reason: undefined } }]);
    expect(progress).toEqual([step]);
    owner.end();
  });

  test('an owner that says no word for 20 seconds is given up: reads are Busy, writes Interrupted; idle, no timer runs', async () => {
    const name = freshName();
    const handle = await schema(name, false);
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const owner = await PlayedOwner.start(name);
      owner.answers['collection'] = handle;
      const database = await openAs(name);
      const collection = await database.collection('c');
      await vi.advanceTimersByTimeAsync(5_000);
      expect(vi.getTimerCount()).toBe(0);
      const settled = Promise.allSettled([collection.count(), collection.upsert([{ id: 1, vector: [1, 1] }])]);
      await owner.until('upsert');
      owner.sleep();
      await vi.advanceTimersByTimeAsync(20_000);
      expect(await settled).toMatchObject([{ reason: { code: 'Busy' } }, { reason: { code: 'Interrupted' } }]);
      expect(vi.getTimerCount()).toBe(0);
      owner.end();
      expect(await collection.count()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test('a pull that was aborted is not begun again', async () => {
    const name = freshName();
    const owner = await PlayedOwner.start(name);
    const database = await openAs(name);
    const abort = new AbortController();
    const settled = Promise.allSettled([database.pull('http://127.0.0.1:1', 'copy', { signal: abort.signal })]);
    await owner.until('pull');
    abort.abort();
    owner.end();
    expect(await settled).toMatchObject([{ reason: { code: 'Closed' } }]);
  });

  test('a tab that runs another version is told from one that answers', async () => {
    const name = freshName();
    const owner = await PlayedOwner.start(name, PROTOCOL + 1);
    await expect(open(name)).rejects.toMatchObject({ code: 'Busy', message: expect.stringContaining('another version') as string });
    owner.end();
  });
});
