// UseAnswer: an answer of the server for a part of the page: asked for when `key` changes, on demand, and again and again
// while the page is looked at. An answer that comes too late is dropped; while a new one is awaited the old one stays.

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { failureOf, type Failure } from './failure.js';

export interface Asked<T> {
  readonly value?: T;
  readonly failure?: Failure;
  readonly loading: boolean;
  readonly again: () => void;
}

interface Held<T> {
  readonly key: string;
  readonly value?: T;
  readonly failure?: Failure;
  readonly loading: boolean;
}

/** `key`: names the question; undefined asks nothing. `everyMs`: asks again so long after each answer. */
export function useAnswer<T>(key: string | undefined, question: (signal: AbortSignal) => Promise<T>, everyMs?: number): Asked<T> {
  const [held, hold] = useState<Held<T>>({ key: '', loading: key !== undefined });
  const [round, setRound] = useState(0);
  const current = useRef(question);
  current.current = question;
  useEffect(() => {
    if (key === undefined) return undefined;
    const aborter = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      let goesOn = true;
      try {
        const value = await current.current(aborter.signal);
        if (!aborter.signal.aborted) hold({ key, value, loading: false });
      } catch (error) {
        // Every refusal is written down by the server: one is enough.
        goesOn = !failureOf(error).final;
        if (!aborter.signal.aborted) hold((before) => ({ key, loading: false, failure: failureOf(error), ...(before.key === key && before.value !== undefined ? { value: before.value } : {}) }));
      }
      if (goesOn && everyMs !== undefined && !aborter.signal.aborted) timer = setTimeout(() => void askIfSeen(), everyMs);
    };
    const askIfSeen = (): void => {
      if (document.visibilityState === 'visible') void ask();
      else document.addEventListener('visibilitychange', askIfSeen, { once: true, signal: aborter.signal });
    };
    hold((before) => (before.key === key ? { ...before, loading: true } : { key, loading: true }));
    void ask();
    return () => {
      aborter.abort();
      clearTimeout(timer);
    };
  }, [key, round, everyMs]);
  const again = useCallback(() => setRound((last) => last + 1), []);
  if (held.key !== key) return { loading: key !== undefined, again };
  return { ...held, again };
}
