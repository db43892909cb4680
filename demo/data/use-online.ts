// UseOnline: whether the browser has a network, as far as it knows.

import { useEffect, useState } from 'preact/hooks';

export function useOnline(): boolean {
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const changed = (): void => setOnline(navigator.onLine);
    const ended = new AbortController();
    for (const event of ['online', 'offline']) addEventListener(event, changed, { signal: ended.signal });
    return () => ended.abort();
  }, []);
  return online;
}
