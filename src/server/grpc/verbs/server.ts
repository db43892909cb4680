// Server: remote procedures about the server itself.

import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { version } from '../../../../package.json';
import { HybridClock } from '../../milvus/times.js';
import { toldHealth } from '../../told-health.js';
import { LOGGED_IN, PUBLIC } from '../rules.js';
import { verb, type Verbs } from '../verb.js';

/** Clients decide by it what they may ask for: the line of Milvus whose protocol this is. */
export const MILVUS_VERSION = 'v2.6.0';
export const BUILD_TAGS = `${MILVUS_VERSION}-elanus-${version}`;
export const STARTED = new Date();
const clock = new HybridClock();

/** A timestamp greater than every one before, of this process. */
export function nextTimestamp(): string {
  return clock.next(Date.now());
}

interface ConnectRequest {
  readonly client_info: { readonly sdk_type: string; readonly sdk_version: string; readonly user: string; readonly host: string } | null;
}

const NODE_ID = '1';

export const SERVER_VERBS: Verbs = {
  Connect: verb<ConnectRequest, object>({
    rule: LOGGED_IN,
    run: async ({ log, peer }, { client_info }) => {
      log('debug', 'a client connected', { peer, sdk: client_info?.sdk_type, sdkVersion: client_info?.sdk_version });
      return {
        server_info: { build_tags: BUILD_TAGS, build_time: STARTED.toISOString(), git_commit: version, go_version: `node ${process.version}`, deploy_mode: 'STANDALONE', reserved: {} },
        identifier: (randomBytes(8).readBigUInt64BE() >> 1n || 1n).toString(),
      };
    },
  }),
  GetVersion: verb<object, object>({ rule: PUBLIC, scope: 'server', run: async () => ({ version: BUILD_TAGS }) }),
  CheckHealth: verb<object, object>({
    rule: LOGGED_IN,
    scope: 'server',
    run: async ({ caller, database }) => {
      const { warnings } = toldHealth(caller, await database.health());
      return { isHealthy: true, reasons: warnings, quota_states: [] };
    },
  }),
  GetComponentStates: verb<object, object>({
    rule: PUBLIC,
    scope: 'server',
    run: async () => ({ state: { nodeID: NODE_ID, role: 'standalone', state_code: 'Healthy', extra_info: [] }, subcomponent_states: [] }),
  }),
  AllocTimestamp: verb<object, object>({ rule: LOGGED_IN, scope: 'server', run: async () => ({ timestamp: nextTimestamp() }) }),
  Dummy: verb<{ readonly request_type: string }, object>({ rule: LOGGED_IN, scope: 'server', run: async () => ({ response: '{"status":"fail"}' }) }),
};

/** As the protocol names this machine, which is all there is of a cluster. */
export const NODE = { id: NODE_ID, address: hostname() } as const;
