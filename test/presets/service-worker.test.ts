// The service worker's part: whom it asks, what it takes for an answer, and what it says where nobody is there. In Chromium
// with a real one: test/sync/session/pages.test.ts.

import { afterEach, expect, test, vi } from 'vitest';
import type { SyncSession } from '../../src/engine/api.js';
import { ElanusError } from '../../src/model/errors.js';
import { answerBackgroundSync, SYNC_TAG, syncInBackground, wakePages, type BackgroundSync, type WorkerScope } from '../../src/presets/service-worker.js';

type Page = (answer: (value: object) => void, message: { readonly tag: string }, ports: readonly MessagePort[]) => void;

const synced: Page = (answer) => answer({ kind: 'synced' });
const failed: Page = (answer) => answer({ kind: 'failed', code: 'Network', message: 'far' });
/** Of the origin, but without a session; or frozen. */
const silent: Page = () => undefined;

function clientsOf(...pages: readonly Page[]): Pick<WorkerScope, 'clients'> {
  const clients = pages.map((page) => ({ postMessage: (message: { kind: string; tag: string }, [port]: [MessagePort]) => (expect(message.kind).toBe('elanus-sync'), page((value) => port.postMessage(value), message, [port])) }));
  return { clients: { matchAll: async (query: object) => (expect(query).toEqual({ type: 'window', includeUncontrolled: true }), clients) } } as unknown as Pick<WorkerScope, 'clients'>;
}

test('one page that could is enough, of several that could not the first is told', async () => {
  await wakePages(clientsOf(failed, synced));
  await expect(wakePages(clientsOf(failed, failed))).rejects.toMatchObject({ code: 'Network', message: 'no page could sync: Network: far' });
});

test('where no page is open it says why nothing is sent', async () => {
  await expect(wakePages(clientsOf())).rejects.toMatchObject({ code: 'Unsupported', message: expect.stringContaining('own writes go when a page is opened') as string });
});

test('only events of its tag are answered, and the browser waits for the answer', async () => {
  const waited: Promise<unknown>[] = [];
  let fire: (event: object) => void = () => undefined;
  const scope = { ...clientsOf(synced), addEventListener: (type: string, listener: typeof fire) => (expect(type).toBe('sync'), (fire = listener)) };
  answerBackgroundSync({ scope: scope as unknown as WorkerScope });
  fire({ tag: 'other', waitUntil: (work: Promise<unknown>) => waited.push(work) });
  expect(waited).toEqual([]);
  fire({ tag: SYNC_TAG, waitUntil: (work: Promise<unknown>) => waited.push(work) });
  await expect(Promise.all(waited)).resolves.toEqual([undefined]);
});

test('the first that could is enough: pages that do not listen are not waited for', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    await wakePages(clientsOf(silent, failed, synced));
    expect(vi.getTimerCount()).toBe(0);
    const waking = expect(wakePages(clientsOf(silent, silent))).rejects.toMatchObject({ code: 'Network', message: 'no page could sync: Busy: no answer in 60000 ms' });
    await vi.advanceTimersByTimeAsync(60_000);
    await waking;
  } finally {
    vi.useRealTimers();
  }
});

const listening: BackgroundSync[] = [];
afterEach(() => {
  for (const background of listening.splice(0)) background.stop();
  vi.unstubAllGlobals();
});

/** A page whose sessions end their rounds as they are told. */
function listeningPage(): { readonly page: Page; readonly listen: (tag: string, now: () => Promise<unknown>) => Promise<BackgroundSync> } {
  const serviceWorker = Object.assign(new EventTarget(), { startMessages: () => undefined });
  vi.stubGlobal('navigator', { serviceWorker });
  const listen = async (tag: string, now: () => Promise<unknown>): Promise<BackgroundSync> => {
    const session = { now, onStatus: () => () => undefined } as unknown as SyncSession;
    const background = await syncInBackground(session, { tag, registration: {} as ServiceWorkerRegistration });
    listening.push(background);
    return background;
  };
  return { page: (_, data, ports) => void serviceWorker.dispatchEvent(Object.assign(new Event('message'), { data, ports })), listen };
}

test('a page does the rounds of the sessions of the tag alone: none answers for one of another tag', async () => {
  const { page, listen } = listeningPage();
  const films = vi.fn(async () => ({}));
  await listen('films', films);
  await listen('notes', () => Promise.reject(new ElanusError('Network', 'far')));
  await expect(wakePages(clientsOf(page), { tag: 'notes' })).rejects.toMatchObject({ code: 'Network', message: 'no page could sync: Network: ElanusError: far' });
  expect(films).not.toHaveBeenCalled();
  await wakePages(clientsOf(page), { tag: 'films' });
  expect(films).toHaveBeenCalledOnce();
});

test('the event of a tag asks for that tag', async () => {
  const { page, listen } = listeningPage();
  const notes = vi.fn(async () => ({}));
  await listen('notes', notes);
  let fire: (event: object) => void = () => undefined;
  answerBackgroundSync({ tag: 'notes', scope: { ...clientsOf(page), addEventListener: (_: string, listener: typeof fire) => (fire = listener) } as unknown as WorkerScope });
  await new Promise<void>((resolve, reject) => fire({ tag: 'notes', waitUntil: (work: Promise<void>) => work.then(resolve, reject) }));
  expect(notes).toHaveBeenCalledOnce();
});

test('a page with several sessions of a tag answers once, after all of them, and fails if one does', async () => {
  const { page, listen } = listeningPage();
  let end = (): void => undefined;
  const slow = new Promise<void>((resolve) => (end = resolve));
  await listen('notes', async () => ({}));
  const failing = await listen('notes', () => slow.then(() => Promise.reject(new Error('no network'))));
  const waking = wakePages(clientsOf(page), { tag: 'notes' });
  const first = await Promise.race([waking, new Promise((resolve) => setTimeout(resolve, 20, 'waiting'))]);
  expect(first).toBe('waiting');
  end();
  await expect(waking).rejects.toMatchObject({ message: 'no page could sync: StorageFailed: Error: no network' });
  failing.stop();
  await wakePages(clientsOf(page), { tag: 'notes' });
});
