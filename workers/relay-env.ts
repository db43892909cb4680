// What a Worker that relays takes from its environment.

import { bearer, Relay, type RelayBucket } from '../src/presets/relay.js';

export interface Env {
  readonly BUCKET: RelayBucket;
  /** Name of the database. Default: `default`, as the server's. */
  readonly DATABASE?: string;
  /** A secret that clients show as `Authorization: Bearer`. Default: everybody may have everything. */
  readonly TOKEN?: string;
  /** Origins whose pages may ask, with commas between them, or `*`. */
  readonly CORS?: string;
  /** URL of the server that takes pushes. */
  readonly ORIGIN?: string;
}

let relay: Relay | undefined;

/** Made once for an isolate. */
export function relayOf({ BUCKET, DATABASE = 'default', TOKEN, CORS = '', ORIGIN }: Env): Relay {
  return (relay ??= new Relay({
    bucket: BUCKET,
    prefix: `${DATABASE}/`,
    cors: CORS.split(',').map((origin) => origin.trim()).filter((origin) => origin !== ''),
    cache: (caches as CacheStorage & { readonly default: Cache }).default,
    ...(TOKEN === undefined ? {} : { authorize: bearer(TOKEN) }),
    ...(ORIGIN === undefined ? {} : { origin: ORIGIN }),
  }));
}
