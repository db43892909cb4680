// Step: tabs of this page tell each other what they changed, so that all show the same.

import { useEffect } from 'preact/hooks';

export type Changed = 'notes';

const channel = new BroadcastChannel('elanus-demo');
const listeners = new Set<(changed: Changed) => void>();

channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  if (data === 'notes') for (const listener of listeners) listener(data);
});

/** Tells this tab, too. */
export function announce(changed: Changed): void {
  channel.postMessage(changed);
  for (const listener of listeners) listener(changed);
}

/** `listener` is told of changes in any tab, as long as the part of the page is there. */
export function useStep(listener: (changed: Changed) => void): void {
  useEffect(() => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, [listener]);
}
