// Live sessions: what wakes them, what they say of themselves, and that they do nothing where they should not.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SessionStatus } from '../../../src/engine/api.js';
import type { Core } from '../../../src/ports/core.js';
import { testCore } from '../../support/database.js';
import { row, settle, texts, until, World } from './world.js';

let core: Core;
let world: World;

beforeEach(async () => {
  core ??= await testCore();
  world = await new World().open(core);
});

afterEach(async () => {
  await world.close();
});

describe('a session', () => {
  test('pulls at once, then whenever the server tells of something new', async () => {
    const session = await world.begin();
    await world.idle(session);
    expect(session.status).toMatchObject({ state: 'idle', unsent: 0, pending: 0, refused: 0, syncedMs: world.clock.nowMs });
    expect(await texts(world.db)).toEqual(['1:one']);
    const { version } = session.status.collections[0] as { version: number };
    expect([...world.polls].map(({ since }) => since)).toEqual([version]);
    await world.serverWrites(2, 'two');
    await vi.waitFor(async () => expect(await texts(world.db)).toEqual(['1:one', '2:two']));
    await world.idle(session);
    expect([...world.polls].map(({ since }) => since)).toEqual([version + 1]);
  });

  test('sends own writes soon after they are made, those of one moment together, and is told when they are sealed', async () => {
    const session = await world.begin();
    await world.idle(session);
    world.requests.length = 0;
    const notes = await world.db.collection('notes');
    for (let id = 2; id < 12; id++) await notes.upsert([row(id, 'mine')]);
    world.clock.advance(49);
    await settle();
    expect(world.requests).toEqual([]);
    world.clock.advance(1);
    await vi.waitFor(() => expect(session.status).toMatchObject({ state: 'idle', unsent: 0, pending: 10 }));
    expect(world.requests).toEqual(['notes/push']);
    expect(await texts(world.server)).toHaveLength(11);
    await world.serverSeals();
    await vi.waitFor(() => expect(session.status).toMatchObject({ state: 'idle', pending: 0 }));
  });

  test('of several collections asks for each, and pulls only what changed', async () => {
    const session = await world.begin({ collections: ['other', 'notes'] });
    await world.idle(session);
    world.requests.length = 0;
    await world.serverWrites(7, 'seven', 'other');
    await vi.waitFor(async () => expect(await texts(world.db, 'other')).toEqual(['1:one', '7:seven']));
    await world.idle(session);
    expect(world.requests.filter((path) => !path.startsWith('other/'))).toEqual([]);
  });

  test('of more collections than it may wait for asks for the rest now and then', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const name of names) await (await world.server.createCollection({ name, dimension: 2 })).insert([{ id: 1, vector: [1, 2] }]);
    for (const name of names) await (await world.server.collection(name)).flush();
    const session = await world.begin({ collections: names });
    await until(session, 'idle');
    await world.polled(4);
    const rest = names.filter((name) => ![...world.polls].some(({ collection }) => collection === name));
    expect(rest).toHaveLength(2);
    await world.server.collection(rest[0] as string).then((collection) => collection.insert([{ id: 2, vector: [1, 2] }]));
    await world.server.collection(rest[0] as string).then((collection) => collection.flush());
    world.clock.advance(30_000);
    await vi.waitFor(async () => expect(await (await world.db.collection(rest[0] as string)).count()).toBe(2));
  });
});

describe('a session of a mode', () => {
  test('that pulls alone sends nothing', async () => {
    const session = await world.begin({ mode: 'pull' });
    await world.idle(session);
    await (await world.db.collection('notes')).upsert([row(2, 'mine')]);
    world.clock.advance(50);
    await world.serverWrites(3, 'three');
    await vi.waitFor(async () => expect(await texts(world.db)).toEqual(['1:one', '2:mine', '3:three']));
    await world.idle(session);
    await session.now();
    expect(world.requests).not.toContain('notes/push');
    expect(session.status).toMatchObject({ state: 'idle', unsent: 1 });
  });

  test('that pushes alone takes nothing, and waits for nothing', async () => {
    const whole = await world.begin();
    await world.idle(whole);
    await whole.stop();
    world.requests.length = 0;
    await (await world.db.collection('notes')).upsert([row(2, 'mine')]);
    const session = await world.begin({ mode: 'push' });
    await vi.waitFor(async () => expect(await texts(world.server)).toEqual(['1:one', '2:mine']));
    await until(session, 'idle');
    await settle();
    expect(world.requests).toEqual(['notes/push']);
    expect([world.clock.timers.size, world.polls.size]).toEqual([0, 0]);
  });

  test('says how far a pull is while it goes on, and not after', async () => {
    const seen: SessionStatus[] = [];
    await world.idle(await world.begin({ onStatus: (status) => void seen.push(status) }));
    const told = seen.filter(({ progress }) => progress !== undefined);
    expect(told.at(-1)?.progress).toMatchObject({ collection: 'notes', files: expect.any(Number) as number });
    expect(new Set(told.map(({ state }) => state))).toEqual(new Set(['pulling']));
  });
});

describe('a server that tells', () => {
  test('at once that nothing is new is asked again after a while only', async () => {
    const session = await world.begin();
    await world.idle(session);
    // More often than it may wait at once.
    for (let round = 0; round < 6; round++) {
      world.tell('notes', session.status.collections[0]?.version as number);
      await settle();
      expect(world.polls.size).toBe(0);
      world.clock.advance(30_000);
      await world.polled();
    }
  });

  test('of a version that it then does not have is not asked for it all the time', async () => {
    const session = await world.begin();
    await world.idle(session);
    world.requests.length = 0;
    world.tell('notes', 99);
    await vi.waitFor(() => expect(world.requests).toEqual(['notes/manifest']));
    await until(session, 'idle');
    await settle();
    expect(world.polls.size).toBe(0);
    world.clock.advance(30_000);
    await world.polled();
    await world.serverWrites(2, 'two');
    await vi.waitFor(async () => expect(await texts(world.db)).toEqual(['1:one', '2:two']));
    await world.idle(session);
  });

  test('nothing, as it knows of no changes, is asked for the collection now and then', async () => {
    world.trouble = (path) => (path.endsWith('changes') ? { status: 404 } : undefined);
    const session = await world.begin();
    await until(session, 'idle');
    await vi.waitFor(() => expect(world.clock.timers.size).toBe(1));
    await world.serverWrites(2, 'two');
    world.clock.advance(30_000);
    await vi.waitFor(async () => expect(await texts(world.db)).toEqual(['1:one', '2:two']));
    expect(session.status.state).not.toBe('error');
  });

  test('nothing at all for a minute has gone', async () => {
    const session = await world.begin();
    await world.idle(session);
    world.clock.advance(60_000);
    await until(session, 'offline');
    world.clock.advance(1000);
    await world.idle(session);
  });
});
