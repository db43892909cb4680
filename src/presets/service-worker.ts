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

/** Asks a page for a round of its sessions of `tag`. */
interface Wake {
  readonly kind: typeof KIND;
  readonly tag: string;
}

type Answer = { readonly kind: 'synced' } | { readonly kind: 'failed'; readonly code: string; readonly message: string };

/** The part of a service worker's global scope that is used. */
export type WorkerScope = Pick<ServiceWorkerGlobalScope, 'clients' | 'addEventListener'>;

/** In a service worker: answers the browser's word that there is a network again by `wakePages`. */
export function answerBackgroundSync({ tag = SYNC_TAG, scope = globalThis as unknown as WorkerScope }: { readonly tag?: string; readonly scope?: WorkerScope } = {}): void {
  scope.addEventListener('sync', ((event: SyncEvent) => {
    if (event.tag === tag) event.waitUntil(wakePages(scope, { tag }));
  }) as unknown as EventListener);
}

/**
 * In a service worker: asks every open page that `syncInBackground` listens in for a round of its sessions of `tag`. Pages share
 * them, so the first that succeeds is enough. Errors: `Unsupported` if no page is open; else that of the first page. The browser
 * then tries again.
 */
export async function wakePages({ clients }: Pick<WorkerScope, 'clients'>, { tag = SYNC_TAG }: { readonly tag?: string } = {}): Promise<void> {
  const pages = await clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (pages.length === 0) throw new ElanusError('Unsupported', 'no page is open: a service worker has no access to the storage that a database is written in; own writes go when a page is opened');
  const over = new AbortController();
  try {
    // Not every page of the origin listens.
    await Promise.any(pages.map((page) => ask(page, tag, over.signal)));
  } catch (error) {
    throw (error as AggregateError).errors[0];
  } finally {
    over.abort();
  }
}

/** Resolves when `page` has synced; after `over` never. Errors: `Network`. */
function ask(page: Client, tag: string, over: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const { port1, port2 } = new MessageChannel();
    const fail = (code: string, message: string): void => reject(new ElanusError('Network', `no page could sync: ${code}: ${message}`));
    const timer = setTimeout(() => fail('Busy', `no answer in ${ANSWER_MS_MAX} ms`), ANSWER_MS_MAX);
    over.addEventListener('abort', () => {
      clearTimeout(timer);
      port1.close();
    });
    port1.onmessage = ({ data }: MessageEvent<Answer>) => (data.kind === 'synced' ? resolve() : fail(data.code, data.message));
    page.postMessage({ kind: KIND, tag } satisfies Wake, [port2]);
  });
}

export interface BackgroundSync {
  /** Whether the browser has Background Sync: Chromium's do. Elsewhere the session alone sees when there is a network. */
  readonly isSupported: boolean;
  /** Listens no more. */
  stop(): void;
}

/** In a page: the rounds of its sessions, by their tags. */
const roundsOf = new Map<string, Set<() => Promise<unknown>>>();

/** Answers once for all sessions of the tag, when each has ended its round: with the error of the first that failed. */
async function answerWake({ data, ports }: MessageEvent<unknown>): Promise<void> {
  const { kind, tag } = (data ?? {}) as Partial<Wake>;
  const [port] = ports;
  const rounds = kind === KIND && tag !== undefined ? roundsOf.get(tag) : undefined;
  if (rounds === undefined || port === undefined) return;
  const failed = (await Promise.allSettled([...rounds].map((round) => round()))).find((outcome) => outcome.status === 'rejected');
  const error: unknown = failed?.reason;
  port.postMessage((failed === undefined ? { kind: 'synced' } : { kind: 'failed', code: error instanceof ElanusError ? error.code : 'StorageFailed', message: String(error) }) satisfies Answer);
}

const onMessage = (event: MessageEvent<unknown>): void => void answerWake(event);

/**
 * In a page: does a round of `session` whenever the service worker asks for one, and asks the browser to have it ask, once
 * for each time that own writes are held up. A page that succeeds answers for all that have sessions of its `tag`: let each
 * database, and each server, have a tag of its own. Errors: those of the registration.
 */
export async function syncInBackground(session: SyncSession, { tag = SYNC_TAG, registration }: { readonly tag?: string; readonly registration?: ServiceWorkerRegistration } = {}): Promise<BackgroundSync> {
  const { sync } = (registration ?? (await navigator.serviceWorker.ready)) as ServiceWorkerRegistration & SyncRegistration;
  const round = (): Promise<unknown> => session.now();
  const rounds = roundsOf.get(tag) ?? new Set();
  roundsOf.set(tag, rounds.add(round));
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
      rounds.delete(round);
      if (rounds.size === 0 && roundsOf.get(tag) === rounds) roundsOf.delete(tag);
      if (roundsOf.size === 0) navigator.serviceWorker.removeEventListener('message', onMessage);
    },
  };
}
