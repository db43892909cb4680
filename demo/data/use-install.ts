// UseInstall: a button's worth of installing this page as an app, where the browser offers it.

import { useEffect, useState } from 'preact/hooks';

/** Chromium's: https://wicg.github.io/manifest-incubations/#beforeinstallpromptevent-interface */
interface InstallEvent extends Event {
  prompt(): Promise<unknown>;
}

/** Undefined where there is nothing to install, or it is. */
export function useInstall(): (() => void) | undefined {
  const [offer, setOffer] = useState<InstallEvent>();
  useEffect(() => {
    const ended = new AbortController();
    const offered = (event: Event): void => {
      event.preventDefault();
      setOffer(event as InstallEvent);
    };
    addEventListener('beforeinstallprompt', offered, { signal: ended.signal });
    addEventListener('appinstalled', () => setOffer(undefined), { signal: ended.signal });
    return () => ended.abort();
  }, []);
  // It can be asked once.
  return offer === undefined ? undefined : () => (setOffer(undefined), void offer.prompt());
}
