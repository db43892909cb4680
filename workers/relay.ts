// The Cloudflare Worker that only relays: copies pull what was published into the R2 binding BUCKET. It has no core and no
// engine in it, so that it starts at once and stays far below every limit of size.

import type { RelayContext } from '../src/presets/relay.js';
import { relayOf, type Env } from './relay-env.js';

export default {
  fetch: (request: Request, env: Env, context: RelayContext): Promise<Response> => relayOf(env).fetch(request, context),
};
