// Session: who is logged in. The token is kept for this tab alone, and goes with it.

import { useEffect, useState } from 'preact/hooks';

const KEY = 'elanus.console.token';

/** 'unknown' until an answer came; 'open' if the server asks for no log-in. */
export type SessionState = 'unknown' | 'open' | 'needed' | 'in';

const listeners = new Set<() => void>();
let state: SessionState = 'unknown';
let kept: string | undefined = read();

export function token(): string | undefined {
  return kept;
}

export function sessionState(): SessionState {
  return state;
}

/** The server answered: with what was sent we are let in. */
export function accepted(): void {
  change(kept === undefined ? 'open' : 'in');
}

/** The server wants a log-in, or another. */
export function demanded(): void {
  forget();
  change('needed');
}

export function logIn(value: string): void {
  kept = value;
  try {
    sessionStorage.setItem(KEY, value);
  } catch {
    // Without storage it is kept until the page is left.
  }
}

export function logOut(): void {
  forget();
  change('needed');
}

export function useSession(): SessionState {
  const [shown, show] = useState(state);
  useEffect(() => {
    const listener = (): void => show(state);
    listeners.add(listener);
    listener();
    return () => void listeners.delete(listener);
  }, []);
  return shown;
}

function change(next: SessionState): void {
  if (next === state) return;
  state = next;
  for (const listener of listeners) listener();
}

function forget(): void {
  kept = undefined;
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // There was none to forget.
  }
}

function read(): string | undefined {
  try {
    return sessionStorage.getItem(KEY) ?? undefined;
  } catch {
    return undefined;
  }
}
