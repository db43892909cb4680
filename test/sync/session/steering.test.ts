// Live sessions and who has them: they are paused, resumed, shared, given tokens, and stopped.

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

describe('who steers it', () => {
  test('pauses it, which ends what is under way and leaves no timer and no request, and resumes it', async () => {
    const session = await world.begin();
    await world.idle(session);
    await (await world.db.collection('notes')).upsert([row(4, 'just before')]);
    await session.pause();
    await settle();
    expect(session.status.state).toBe('paused');
    expect([world.clock.timers.size, world.polls.size]).toEqual([0, 0]);
    world.requests.length = 0;
    await (await world.db.collection('notes')).upsert([row(2, 'mine')]);
    await world.serverWrites(3, 'three');
    await settle();
    expect(world.clock.timers.size).toBe(0);
    world.clock.advance(3_600_000);
    await settle();
    expect(world.requests).toEqual([]);
    await expect(session.now()).rejects.toMatchObject({ code: 'InvalidArgument' });
    await session.resume();
    await vi.waitFor(async () => expect(await texts(world.db)).toEqual(['1:one', '2:mine', '3:three', '4:just before']));
    await world.idle(session);
    expect(await texts(world.server)).toEqual(['1:one', '2:mine', '3:three', '4:just before']);
  });

  test('pauses it while it waits to try again, which it then does not', async () => {
    world.trouble = () => ({ status: 500 });
    const session = await world.begin();
    await until(session, 'waiting');
    await session.pause();
    expect([session.status.state, session.status.retryMs, world.clock.timers.size]).toEqual(['paused', undefined, 0]);
    world.trouble = () => undefined;
    world.requests.length = 0;
    world.clock.advance(3_600_000);
    await settle();
    expect(world.requests).toEqual([]);
    await session.resume();
    await world.idle(session);
  });

  test('brings another token while all is well, and it goes on with that', async () => {
    const session = await world.begin({ token: 'old' });
    await world.idle(session);
    world.tokens.length = 0;
    await session.resume({ token: 'new' });
    await vi.waitFor(() => expect(world.tokens.length).toBeGreaterThan(0));
    await world.idle(session);
    expect(new Set(world.tokens)).toEqual(new Set(['Bearer new']));
    await world.serverWrites(2, 'two');
    await vi.waitFor(async () => expect(await texts(world.db)).toEqual(['1:one', '2:two']));
  });

  test('may begin it paused, and pause it in the middle of a pull, which then goes on', async () => {
    const session = await world.begin({ paused: true });
    await settle();
    expect(world.requests).toEqual([]);
    world.trouble = (path) => {
      if (path.includes('files/')) void session.pause();
      return undefined;
    };
    await session.resume();
    await until(session, 'paused');
    await settle();
    await expect(world.db.listCollections()).resolves.toEqual(['notes']);
    world.trouble = () => undefined;
    await session.resume();
    await world.idle(session);
    expect(await texts(world.db)).toEqual(['1:one']);
  });

  test('brings all together at once, and is told what came of it', async () => {
    const session = await world.begin();
    await world.idle(session);
    await world.server.opened('notes').then((notes) => notes.upsert([row(2, 'two')]));
    await world.server.opened('notes').then((notes) => notes.flush());
    expect((await session.now()).collections).toMatchObject([{ collection: 'notes', rows: 2 }]);
    world.trouble = () => ({ status: 500 });
    await expect(session.now()).rejects.toMatchObject({ code: 'Network', status: 500 });
    await until(session, 'waiting');
    world.trouble = () => undefined;
    await session.now();
    await world.idle(session);
  });

  test('is told of every status, at last that it was stopped; what a listener throws is a warning', async () => {
    const [all, seen]: [string[], string[]] = [[], []];
    const abort = new AbortController();
    const onStatus = ({ state }: SessionStatus): void => {
      all.push(state);
      if (seen.at(-1) !== state) seen.push(state);
    };
    const session = await world.begin({ signal: abort.signal, onStatus });
    const read: string[] = [];
    const reading = (async () => {
      for await (const { state } of session) read.push(state);
    })();
    let times = 0;
    const quiet = session.onStatus(() => {
      times++;
      throw new Error('no');
    });
    await world.idle(session);
    quiet();
    const before = times;
    abort.abort();
    await until(session, 'stopped');
    await reading;
    expect(seen).toEqual(['idle', 'pulling', 'idle', 'stopped']);
    expect(read.at(-1)).toBe('stopped');
    await settle();
    expect(all.filter((state) => state === 'stopped')).toHaveLength(1);
    expect(times).toBe(before);
    expect([world.clock.timers.size, world.polls.size, world.clock.online.size]).toEqual([0, 0, 0]);
    expect((await world.db.health()).warnings.join()).toContain('a listener of a session failed: Error: no');
    await expect(session.now()).rejects.toMatchObject({ code: 'Closed' });
  });

  test('shares it with whoever asks for the same, until the last has stopped', async () => {
    const first = await world.begin({ collections: ['notes', 'other'], token: 'old', headers: { 'x-a': '1', 'x-b': '2' } });
    const second = await world.begin({ collections: ['other', 'notes', 'other'], headers: { 'X-B': '2', 'X-A': '1' } });
    const third = await world.begin({ collections: ['notes'] });
    await until(first, 'idle');
    await world.polled(3);
    await second.pause();
    expect([first, second, third].map(({ status }) => status.state)).toEqual(['paused', 'paused', 'idle']);
    await first.stop();
    expect([first, second].map(({ status }) => status.state)).toEqual(['stopped', 'paused']);
    await second.resume();
    await until(second, 'idle');
    await second.stop();
    await world.polled(1);
    await world.db.close();
    expect(third.status.state).toBe('stopped');
  });

  test.each([{ mode: 'pull' }, { filter: 'id > 0' }, { partitions: ['_default'] }, { trust: 'first' }, { trust: ['0'.repeat(64)] }, { headers: { 'x-tenant': 'b' } }] as const)('shares it with nobody who asks for something else: %j', async (other) => {
    const first = await world.begin({ paused: true });
    const second = await world.begin({ paused: true, ...other });
    await second.stop();
    await first.resume();
    const third = await world.begin({ paused: true, ...other });
    await world.idle(first);
    expect(third.status.state).toBe('paused');
  });

  test('brings a token that goes on with what was refused, by asking for the same again', async () => {
    world.trouble = (_, { headers }) => (headers?.['authorization'] === 'Bearer new' ? undefined : { status: 401 });
    const first = await world.begin({ token: 'old' });
    await until(first, 'error');
    await world.begin({ token: 'new' });
    await world.idle(first);
  });

  test.each([{ collections: [] }, { mode: 'sideways' }, { url: 'file:///x' }, { trust: [] }])('is told what is wrong: %j', async (wrong) => {
    await expect(world.begin(wrong as never)).rejects.toMatchObject({ code: 'InvalidArgument' });
  });
});
