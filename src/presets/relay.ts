// Relay: gives copies what was published for them (sync/publish.ts) out of an R2 bucket, by the protocol of docs/format.md,
// "Replication". It has no key to sign with and computes nothing: clients check all that they get. Pushes and searches go to the origin.

import { hexOf } from '../format/bytes.js';
import { DEFAULT_DATABASE } from '../format/catalog.js';
import { encodeHead } from '../format/head.js';
import { fileKey, hashOf, manifestKey } from '../format/keys.js';
import { placeOf, type Publication, type PublishedFile } from '../format/publication.js';
import { isSealed } from '../format/sealed-file.js';
import { ElanusError, require } from '../model/errors.js';
import { webAmbient } from '../platform/ambient.js';
import type { ByteRange, ReadStorage } from '../ports/storage.js';
import { r2Storage, type R2Object, type R2Reads } from '../storage/r2.js';
import { hasAlready, rangeWanted, type FileRequest } from '../sync/file-request.js';
import { newestPublication } from '../sync/publications.js';
import { HEAD_KEY_HEADER } from '../sync/trust.js';
import { crossOrigin, preflight } from './relay-cors.js';

export interface RelayOptions {
  /** The R2 binding that holds the files. */
  readonly bucket: RelayBucket;
  /** Where in the bucket they are. Default: `default/`, as the server's database. */
  readonly prefix?: string;
  /** Who may have a collection. Default: everybody. Pushes and searches are the origin's to decide. */
  readonly authorize?: (request: Request, wanted: { readonly database: string; readonly collection: string }) => boolean | Promise<boolean>;
  /** Origins whose pages may ask, or `*`. Default: none but its own. */
  readonly cors?: readonly string[];
  /** URL of the server that takes pushes and answers searches; without it they are refused. */
  readonly origin?: string;
  /** Keeps pieces of files: `caches.default`. */
  readonly cache?: Pick<Cache, 'match' | 'put'>;
  /** How long who asks for changes waits at most, and how often the bucket is looked at meanwhile. Default 25,000 and 5,000 ms. */
  readonly waitMs?: number;
  readonly pollMs?: number;
}

/** The part of Cloudflare's R2Bucket that a relay needs. */
export interface RelayBucket extends R2Reads {
  get(key: string, options?: { readonly range: ByteRange }): Promise<(R2Object & { readonly body: ReadableStream<Uint8Array> }) | null>;
}

/** What a Worker is handed with a request. */
export interface RelayContext {
  waitUntil(work: Promise<unknown>): void;
}

interface Served {
  readonly publication: Publication;
  readonly files: ReadonlyMap<string, PublishedFile>;
}

interface Wanted {
  readonly database: string;
  readonly collection: string;
  readonly request: Request;
  readonly url: URL;
}

const PATH = /^\/v1\/collections\/([^/]+)\/(head|manifest|key|changes|push|search|files\/[^/]+)$/;
/** Of copies of some rows. */
const SCOPE = ['partitions', 'filter'];
const SHA256 = /^[0-9a-f]{64}$/;
const REVALIDATED = 'private, no-cache';
const NO_STORE = 'private, no-store';
/** Headers of what goes to the origin, and of what it says. */
const PASSED_ON = ['authorization', 'content-type', 'content-length'];
const PASSED_BACK = ['content-type', 'retry-after', 'date'];
/** Larger pieces are passed on as they come, and not kept in the cache. */
const PIECE_BYTES_MAX = 8 * 1024 * 1024;
/** Of all publications that are kept in memory. */
const KEPT_FILES_MAX = 200_000;
const STATUS: Readonly<Record<string, number>> = { NotFound: 404, InvalidArgument: 400, Network: 502 };

/** Answers `/v1/collections/…`; to be made once for an isolate. */
export class Relay {
  readonly #options: RelayOptions;
  readonly #prefix: string;
  readonly #storage: ReadStorage;
  /** By place. */
  readonly #kept = new Map<string, Served>();

  /** Errors: `InvalidArgument`. */
  constructor(options: RelayOptions) {
    const { bucket, prefix = `${DEFAULT_DATABASE}/`, origin } = options;
    require(origin === undefined || (URL.canParse(origin) && /^https?:\/\/[^?#]+$/.test(origin)), () => `relay: origin: expected an http(s) URL without query, found ${JSON.stringify(origin)}`);
    this.#options = options;
    this.#prefix = prefix;
    this.#storage = r2Storage(bucket, prefix);
  }

  /** Every error that a request can cause is answered, none is thrown. */
  async fetch(request: Request, context?: RelayContext): Promise<Response> {
    const { cors = [] } = this.#options;
    if (request.method === 'OPTIONS') return preflight(request, cors);
    return crossOrigin(request, cors, await this.#answered(request, context));
  }

  async #answered(request: Request, context: RelayContext | undefined): Promise<Response> {
    const url = new URL(request.url);
    const [, name = '', what = ''] = PATH.exec(url.pathname) ?? [];
    if (what === '') return refusal(404, 'NotFound', `no such path: ${url.pathname}`);
    try {
      const wanted = { database: url.searchParams.get('database') ?? DEFAULT_DATABASE, collection: decodeURIComponent(name), request, url };
      if (what === 'push' || what === 'search') return await this.#passOn(wanted, what);
      if (request.method !== 'GET' && request.method !== 'HEAD') return refusal(405, 'Unsupported', `method ${request.method}: expected GET or HEAD`, { allow: 'GET, HEAD' });
      if (SCOPE.some((name) => url.searchParams.has(name))) return refusal(400, 'Unsupported', 'a relay serves whole collections: ask the server that publishes here for copies of some rows');
      if ((await this.#options.authorize?.(request, wanted)) === false) return refusal(401, 'Unauthorized', 'expected a token that is known', { 'www-authenticate': 'Bearer' });
      const response = await this.#get(what, wanted, context);
      return request.method === 'HEAD' ? new Response(null, { status: response.status, headers: response.headers }) : response;
    } catch (error) {
      if (error instanceof ElanusError) return refusal(STATUS[error.code] ?? 500, error.code, error.message);
      if (error instanceof URIError) return refusal(404, 'NotFound', `no such path: ${url.pathname}`);
      throw error;
    }
  }

  async #get(what: string, wanted: Wanted, context: RelayContext | undefined): Promise<Response> {
    if (what === 'head') return this.#head(wanted);
    if (what === 'manifest') return this.#manifest(wanted);
    if (what === 'key') return this.#key(wanted);
    if (what === 'changes') return this.#changes(wanted);
    return this.#file(what.slice('files/'.length), wanted, context);
  }

  async #head(wanted: Wanted): Promise<Response> {
    const { head, publicKey } = (await this.#newest(wanted)).publication;
    const bytes = encodeHead(head);
    const headers = { etag: `"${hexOf(await webAmbient().sha256(bytes))}"`, 'cache-control': REVALIDATED, [HEAD_KEY_HEADER]: publicKey };
    if (hasAlready(asked(wanted.request), headers.etag)) return new Response(null, { status: 304, headers });
    return sent(bytes, { ...headers, 'content-type': 'application/json; charset=utf-8' });
  }

  async #manifest(wanted: Wanted): Promise<Response> {
    const { head } = (await this.#newest(wanted)).publication;
    const headers = { etag: `"${head.manifest.sha256}"`, 'cache-control': REVALIDATED };
    if (hasAlready(asked(wanted.request), headers.etag)) return new Response(null, { status: 304, headers });
    const bytes = await this.#storage.read(manifestKey(head.collection, head.version));
    return sent(bytes, { ...headers, 'content-type': isSealed(bytes) ? 'application/octet-stream' : 'application/json; charset=utf-8' });
  }

  async #key(wanted: Wanted): Promise<Response> {
    const { key } = (await this.#newest(wanted)).publication;
    if (key === undefined) throw new ElanusError('NotFound', `collection "${wanted.collection}" is not encrypted`);
    return sent(Uint8Array.from(key), { 'cache-control': NO_STORE, 'content-type': 'application/octet-stream', 'x-content-type-options': 'nosniff' });
  }

  async #changes(wanted: Wanted): Promise<Response> {
    const since = Number(wanted.url.searchParams.get('since') ?? '0');
    require(Number.isSafeInteger(since) && since >= 0, () => 'since: expected a version');
    const { waitMs = 25_000, pollMs = 5000 } = this.#options;
    const untilMs = Date.now() + waitMs;
    for (;;) {
      const { version } = (await this.#newest(wanted)).publication.head;
      const leftMs = untilMs - Date.now();
      if (version !== since || leftMs <= 0 || wanted.request.signal.aborted) return Response.json({ version, ...(version < since ? { reset: true } : {}) }, { headers: { 'cache-control': NO_STORE } });
      await new Promise((resolve) => setTimeout(resolve, Math.min(pollMs, leftMs)));
    }
  }

  async #file(sha256: string, wanted: Wanted, context: RelayContext | undefined): Promise<Response> {
    require(SHA256.test(sha256), () => 'expected a SHA-256 as 64 lower-case hex digits');
    const { publication, file } = await this.#named(wanted, sha256);
    const etag = `"${sha256}"`;
    // What somebody had to show a token for is kept by his own cache alone.
    const headers = { etag, 'cache-control': `${this.#options.authorize === undefined ? 'public' : 'private'}, max-age=31536000, immutable`, vary: 'authorization', 'accept-ranges': 'bytes', 'content-type': 'application/octet-stream', 'x-content-type-options': 'nosniff' };
    if (hasAlready(asked(wanted.request), etag)) return new Response(null, { status: 304, headers });
    const range = rangeWanted(asked(wanted.request), etag, file.sizeBytes);
    if (range === 'unsatisfiable') return new Response(null, { status: 416, headers: { ...headers, 'content-range': `bytes */${file.sizeBytes}` } });
    const { offset, length } = range ?? { offset: 0, length: file.sizeBytes };
    const part = range === undefined ? {} : { 'content-range': `bytes ${offset}-${offset + length - 1}/${file.sizeBytes}` };
    const answer = { status: range === undefined ? 200 : 206, headers: { ...headers, ...part, 'content-length': String(length) } };
    if (wanted.request.method === 'HEAD' || length === 0) return new Response(null, answer);
    return new Response(await this.#piece(fileKey(publication.head.collection, file.name), { offset, length }, wanted.url, context), answer);
  }

  /** A file that the newest manifest or the one before names. Errors: `NotFound`. */
  async #named(wanted: Wanted, sha256: string): Promise<{ readonly publication: Publication; readonly file: PublishedFile }> {
    const kept = this.#kept.get(await this.#placeOf(wanted));
    const known = kept?.files.get(sha256);
    if (kept !== undefined && known !== undefined) return { publication: kept.publication, file: known };
    const { publication, files } = await this.#newest(wanted);
    const file = files.get(sha256);
    if (file === undefined) throw new ElanusError('NotFound', `no such file in the manifest of "${wanted.collection}"`);
    return { publication, file };
  }

  async #piece(key: string, range: ByteRange, url: URL, context: RelayContext | undefined): Promise<BodyInit> {
    const { bucket, cache } = this.#options;
    const isKept = range.length <= PIECE_BYTES_MAX && cache !== undefined;
    // Pieces are kept each for itself, as the cache takes no answers of status 206.
    const place = `${url.origin}/pieces/${this.#prefix}${key}?from=${range.offset}&bytes=${range.length}`;
    const found = isKept ? await cache.match(place) : undefined;
    if (found !== undefined) return found.arrayBuffer();
    const object = await bucket.get(this.#prefix + key, { range });
    if (object === null) throw new ElanusError('NotFound', `${key}: published, and no longer there`, { file: key });
    if (range.length > PIECE_BYTES_MAX) return object.body;
    const bytes = await object.arrayBuffer();
    if (bytes.byteLength !== range.length) throw new ElanusError('Network', `${key}: expected ${range.length} bytes from ${range.offset} on, found ${bytes.byteLength}`, { file: key });
    if (isKept) {
      const put = cache.put(place, new Response(bytes.slice(0), { headers: { 'cache-control': 'public, max-age=31536000, immutable', 'content-length': String(bytes.byteLength) } }));
      if (context === undefined) await put;
      else context.waitUntil(put);
    }
    return bytes;
  }

  /** To the origin, which decides who may; its answer comes back as it is. */
  async #passOn({ request, url }: Wanted, what: 'push' | 'search'): Promise<Response> {
    const { origin } = this.#options;
    if (origin === undefined) return what === 'push' ? refusal(405, 'ReadOnly', 'this relay takes no writes: push to the server that publishes here', { allow: '' }) : refusal(405, 'Unsupported', 'this relay searches nothing: ask the server that publishes here', { allow: '' });
    if (request.method !== 'POST') return refusal(405, 'Unsupported', `method ${request.method}: expected POST`, { allow: 'POST' });
    const headers = someOf(request.headers, PASSED_ON);
    try {
      const answer = await fetch(`${origin.replace(/\/+$/, '')}${url.pathname}${url.search}`, { method: 'POST', headers, body: await request.arrayBuffer(), redirect: 'manual' });
      return new Response(answer.body, { status: answer.status, headers: { 'content-type': 'application/octet-stream', ...someOf(answer.headers, PASSED_BACK), 'cache-control': NO_STORE } });
    } catch (error) {
      throw new ElanusError('Network', `the origin does not answer: ${String(error)}`, { cause: error });
    }
  }

  /** Errors: `NotFound`. */
  async #newest(wanted: Wanted): Promise<Served> {
    const place = await this.#placeOf(wanted);
    const kept = this.#kept.get(place);
    const { newest } = await newestPublication(this.#storage, place, kept?.publication);
    if (newest === undefined) throw new ElanusError('NotFound', `no collection "${wanted.collection}" is published here`);
    if (newest === kept?.publication) return kept;
    const served = { publication: newest, files: new Map([...newest.files, ...(newest.before?.files ?? [])].map((file) => [hashOf(file.name), file])) };
    const filesKept = [...this.#kept.values()].reduce((sum, { files }) => sum + files.size, 0);
    if (filesKept + served.files.size > KEPT_FILES_MAX) this.#kept.clear();
    this.#kept.set(place, served);
    return served;
  }

  #placeOf({ database, collection }: Wanted): Promise<string> {
    return placeOf(database, collection, (bytes) => webAmbient().sha256(bytes));
  }
}

/** For `authorize`: who shows this token may have everything. Compared by hashes, so that the time it takes tells nothing. */
export function bearer(token: string): NonNullable<RelayOptions['authorize']> {
  const { sha256 } = webAmbient();
  const hashOfText = async (text: string): Promise<string> => hexOf(await sha256(new TextEncoder().encode(text)));
  return async (request) => (await hashOfText(request.headers.get('authorization') ?? '')) === (await hashOfText(`Bearer ${token}`));
}

function asked(request: Request): FileRequest {
  return { method: request.method, header: (name) => request.headers.get(name) ?? undefined };
}

function someOf(headers: Headers, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, headers.get(name)] as const).filter((header): header is [string, string] => header[1] !== null));
}

function sent(bytes: Uint8Array<ArrayBuffer>, headers: Readonly<Record<string, string>>): Response {
  return new Response(bytes, { headers: { ...headers, 'content-length': String(bytes.length) } });
}

function refusal(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json({ error: { code, message } }, { status, headers: { ...headers, 'cache-control': NO_STORE } });
}
