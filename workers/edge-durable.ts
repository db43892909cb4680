// The Cloudflare Worker that writes, too. One Durable Object, bound as WRITER, opens the database in the R2 binding BUCKET
// to write; every isolate answers searches from R2, and looks for what was written when it is asked for `?fresh`, else
// once in a while. `POST /search`; `POST /create`, `/drop`, `/insert`, `/upsert`, `/delete`, `/flush`; `GET /health`.

import core from './core.wasm';
import filter from './filter.wasm';
import { answerSearch, answerWrite, open, openOnce, type EdgeOptions } from '../src/presets/edge.js';

interface Namespace {
  idFromName(name: string): unknown;
  get(id: unknown): { fetch(request: Request): Promise<Response> };
}

export interface Env {
  readonly BUCKET: EdgeOptions['bucket'];
  /** The Durable Object's class is `Writer`. */
  readonly WRITER: Namespace;
  /** Name of the database. Default: `default`, as the server's. */
  readonly DATABASE?: string;
}

const REFRESH_MS = 10_000;

type Opening = ReturnType<typeof open>;

function nameIn({ DATABASE = 'default' }: Env): string {
  return DATABASE;
}

/** The one place that writes. */
export class Writer {
  readonly #env: Env;
  #opened: Opening | undefined;

  constructor(_state: unknown, env: Env) {
    this.#env = env;
  }

  async fetch(request: Request): Promise<Response> {
    const opening = (this.#opened ??= open(nameIn(this.#env), { bucket: this.#env.BUCKET, write: true, core, filter }));
    const forget = (): void => {
      if (this.#opened === opening) this.#opened = undefined;
    };
    try {
      const database = await opening;
      const response = await answerWrite(database, request);
      // It was taken over from, as when it was moved elsewhere and back: the next request takes over.
      if (response.status !== 503) return response;
      forget();
      await database.close();
      return response;
    } catch (error) {
      forget();
      throw error;
    }
  }
}

const database = openOnce((env: Env) => open(nameIn(env), { bucket: env.BUCKET, core, filter }));
let refreshedMs = 0;

async function refreshed(env: Env, now: boolean): Opening {
  const reader = await database(env);
  if (now || Date.now() - refreshedMs >= REFRESH_MS) {
    refreshedMs = Date.now();
    await reader.refresh();
  }
  return reader;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/health') return Response.json(await (await database(env)).health());
    if (request.method !== 'POST') return new Response('use POST', { status: 405, headers: { allow: 'POST' } });
    if (pathname === '/search') return answerSearch(await refreshed(env, searchParams.has('fresh')), request);
    return env.WRITER.get(env.WRITER.idFromName(nameIn(env))).fetch(request);
  },
};
