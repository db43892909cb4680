// Waking over web standards: timers everywhere; pages and workers also tell of their network. Chromium's workers know whether
// there is one, but are not told when that changes: once found to be without they look, until there is one.

import type { Waking } from '../ports/waking.js';

const LOOK_MS = 1000;

export function webWaking(): Waking {
  const listeners = new Set<() => void>();
  let looking: ReturnType<typeof setTimeout> | undefined;
  const isOffline = (): boolean => {
    const offline = saysOffline();
    if (offline) look();
    return offline;
  };
  const look = (): void => {
    looking ??= setTimeout(() => {
      looking = undefined;
      if (listeners.size === 0) return;
      if (saysOffline()) look();
      else came();
    }, LOOK_MS);
  };
  const came = (): void => {
    clearTimeout(looking);
    looking = undefined;
    for (const listener of [...listeners]) listener();
  };
  const onOnline = (work: () => void): (() => void) => {
    if (listeners.size === 0) globalThis.addEventListener?.('online', came);
    const listener = (): void => work();
    listeners.add(listener);
    return () => {
      if (listeners.delete(listener) && listeners.size === 0) globalThis.removeEventListener?.('online', came);
    };
  };
  return { after, isOffline, onOnline };
}

export function after(ms: number, work: () => void): () => void {
  const timer = setTimeout(work, ms);
  return () => clearTimeout(timer);
}

// Node has a navigator that does not say.
function saysOffline(): boolean {
  return typeof navigator === 'object' && (navigator.onLine as boolean | undefined) === false;
}
