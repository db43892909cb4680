// Service worker: lets the browser begin a round of a page's session when the network is back, also while the page sleeps
// (Background Sync). The round runs in the page's worker: the handles of OPFS that a database writes by are not there in a
// service worker. With no page open nothing can be sent, and the browser is told so.

import type { SyncSession } from '../engine/api.js';
import { ElanusError } from '../model/errors.js';

export const SYNC_TAG = 'elanus-sync';
const KIND = 'elanus-sync';
/** A page that is frozen does not answer. */
const ANSWER_MS_MAX = 60_000;

/** A `sync` event, which not every browser has. */
interface SyncEvent extends ExtendableEvent {
  readonly tag: string;
}

interface SyncRegistration {
  readonly sync?: { register(tag: string): Promise<void> };
}

type Answer = { readonly kind: 'synced' } | { readonly kind: 'failed'; readonly code: string; readonly message: string };

/** The part of a service worker's global scope that is used. */
export type WorkerScope = Pick<ServiceWorkerGlobalScope, 'clients' | 'addEventListener'>;

/** In a service worker: answers the browser's word that there is a network again by `wakePages`. */
export function answerBackgroundSync({ tag = SYNC_TAG, scope = globalThis as unknown as WorkerScope }: { readonly tag?: string; readonly scope?: WorkerScope } = {}): void {
  scope.addEventListener('sync', ((event: SyncEvent) => {
    if (event.tag === tag) event.waitUntil(wakePages(scope));
  }) as unknown as EventListener);
}

/**
 * In a service worker: asks every open page that `syncInBackground` listens in for a round of its session; they share one, so one
 * that succeeds is enough. Errors: `Unsupported` if no page is open; else that of the first page. The browser then tries again.
 */
export async function wakePages({ clients }: Pick<WorkerScope, 'clients'>): Promise<void> {
  const pages = await clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (pages.length === 0) throw new ElanusError('Unsupported', 'no page is open: a service worker has no access to the storage that a database is written in; own writes go when a page is opened');
  const answers = await Promise.all(pages.map(ask));
  const failed = answers.find((answer) => answer.kind === 'failed');
  if (failed?.kind === 'failed' && answers.every(({ kind }) => kind === 'failed')) throw new ElanusError('Network', `no page could sync: ${failed.code}: ${failed.message}`);
}

function ask(page: Client): Promise<Answer> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const end = (answer: Answer): void => {
      clearTimeout(timer);
      port1.close();
      resolve(answer);
    };
    const timer = setTimeout(() => end({ kind: 'failed', code: 'Busy', message: `no answer in ${ANSWER_MS_MAX} ms` }), ANSWER_MS_MAX);
    port1.onmessage = ({ data }: MessageEvent<Answer>) => end(data);
    page.postMessage({ kind: KIND }, [port2]);
  });
}

export interface BackgroundSync {
  /** Whether the browser has Background Sync: Chromium's do. Elsewhere the session alone sees when there is a network. */
  readonly isSupported: boolean;
  /** Listens no more. */
  stop(): void;
}

/**
 * In a page: does a round of `session` whenever the service worker asks for one, and asks the browser to have it ask, once
 * for each time that own writes are held up. Errors: those of the registration.
 */
export async function syncInBackground(session: SyncSession, { tag = SYNC_TAG, registration }: { readonly tag?: string; readonly registration?: ServiceWorkerRegistration } = {}): Promise<BackgroundSync> {
  const { sync } = (registration ?? (await navigator.serviceWorker.ready)) as ServiceWorkerRegistration & SyncRegistration;
  const onMessage = ({ data, ports }: MessageEvent<unknown>): void => {
    const [port] = ports;
    if ((data as { readonly kind?: unknown } | null)?.kind !== KIND || port === undefined) return;
    session.now().then(
      () => port.postMessage({ kind: 'synced' } satisfies Answer),
      (error: unknown) => port.postMessage({ kind: 'failed', code: error instanceof ElanusError ? error.code : 'StorageFailed', message: String(error) } satisfies Answer),
    );
  };
  navigator.serviceWorker.addEventListener('message', onMessage);
  navigator.serviceWorker.startMessages();
  let isAsked = false;
  const unlisten = session.onStatus(({ state, unsent }) => {
    const isHeldUp = unsent > 0 && (state === 'offline' || state === 'waiting');
    // Without the permission to run in the background it is as in a browser that has none of it.
    if (isHeldUp && !isAsked) sync?.register(tag).catch(() => undefined);
    if (isHeldUp || unsent === 0) isAsked = isHeldUp;
  });
  return {
    isSupported: sync !== undefined,
    stop: () => {
      unlisten();
      navigator.serviceWorker.removeEventListener('message', onMessage);
    },
  };
}
