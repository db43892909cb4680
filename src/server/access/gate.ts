// Gate: says who calls, and whether they may. Every call of every protocol passes it, before anything of the request but
// its names is used.

import type { Need } from './rule.js';

export interface Caller {
  /** `root` where nobody needs to log in. */
  readonly user: string;
}

export interface Gate {
  /**
   * `authorization`: the header as it came, less a "Bearer "; `from`: the address of the peer, for limits on failed attempts.
   * Undefined if there are no credentials. Errors: `RefusedRequest` for wrong ones.
   */
  authenticate(authorization: string | undefined, from: string): Promise<Caller | undefined>;
  /** Errors: `RefusedRequest` if the caller may not. */
  admit(caller: Caller | undefined, need: Need): Promise<void>;
}

const ROOT: Caller = { user: 'root' };

/** Where authorization is off, as it is by default in Milvus: everybody is root. */
export const openGate: Gate = {
  authenticate: () => Promise.resolve(ROOT),
  admit: () => Promise.resolve(),
};
