// Replica routes: what a copy of a collection is fetched by. The manifest changes and is revalidated each time;
// a file never changes, is cached for ever, and is read in blocks, so that its size costs no memory.

import { Hono, type Context } from 'hono';
import { DEFAULT_DATABASE } from '../format/catalog.js';
import { isSealed } from '../format/sealed-file.js';
import type { Ambient } from '../ports/ambient.js';
import type { ByteRange } from '../ports/storage.js';
import { needOf } from './access/rule.js';
import type { Gate } from './access/gate.js';
import { HTTP_RULES } from './http-rules.js';
import { rangeOf } from './range.js';
import { peerOf } from './peer.js';
import type { ReplicaFile, ReplicaSource } from './replica-source.js';
import { RefusedRequest, STATUS } from './status.js';

const BLOCK_BYTES = 1024 * 1024;
const SHA256 = /^[0-9a-f]{64}$/;

export interface ReplicaOptions {
  readonly source: ReplicaSource;
  readonly log: Ambient['log'];
  readonly gate: Gate;
}

export function replicaRoutes({ source, log, gate }: ReplicaOptions): Hono {
  const routes = new Hono();
  routes.use('/collections/:name/*', async (c, next) => {
    const caller = await gate.authenticate(c.req.header('authorization'), peerOf(c));
    await gate.admit(caller, needOf(HTTP_RULES['/v1/collections'], DEFAULT_DATABASE, { collection: c.req.param('name') }, '/v1/collections'));
    await next();
  });
  routes.get('/collections/:name/manifest', async (c) => {
    const { bytes, etag } = await source.servedManifest(c.req.param('name'));
    const headers = { ETag: etag, 'Cache-Control': 'private, no-cache' };
    if (matches(c.req.header('if-none-match'), etag)) return c.body(null, 304, headers);
    return c.body(bytes, 200, { ...headers, 'Content-Type': isSealed(bytes) ? 'application/octet-stream' : 'application/json; charset=utf-8', 'Content-Length': String(bytes.byteLength) });
  });
  routes.get('/collections/:name/key', async (c) => {
    const bytes = await source.servedKey(c.req.param('name'));
    return c.body(bytes, 200, { 'Cache-Control': 'private, no-store', 'Content-Type': 'application/octet-stream', 'X-Content-Type-Options': 'nosniff', 'Content-Length': String(bytes.byteLength) });
  });
  routes.get('/collections/:name/files/:sha256', async (c) => {
    const { name, sha256 } = c.req.param();
    if (!SHA256.test(sha256)) throw new RefusedRequest(STATUS.invalidParameter, 'expected a SHA-256 as 64 lower-case hex digits');
    const file = await source.servedFile(name, sha256);
    if (file === undefined) throw new RefusedRequest(STATUS.collectionNotFound, `no such file in the manifest of "${name}"`, 404);
    return fileResponse(c, file, `"${sha256}"`, log);
  });
  return routes;
}

/** RFC 9110, 13.1.2: weak comparison with a list of entity tags. */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  return ifNoneMatch !== undefined && ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
}

function fileResponse(c: Context, file: ReplicaFile, etag: string, log: Ambient['log']): Response {
  // What somebody had to log in for is kept by his own cache alone.
  const scope = c.req.header('authorization') === undefined ? 'public' : 'private';
  const headers = { ETag: etag, 'Cache-Control': `${scope}, max-age=31536000, immutable`, Vary: 'Authorization', 'Accept-Ranges': 'bytes' };
  if (matches(c.req.header('if-none-match'), etag)) return c.body(null, 304, headers);
  const range = wantedRange(c, etag, file.sizeBytes);
  if (range === 'unsatisfiable') return c.body(null, 416, { ...headers, 'Content-Range': `bytes */${file.sizeBytes}` });
  const { offset, length } = range ?? { offset: 0, length: file.sizeBytes };
  const content = { ...headers, 'Content-Type': 'application/octet-stream', 'X-Content-Type-Options': 'nosniff', 'Content-Length': String(length) };
  if (range === undefined) return c.body(blocks(file, { offset, length }, log), 200, content);
  return c.body(blocks(file, range, log), 206, { ...content, 'Content-Range': `bytes ${offset}-${offset + length - 1}/${file.sizeBytes}` });
}

/** A range holds for GET alone, and under If-Range only for the very file that the client has a part of. */
function wantedRange(c: Context, etag: string, sizeBytes: number): ByteRange | 'unsatisfiable' | undefined {
  const ifRange = c.req.header('if-range');
  if (c.req.method !== 'GET' || (ifRange !== undefined && ifRange.trim() !== etag)) return undefined;
  return rangeOf(c.req.header('range'), sizeBytes);
}

/** The next block is read when the client has taken the last one. */
function blocks(file: ReplicaFile, { offset, length }: ByteRange, log: Ambient['log']): ReadableStream<Uint8Array> {
  const end = offset + length;
  let next = offset;
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    if (next >= end) return controller.close();
    const block = { offset: next, length: Math.min(BLOCK_BYTES, end - next) };
    try {
      controller.enqueue(await file.read(block));
      next += block.length;
    } catch (error) {
      // The status is sent: cutting the body short is the only way left to tell the client.
      log('error', `sending ${file.name} failed`, { error, ...block });
      controller.error(error);
    }
  };
  return new ReadableStream({ pull }, { highWaterMark: 0 });
}
