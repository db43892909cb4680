// Transport over fetch. A body is counted while it streams in, so that a server cannot make us hold more than
// was asked for; an abort is `Closed`, every other failure on the way is `Network`. A server may close a connection that was
// kept just when it is used again: then what only reads is asked once more, as browsers do by themselves.

import { ElanusError } from '../model/errors.js';
import type { SendingTransport, TransportRequest, TransportResponse } from '../ports/transport.js';
import type { Waking } from '../ports/waking.js';
import { after } from './waking.js';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** By which Node's fetch tells of a connection that ended before anything was answered. */
const ENDED: ReadonlySet<unknown> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

/** What a body that is sent takes at worst, as nothing is heard while it goes. */
const SENT_BYTES_PER_MS = 8;

interface Means {
  readonly fetch: Fetch;
  readonly after: Waking['after'];
}

/** `wait`: calls its work when so many milliseconds have passed, unless what it returns is called first. */
export function fetchTransport(fetch: Fetch = (url, init) => globalThis.fetch(url, init), wait: Waking['after'] = after): SendingTransport {
  const again: Fetch = (url, init) => onceMore(fetch, url, init);
  return {
    get: (request) => send({ fetch: again, after: wait }, request, {}),
    post: (request) => send({ fetch, after: wait }, request, { method: request.method ?? 'POST', body: request.body }, request.body.length),
  };
}

async function send(means: Means, request: TransportRequest, what: RequestInit, sizeBytes = 0): Promise<TransportResponse> {
  const silence = new Silence(means.after, request.idleMs);
  const signals = [request.signal, silence.signal, request.timeoutMs === undefined ? undefined : AbortSignal.timeout(request.timeoutMs)].filter((signal) => signal !== undefined);
  const init: RequestInit = { ...what, headers: { ...request.headers }, ...(request.cache === undefined ? {} : { cache: request.cache }), signal: AbortSignal.any(signals) };
  const response = await mapped(request, () => silence.broken(() => means.fetch(request.url, init), sizeBytes / SENT_BYTES_PER_MS));
  return {
    status: response.status,
    header: (name) => response.headers.get(name) ?? undefined,
    bytes: (bytesMax) => mapped(request, () => readBody(response, request.url, bytesMax, silence)),
  };
}

/** Ends a request that stays silent. */
class Silence {
  readonly #after: Waking['after'];
  readonly #idleMs: number | undefined;
  readonly #abort = new AbortController();

  constructor(after: Waking['after'], idleMs: number | undefined) {
    this.#after = after;
    this.#idleMs = idleMs;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** What breaks it, which may take `moreMs` longer. */
  async broken<T>(heard: () => Promise<T>, moreMs = 0): Promise<T> {
    if (this.#idleMs === undefined) return heard();
    const ms = Math.ceil(this.#idleMs + moreMs);
    const forget = this.#after(ms, () => this.#abort.abort(new Error(`nothing came for ${ms} ms`)));
    try {
      return await heard();
    } finally {
      forget();
    }
  }
}

async function onceMore(fetch: Fetch, url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    const cause = error instanceof Error ? (error.cause as { readonly code?: unknown } | undefined) : undefined;
    if (!ENDED.has(cause?.code)) throw error;
    return fetch(url, init);
  }
}

async function readBody(response: Response, url: string, bytesMax: number, silence: Silence): Promise<Uint8Array<ArrayBuffer>> {
  if (response.bodyUsed) throw new ElanusError('InvalidArgument', `${url}: the body was read already`);
  if (response.body === null) return new Uint8Array(0);
  const reader = response.body.getReader();
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  const next = (): ReturnType<typeof reader.read> => silence.broken(() => reader.read());
  for (let part = await next(); !part.done; part = await next()) {
    sizeBytes += part.value.length;
    if (sizeBytes > bytesMax) {
      await reader.cancel();
      throw new ElanusError('InvalidArgument', `${url}: expected a body of at most ${bytesMax} bytes, found more`);
    }
    parts.push(part.value);
  }
  return concatenated(parts, sizeBytes);
}

function concatenated(parts: readonly Uint8Array[], sizeBytes: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(sizeBytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

async function mapped<T>(request: TransportRequest, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ElanusError) throw error;
    const aborted = request.signal?.aborted === true;
    const message = aborted ? 'the request was aborted' : `no answer: ${reasonOf(error)}`;
    throw new ElanusError(aborted ? 'Closed' : 'Network', `${request.url}: ${message}`, { cause: error });
  }
}

/** Node's fetch says only "fetch failed" and keeps the reason in `cause`. */
function reasonOf(error: unknown): string {
  return error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
}
