// The service worker's part: whom it asks, what it takes for an answer, and what it says where nobody is there. In Chromium
// with a real one: test/sync/session/pages.test.ts.

import { expect, test } from 'vitest';
import { answerBackgroundSync, SYNC_TAG, wakePages, type WorkerScope } from '../../src/presets/service-worker.js';

type Page = (answer: (value: object) => void) => void;

const synced: Page = (answer) => answer({ kind: 'synced' });
const failed: Page = (answer) => answer({ kind: 'failed', code: 'Network', message: 'far' });

function clientsOf(...pages: readonly Page[]): Pick<WorkerScope, 'clients'> {
  const clients = pages.map((page) => ({ postMessage: (message: { kind: string }, [port]: [MessagePort]) => (expect(message.kind).toBe('elanus-sync'), page((value) => port.postMessage(value))) }));
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
