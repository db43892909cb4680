// @vitest-environment happy-dom
// The hooks of React over a database of ours: what they give by each state, and that nothing overtaken ever shows.

import { createElement, StrictMode, type ReactNode } from 'react';
import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { useSearch, useSyncSession, useSyncStatus, type HookRequest, type SearchedCollection, type SearchState, type SyncState, type UseSearchOptions } from '../../src/bindings/react.js';
import type { Collection } from '../../src/engine/api.js';
import type { SessionStatus, SyncSession } from '../../src/engine/api/session.js';
import { ElanusError } from '../../src/model/errors.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testDatabase } from '../support/database.js';

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

interface Asked extends UseSearchOptions {
  readonly collection?: SearchedCollection | undefined;
  readonly request?: HookRequest | undefined;
}

let root: Root;
let states: SearchState[] = [];
let db: SyncDatabase;
let points: Collection;

function Search({ collection, request, ...options }: Asked): ReactNode {
  states.push(useSearch(collection, request, options));
  return null;
}

const state = (): SearchState => states.at(-1) as SearchState;
const ids = (): readonly number[] => state().hits.map(({ id }) => Number(id));
const render = (asked: Asked): Promise<void> => act(async () => root.render(createElement(StrictMode, null, createElement(Search, asked))));

/** Lets timers and searches go on until `done`. */
async function until(done: () => boolean): Promise<void> {
  for (let turn = 0; !done(); turn++) {
    if (turn === 500) throw new Error(`still ${JSON.stringify({ status: state()?.status })}`);
    await act(() => new Promise((resolve) => setTimeout(resolve, 2)));
  }
}

beforeEach(async () => {
  states = [];
  root = createRoot(document.createElement('div'));
  db = await testDatabase();
  points = await db.createCollection({ name: 'points', fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'at', type: 'FloatVector', dim: 2, metric: 'L2' }] });
  await points.insert(Array.from({ length: 10 }, (_, id) => ({ id, at: [id, 0] })));
});

afterEach(async () => {
  await act(async () => root.unmount());
  await db.close();
});

test('useSearch is idle without a collection or a request, then searches, and gives hits', async () => {
  await render({ request: { data: [3, 0], limit: 1 } });
  expect(state()).toMatchObject({ status: 'idle', hits: [], result: undefined, error: undefined, isStale: false });
  await render({ collection: points });
  expect(state().status).toBe('idle');
  await render({ collection: points, request: { data: [3.1, 0], limit: 2 } });
  expect(states.some(({ status }) => status === 'searching')).toBe(true);
  await until(() => state().status === 'done');
  expect(ids()).toEqual([3, 4]);
  expect(state().result?.recall).toBe(1);
  await render({ collection: points, request: undefined });
  expect(state()).toMatchObject({ status: 'idle', hits: [] });
});

test('a request of the same values is not searched for again; another version, and again(), are', async () => {
  let searches = 0;
  const counted: SearchedCollection = { search: (request) => (searches++, points.search(request as never)), hybridSearch: (request) => points.hybridSearch(request as never) };
  const asked = (version: number): Asked => ({ collection: counted, request: { data: Float32Array.of(0, 0), limit: 1 }, version });
  await render(asked(0));
  await until(() => state().status === 'done');
  const before = searches;
  await render(asked(0));
  await until(() => state().status === 'done');
  expect(searches).toBe(before);
  await points.delete({ ids: [0] });
  await render(asked(1));
  expect(state()).toMatchObject({ status: 'searching', isStale: true });
  expect(ids()).toEqual([0]);
  await until(() => state().status === 'done');
  expect(ids()).toEqual([1]);
  await points.delete({ ids: [1] });
  await act(async () => state().again());
  await until(() => state().status === 'done');
  expect(ids()).toEqual([2]);
});

test('what is overtaken never shows, and of what is asked for while a search runs only the last is searched for', async () => {
  const searched: number[] = [];
  const held: (() => void)[] = [];
  const slow: SearchedCollection = {
    search: async (request: { readonly data: readonly number[] }) => {
      searched.push(request.data[0] as number);
      await new Promise<void>((resolve) => held.push(resolve));
      return points.search(request as never);
    },
    hybridSearch: () => Promise.reject(new Error('never')),
  };
  const ask = (x: number): Promise<void> => render({ collection: slow, request: { data: [x, 0], limit: 1 } });
  await ask(1);
  await until(() => held.length === 1);
  for (const x of [2, 3, 4, 5]) {
    await ask(x);
    await act(() => new Promise((resolve) => setTimeout(resolve, 5)));
  }
  held[0]?.();
  await until(() => held.length === 2);
  held[1]?.();
  await until(() => state().status === 'done');
  expect(searched).toEqual([1, 5]);
  expect(ids()).toEqual([5]);
  expect(states.flatMap(({ hits }) => hits.map(({ id }) => Number(id))).every((id) => id === 5)).toBe(true);
});

test('keepPrevious says whether hits of before stay, debounceMs how long a request has to last', async () => {
  const ask = (x: number, options: UseSearchOptions): Promise<void> => render({ collection: points, request: { data: [x, 0], limit: 1 }, ...options });
  await ask(1, { keepPrevious: false });
  await until(() => state().status === 'done');
  await ask(2, { keepPrevious: false });
  expect(states.filter(({ status }) => status === 'searching').every(({ hits, isStale }) => hits.length === 0 && !isStale)).toBe(true);
  await until(() => state().status === 'done');
  expect(ids()).toEqual([2]);
  await ask(3, { debounceMs: 1e6 });
  await act(() => new Promise((resolve) => setTimeout(resolve, 30)));
  expect(state()).toMatchObject({ status: 'searching', isStale: true });
  await ask(4, { debounceMs: 1 });
  await until(() => state().status === 'done');
  expect(ids()).toEqual([4]);
});

test('an error is told, the hits of before stay, and the next request is searched for', async () => {
  await render({ collection: points, request: { data: [1, 0], limit: 1 } });
  await until(() => state().status === 'done');
  await render({ collection: points, request: { data: [1, 0, 0], limit: 1 } });
  await until(() => state().status === 'error');
  expect([(state().error as ElanusError).code, state().isStale]).toEqual(['InvalidArgument', true]);
  expect(ids()).toEqual([1]);
  await render({ collection: points, request: { data: [7, 0], limit: 1 } });
  await until(() => state().status === 'done');
  expect(state().error).toBeUndefined();
  expect(ids()).toEqual([7]);
});

test('a hybrid search is one with searches', async () => {
  await render({ collection: points, request: { searches: [{ data: [9, 0] }, { data: [8, 0] }], limit: 2 } });
  await until(() => state().status === 'done');
  expect([...ids()].sort()).toEqual([8, 9]);
});

test('where a server renders nothing is searched for', () => {
  states = [];
  expect(renderToString(createElement(Search, { collection: points, request: { data: [1, 0] } }))).toBe('');
  expect(state()).toMatchObject({ status: 'searching', hits: [] });
});

test('useSyncStatus follows a session; useSyncSession begins one, another for other options, and ends it', async () => {
  const status = (unsent: number): SessionStatus => ({ state: 'idle', unsent, pending: 0, refused: 0, collections: [] });
  const begun: { readonly url: string; readonly signal: AbortSignal; tell(unsent: number): void }[] = [];
  const syncSession = async ({ url, signal }: { readonly url: string; readonly signal: AbortSignal }): Promise<SyncSession> => {
    if (url === 'bad') throw new ElanusError('InvalidArgument', 'sync: url');
    let now = status(0);
    const listeners = new Set<(status: SessionStatus) => void>();
    begun.push({ url, signal, tell: (unsent) => ((now = status(unsent)), listeners.forEach((listener) => listener(now))) });
    return {
      get status() {
        return now;
      },
      onStatus: (listener: (status: SessionStatus) => void) => (listeners.add(listener), () => listeners.delete(listener)),
    } as unknown as SyncSession;
  };
  const database = { syncSession } as never;
  const synced: SyncState[] = [];
  const alone: (SessionStatus | undefined)[] = [];
  const Synced = ({ url }: { readonly url: string }): ReactNode => {
    synced.push(useSyncSession(database, { url, collections: ['points'] }));
    alone.push(useSyncStatus(synced.at(-1)?.session));
    return null;
  };
  const show = (url: string): Promise<void> => act(async () => root.render(createElement(Synced, { url })));
  await show('a');
  expect(synced[0]).toEqual({ session: undefined, status: undefined, error: undefined });
  expect(synced.at(-1)?.status?.unsent).toBe(0);
  await act(async () => begun[0]?.tell(3));
  expect(synced.at(-1)?.status?.unsent).toBe(3);
  expect(alone.at(-1)?.unsent).toBe(3);
  await show('a');
  expect(begun.map(({ url }) => url)).toEqual(['a']);
  await show('b');
  expect(begun.map(({ url, signal }) => [url, signal.aborted])).toEqual([['a', true], ['b', false]]);
  expect(synced.at(-1)?.status?.unsent).toBe(0);
  await show('bad');
  expect([synced.at(-1)?.session, (synced.at(-1)?.error as ElanusError).code]).toEqual([undefined, 'InvalidArgument']);
  await act(async () => root.render(null));
  expect(begun.every(({ signal }) => signal.aborted)).toBe(true);
});
