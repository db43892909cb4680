// React: searches and live sync as hooks. Nothing runs where a page is rendered by a server; what a component no longer asks
// for never shows.

import { dequal } from 'dequal';
import { useCallback, useEffect, useMemo, useReducer, useRef, useState, useSyncExternalStore } from 'react';
import type { Database, HybridOfOne, HybridOptions, SearchOptions, SearchResult } from '../engine/api.js';
import type { SessionOptions, SessionStatus, SyncSession } from '../engine/api/session.js';
import type { Hit } from '../model/hit.js';
import type { Vector } from '../model/row.js';

/** One query: as `search` or, with `searches`, as `hybridSearch` take it. */
export type HookRequest = (SearchOptions & { readonly data: Vector | string }) | (HybridOptions & HybridOfOne);

/** A Collection, typed or not. */
export interface SearchedCollection {
  search(request: never): Promise<SearchResult<unknown>>;
  hybridSearch(request: never): Promise<SearchResult<unknown>>;
}

export interface UseSearchOptions {
  /** How long a request has to stay the same before it is searched for, in milliseconds. Default 0. */
  readonly debounceMs?: number;
  /** Whether the hits of the request before are given until there are new ones. Default true. */
  readonly keepPrevious?: boolean;
  /** Searches again where it is another than before: a counter of own writes, the `syncedMs` of `useSyncStatus`. */
  readonly version?: unknown;
}

export interface SearchState {
  readonly hits: readonly Hit[];
  /** The whole answer that `hits` are of. */
  readonly result: SearchResult<readonly Hit[]> | undefined;
  /** 'idle' as long as there is no collection or no request. */
  readonly status: 'idle' | 'searching' | 'done' | 'error';
  /** Of the request as it is now: an `ElanusError`. */
  readonly error: Error | undefined;
  /** Whether `hits` are of another request than the one of now. */
  readonly isStale: boolean;
  /** Searches once more for the same. */
  again(): void;
}

/** What was asked for, once. */
interface Asked {
  readonly collection: SearchedCollection | undefined;
  readonly request: HookRequest | undefined;
}

interface Answer {
  readonly asked: Asked;
  readonly error?: Error;
  readonly found?: { readonly asked: Asked; readonly result: SearchResult<readonly Hit[]> };
}

/**
 * The nearest rows to what is asked for, and again whenever that changes; `request` may be made anew by each render, its values count. One
 * search of a component runs at a time: of those that were asked for meanwhile only the last follows.
 */
export function useSearch(collection: SearchedCollection | undefined, request: HookRequest | undefined, { debounceMs = 0, keepPrevious = true, version }: UseSearchOptions = {}): SearchState {
  const same = useSame(request);
  const [round, again] = useReducer((count: number) => count + 1, 0);
  const asked = useMemo<Asked>(() => ({ collection, request: same }), [collection, same, version, round]);
  const [answer, setAnswer] = useState<Answer>();
  const line = useRef<Promise<void>>(Promise.resolve());
  useEffect(() => {
    if (asked.collection === undefined || asked.request === undefined) return undefined;
    let isOvertaken = false;
    const tell = (told: Partial<Answer>): void => {
      if (!isOvertaken) setAnswer((before) => ({ asked, ...(before?.found === undefined ? {} : { found: before.found }), ...told }));
    };
    const search = async (): Promise<void> => {
      if (!isOvertaken) await searchFor(asked).then((result) => tell({ found: { asked, result } }), (error: unknown) => tell({ error: error as Error }));
    };
    const timer = setTimeout(() => (line.current = line.current.then(search)), debounceMs);
    return () => {
      isOvertaken = true;
      clearTimeout(timer);
    };
  }, [asked, debounceMs]);

  const isIdle = collection === undefined || same === undefined;
  const isSettled = !isIdle && answer?.asked === asked;
  const error = isSettled ? answer.error : undefined;
  const found = answer?.found?.asked === asked || (keepPrevious && answer?.found?.asked.collection === collection) ? answer?.found : undefined;
  const result = isIdle ? undefined : found?.result;
  const status = isIdle ? 'idle' : !isSettled ? 'searching' : error === undefined ? 'done' : 'error';
  return { hits: result?.hits ?? NO_HITS, result, status, error, isStale: result !== undefined && found?.asked !== asked, again };
}

const NO_HITS: readonly Hit[] = [];

function searchFor({ collection, request }: Asked): Promise<SearchResult<readonly Hit[]>> {
  const answer = 'searches' in (request as HookRequest) ? collection?.hybridSearch(request as never) : collection?.search(request as never);
  return answer as Promise<SearchResult<readonly Hit[]>>;
}

/** The value of before, as long as it is equal. */
function useSame<T>(value: T): T {
  const kept = useRef(value);
  if (!dequal(kept.current, value)) kept.current = value;
  return kept.current;
}

/** The status of a session, now and whenever it changes; undefined without one. */
export function useSyncStatus(session: SyncSession | undefined): SessionStatus | undefined {
  const subscribe = useCallback((changed: () => void) => session?.onStatus(changed) ?? (() => undefined), [session]);
  const status = useCallback(() => session?.status, [session]);
  return useSyncExternalStore(subscribe, status, () => undefined);
}

export interface SyncState {
  /** Undefined until it has begun. */
  readonly session: SyncSession | undefined;
  readonly status: SessionStatus | undefined;
  /** Why no session began. */
  readonly error: Error | undefined;
}

/** A live session for as long as the component is there, and another whenever `options` change in value. None without a database or options. */
export function useSyncSession(database: Database | undefined, options: Omit<SessionOptions, 'signal' | 'onStatus'> | undefined): SyncState {
  const same = useSame(options);
  const [begun, setBegun] = useState<{ readonly session?: SyncSession; readonly error?: Error }>({});
  useEffect(() => {
    if (database === undefined || same === undefined) return undefined;
    const abort = new AbortController();
    const tell = (told: typeof begun): void => {
      if (!abort.signal.aborted) setBegun(told);
    };
    database.syncSession({ ...same, signal: abort.signal }).then((session) => tell({ session }), (error: unknown) => tell({ error: error as Error }));
    return () => {
      abort.abort();
      setBegun({});
    };
  }, [database, same]);
  return { session: begun.session, status: useSyncStatus(begun.session), error: begun.error };
}
