// The Cloudflare Worker: searches the database whose files are in the R2 binding BUCKET. `POST /search`, `GET /health`.
// One isolate opens the database once and keeps it; a failed opening is tried again by the next request. Copies pull what was
// published there by `/v1/collections/…`.

import core from './core.wasm';
import filter from './filter.wasm';
import { answerSearch, open, openOnce } from '../src/presets/edge.js';
import type { RelayContext } from '../src/presets/relay.js';
import { relayOf, type Env } from './relay-env.js';

const database = openOnce(({ DATABASE = 'default', BUCKET }: Env) => open(DATABASE, { bucket: BUCKET, core, filter }));

export default {
  async fetch(request: Request, env: Env, context: RelayContext): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith('/v1/')) return relayOf(env).fetch(request, context);
    if (pathname === '/search') {
      if (request.method !== 'POST') return new Response('use POST', { status: 405, headers: { allow: 'POST' } });
      return answerSearch(await database(env), request);
    }
    if (pathname === '/health') return Response.json(await (await database(env)).health());
    return new Response('not found', { status: 404 });
  },
};
