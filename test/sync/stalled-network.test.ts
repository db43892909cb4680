// A network that takes requests and answers none: what waits for it ends when its caller says so, when the database is
// closed, and after a while by itself.

import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { SyncSession } from '../../src/engine/api.js';
import { fetchTransport } from '../../src/platform/transport.js';
import type { Core } from '../../src/ports/core.js';
import type { SendingTransport, TransportRequest, TransportResponse } from '../../src/ports/transport.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testCore, testDatabase } from '../support/database.js';
import { transportTo } from '../support/transport.js';
import { NOTE_FIELDS } from './pusher.js';
import { Clock } from './session/world.js';

const SERVER = 'http://server';
const row = (id: number, text: string) => ({ id, text, v: [id, 1] });
let core: Core;
let server: SyncDatabase;
let copy: SyncDatabase;
let clock: Clock;
/** Requests that nobody answers. */
let swallowed: TransportRequest[];
let isStalled: boolean;

/** Goes on by its own signal and its own time alone. */
const stalled = fetchTransport((_, { signal }) => new Promise((_, reject) => {
  if (signal?.aborted === true) reject(signal.reason as Error);
  signal?.addEventListener('abort', () => reject(signal.reason as Error));
}), (ms, work) => clock.after(ms, work));

function swallow(request: TransportRequest & { readonly body?: Uint8Array<ArrayBuffer> }): Promise<TransportResponse> {
  swallowed.push(request);
  return request.body === undefined ? stalled.get(request) : stalled.post({ ...request, body: request.body });
}

const transport: SendingTransport = {
  get: (request) => (isStalled || request.url.includes('/changes?') ? swallow(request) : transportTo(() => server).get(request)),
  post: (request) => swallow(request),
};

const closed = { code: 'Closed' };
const reached = (path: string): Promise<void> => vi.waitFor(() => expect(swallowed.map(({ url }) => new URL(url).pathname.split('/').at(-1))).toContain(path));

beforeEach(async () => {
  core ??= await testCore();
  server = await testDatabase({ seed: 77, core });
  await server.createCollection({ name: 'notes', fields: NOTE_FIELDS, properties: { 'sync.push': true } });
  clock = new Clock();
  swallowed = [];
  isStalled = false;
  copy = await testDatabase({ transport, waking: clock, seed: 5, core });
  await copy.pull(SERVER, 'notes');
  isStalled = true;
});

describe('where no answer comes', () => {
  test("a write that waits for the server, a pull, an upload end when the database is closed, which waits for none of them", async () => {
    const notes = await copy.collection('notes');
    await copy.createCollection({ name: 'own', dimension: 2 });
    const ends = [
      expect(notes.insert([row(1, 'a')], { ack: 'remote' })).rejects.toMatchObject(closed),
      expect(notes.insert([row(2, 'b')], { ack: 'remote' })).rejects.toMatchObject(closed),
      expect(copy.pull(SERVER, 'notes')).rejects.toMatchObject(closed),
      expect(copy.pull(SERVER, 'other')).rejects.toMatchObject(closed),
      expect(copy.upload('own', SERVER, { as: 'third' })).rejects.toMatchObject(closed),
    ];
    await vi.waitFor(() => expect(swallowed).toHaveLength(4));
    await copy.close();
    await Promise.all(ends);
    expect(swallowed.every(({ idleMs, signal }) => idleMs !== undefined && signal?.aborted === true)).toBe(true);
    expect(clock.timers.size).toBe(0);
  });

  test('each request is given up after a while, and the write is kept', async () => {
    const notes = await copy.collection('notes');
    const failed = expect(notes.insert([row(1, 'a')], { ack: 'remote' })).rejects.toMatchObject({ code: 'Network' });
    await reached('push');
    clock.advance(120_000);
    await failed;
    expect((await copy.opened('notes')).outbox?.unsent).toBe(1);
    await copy.close();
  });

  test('a session is paused, and stopped, though a push that is not its own goes on before its own', async () => {
    const session: SyncSession = await copy.syncSession({ url: SERVER, collections: ['notes'], trust: 'nobody', paused: true });
    const notes = await copy.collection('notes');
    const written = expect(notes.insert([row(1, 'a')], { ack: 'remote' })).rejects.toMatchObject(closed);
    await reached('push');
    await session.resume();
    await vi.waitFor(() => expect(session.status.state).toBe('pulling'));
    await session.pause();
    expect(session.status.state).toBe('paused');
    await session.resume();
    await vi.waitFor(() => expect(session.status.state).toBe('pulling'));
    await session.stop();
    expect(session.status.state).toBe('stopped');
    expect(swallowed).toHaveLength(1);
    await copy.close();
    await written;
  });

  test('a pull that waits for its turn ends by its own signal, and the one before goes on', async () => {
    const abort = new AbortController();
    const first = copy.pull(SERVER, 'notes');
    await reached('manifest');
    const second = copy.pull(SERVER, 'notes', { signal: abort.signal });
    abort.abort();
    await expect(second).rejects.toMatchObject(closed);
    expect(swallowed).toHaveLength(1);
    expect(swallowed[0]?.signal?.aborted).toBe(false);
    // The third waits for the first, not for the second alone.
    const third = copy.pull(SERVER, 'notes');
    const ends = [expect(first).rejects.toMatchObject(closed), expect(third).rejects.toMatchObject(closed)];
    await new Promise((resolve) => setImmediate(resolve));
    expect(swallowed).toHaveLength(1);
    await copy.close();
    await Promise.all(ends);
  });
});
