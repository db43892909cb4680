// Live sessions in trouble: what each failure means for them, how long they wait, and what ends that.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Core } from '../../../src/ports/core.js';
import type { MemoryFiles } from '../../../src/storage/memory.js';
import { testCore } from '../../support/database.js';
import { quotaStorage, usedBytes } from '../../support/quota.js';
import { FIELDS, row, SERVER, settle, texts, until, World } from './world.js';

let core: Core;
let world: World;

beforeEach(async () => {
  core ??= await testCore();
  world = await new World().open(core);
});

afterEach(async () => {
  await world.close();
});

describe('what fails', () => {
  test('by the network is tried again, twice as late each time, by chance up to half of that sooner', async () => {
    world.trouble = () => 'cut';
    const session = await world.begin();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 12; attempt++) {
      await until(session, 'offline');
      expect(session.status.error).toMatchObject({ code: 'Network' });
      waits.push((session.status.retryMs as number) - world.clock.nowMs);
      expect(world.clock.timers.size).toBe(1);
      const before = world.requests.length;
      world.clock.advance((waits.at(-1) as number) - 1);
      await settle();
      expect(world.requests).toHaveLength(before);
      world.clock.advance(1);
      await vi.waitFor(() => expect(world.requests.length).toBeGreaterThan(before));
    }
    for (const [at, wait] of waits.entries()) {
      const wholeMs = Math.min(300_000, 1000 * 2 ** at);
      expect(wait).toBeGreaterThanOrEqual(wholeMs / 2);
      expect(wait).toBeLessThan(wholeMs);
    }
    world.trouble = () => undefined;
    await until(session, 'offline');
    world.clock.networkCame();
    await world.idle(session);
    // The next failure begins anew.
    await world.serverWrites(2, 'two');
    await vi.waitFor(async () => expect(await texts(world.db)).toEqual(['1:one', '2:two']));
    await world.idle(session);
    world.trouble = () => 'cut';
    await session.now().catch(() => undefined);
    expect((session.status.retryMs as number) - world.clock.nowMs).toBeLessThan(1000);
  });

  test.each([
    ['429 with seconds', { status: 429, headers: { 'retry-after': '70' } }, 70_000],
    ['503 with a date', { status: 503, headers: { 'retry-after': 'Wed, 21 Oct 2026 07:30:00 GMT', date: 'Wed, 21 Oct 2026 07:28:00 GMT' } }, 120_000],
    ['502', { status: 502 }, 500],
  ])('as the server asks for patience waits that long: %s', async (_, met, leastMs) => {
    world.trouble = () => met;
    const session = await world.begin();
    await until(session, 'waiting');
    expect(session.status.error).toMatchObject({ code: 'Network', status: met.status });
    const waitMs = (session.status.retryMs as number) - world.clock.nowMs;
    expect(waitMs).toBeGreaterThanOrEqual(leastMs);
    expect(waitMs).toBeLessThan(leastMs + 1000);
    const before = world.requests.length;
    world.clock.networkCame();
    await settle();
    expect(session.status.state).toBe('waiting');
    expect(world.requests).toHaveLength(before);
    world.trouble = () => undefined;
    world.clock.advance(waitMs);
    await world.idle(session);
  });

  test('with 401 stops everything, without a timer, until somebody brings another token', async () => {
    const session = await world.begin({ token: 'old' });
    await world.idle(session);
    world.trouble = (_, { headers }) => (headers?.['authorization'] === 'Bearer new' ? undefined : { status: 401 });
    await (await world.db.collection('notes')).upsert([row(2, 'mine')]);
    world.clock.advance(50);
    await until(session, 'error');
    expect(session.status.error).toMatchObject({ code: 'Network', status: 401 });
    await settle();
    const before = world.requests.length;
    expect([world.clock.timers.size, world.polls.size]).toEqual([0, 0]);
    await (await world.db.collection('notes')).upsert([row(3, 'mine')]);
    world.clock.advance(3_600_000);
    await settle();
    expect(world.requests).toHaveLength(before);
    world.tokens.length = 0;
    await session.resume({ token: 'new' });
    await world.idle(session);
    expect(new Set(world.tokens)).toEqual(new Set(['Bearer new']));
    expect(await texts(world.server)).toEqual(['1:one', '2:mine', '3:mine']);
  });

  test.each([['403', { status: 403 }], ['404', { status: 404 }], ['410', { status: 410 }]])('for one collection alone leaves the others going: %s', async (_, met) => {
    world.trouble = (path) => (path.startsWith('other/') ? met : undefined);
    const session = await world.begin({ collections: ['other', 'notes'] });
    await until(session, 'error');
    await world.polled(1);
    expect(session.status.collections).toMatchObject([{ collection: 'other', version: 0, error: { status: met.status } }, { collection: 'notes' }]);
    expect(session.status.collections[1]?.error).toBeUndefined();
    await world.serverWrites(2, 'two');
    await vi.waitFor(async () => expect(await texts(world.db)).toEqual(['1:one', '2:two']));
    expect(session.status.state).toBe('error');
    world.trouble = () => undefined;
    await session.resume();
    await world.idle(session);
    expect(await texts(world.db, 'other')).toEqual(['1:one']);
  });

  test('of own writes as the server does not take them is counted, and the others go', async () => {
    const session = await world.begin({ mode: 'push' });
    await world.db.pull(SERVER, 'notes');
    const notes = await world.db.collection('notes');
    await notes.upsert([row(3, 'three')]);
    await notes.upsert([row(4, 'four')]);
    await world.server.dropCollection('notes');
    await world.server.createCollection({ name: 'notes', fields: FIELDS.map((field) => (field.name === 'text' ? { ...field, maxLength: 4 } : field)), properties: { 'sync.push': true } });
    expect(session.status.refused).toBe(0);
    await session.now();
    await vi.waitFor(() => expect(session.status).toMatchObject({ state: 'idle', unsent: 0, refused: 1, collections: [{ refused: 1 }] }));
    expect(await texts(world.server)).toEqual(['4:four']);
  });

  test('where the platform knows that there is no network waits for that alone, and for own writes', async () => {
    world.clock.offline = true;
    world.trouble = () => 'cut';
    const session = await world.begin();
    await until(session, 'offline');
    expect(session.status.retryMs).toBeUndefined();
    expect(world.clock.timers.size).toBe(0);
    world.trouble = () => undefined;
    world.clock.networkCame();
    await world.idle(session);
    world.clock.offline = true;
    world.trouble = () => 'cut';
    await expect(session.now()).rejects.toMatchObject({ code: 'Network' });
    world.trouble = () => undefined;
    await (await world.db.collection('notes')).upsert([row(2, 'mine')]);
    world.clock.advance(50);
    await vi.waitFor(async () => expect(await texts(world.server)).toEqual(['1:one', '2:mine']));
  });
});

describe('a storage that is full', () => {
  test.each(['when its time has come', 'when something is dropped'])('stops pulls, not own writes, says so, and goes on %s', async (occasion) => {
    await world.close();
    const files: MemoryFiles = new Map();
    const quota = { bytes: 1e9, told: true };
    world = await new World().open(core, quotaStorage(files, quota));
    await world.db.createCollection({ name: 'local', fields: FIELDS });
    const session = await world.begin();
    await world.idle(session);
    quota.bytes = usedBytes(files) + 20_000;
    for (let id = 10; id < 60; id++) await (await world.server.collection('notes')).upsert([row(id, `${id}`.repeat(900))]);
    await world.serverSeals();
    await until(session, 'full');
    expect(session.status.error).toMatchObject({ code: 'QuotaExceeded' });
    expect(session.status.retryMs).toBeGreaterThan(world.clock.nowMs);
    await (await world.db.collection('notes')).upsert([row(2, 'mine')]);
    world.clock.advance(50);
    await vi.waitFor(async () => expect(await texts(world.server)).toContain('2:mine'));
    await until(session, 'full');
    expect(await texts(world.db)).toEqual(['1:one', '2:mine']);
    quota.bytes = 1e9;
    if (occasion === 'when something is dropped') await world.db.dropCollection('local');
    else world.clock.advance((session.status.retryMs as number) - world.clock.nowMs);
    await vi.waitFor(async () => expect(await texts(world.db)).toHaveLength(52));
    await world.idle(session);
  });
});
