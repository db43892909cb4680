// Replica routes: what a copy of a collection is fetched by. The manifest changes and is revalidated each time;
// a file never changes, is cached for ever, and is read in blocks, so that its size costs no memory.

import { Hono, type Context } from 'hono';
import type { AskedRule } from '../engine/scoped/scoped-views.js';
import { isSealed } from '../format/sealed-file.js';
import type { Ambient } from '../ports/ambient.js';
import type { ByteRange } from '../ports/storage.js';
import { hasAlready, rangeWanted, type FileRequest } from '../sync/file-request.js';
import type { ReplicaFile, ReplicaSource } from './replica-source.js';
import type { Runner } from './requests.js';
import { RefusedRequest, STATUS } from './status.js';
import { inTime } from './sync/in-time.js';
import { watched, type OfCollection, type OfFile } from './sync/watched.js';

const BLOCK_BYTES = 1024 * 1024;
const SHA256 = /^[0-9a-f]{64}$/;

export interface ReplicaOptions {
  readonly log: Ambient['log'];
  readonly requests: Runner;
  /** Whom a call is for, and which rows it may have. Errors: those of `Gate`. */
  readonly admitted: (c: Context) => Promise<{ readonly within: ReplicaSource; readonly rows: AskedRule }>;
}

export function replicaRoutes({ log, requests, admitted }: ReplicaOptions): Hono {
  const routes = new Hono();
  routes.get('/collections/:name/manifest', watched<OfCollection>(requests, 'manifest', async (c) => {
    const { within, rows } = await admitted(c);
    const { bytes, etag } = await inTime(within.servedManifest(c.req.param('name'), rows));
    const headers = { ETag: etag, 'Cache-Control': 'private, no-cache' };
    if (hasAlready(requested(c), etag)) return c.body(null, 304, headers);
    return c.body(bytes, 200, { ...headers, 'Content-Type': isSealed(bytes) ? 'application/octet-stream' : 'application/json; charset=utf-8', 'Content-Length': String(bytes.byteLength) });
  }));
  routes.get('/collections/:name/key', watched<OfCollection>(requests, 'key', async (c) => {
    const { within } = await admitted(c);
    const bytes = await within.servedKey(c.req.param('name'));
    return c.body(bytes, 200, { 'Cache-Control': 'private, no-store', 'Content-Type': 'application/octet-stream', 'X-Content-Type-Options': 'nosniff', 'Content-Length': String(bytes.byteLength) });
  }));
  routes.get('/collections/:name/files/:sha256', watched<OfFile>(requests, 'files', async (c) => {
    const { within, rows } = await admitted(c);
    const { name, sha256 } = c.req.param();
    if (!SHA256.test(sha256)) throw new RefusedRequest(STATUS.invalidParameter, 'expected a SHA-256 as 64 lower-case hex digits');
    const file = await inTime(within.servedFile(name, sha256, rows));
    if (file === undefined) throw new RefusedRequest(STATUS.collectionNotFound, `no such file in the manifest of "${name}" that the caller may have`, 404);
    return fileResponse(c, file, `"${sha256}"`, log);
  }));
  return routes;
}

function requested(c: Context): FileRequest {
  return { method: c.req.method, header: (name) => c.req.header(name) };
}

function fileResponse(c: Context, file: ReplicaFile, etag: string, log: Ambient['log']): Response {
  // What somebody had to log in for is kept by his own cache alone.
  const scope = c.req.header('authorization') === undefined ? 'public' : 'private';
  const headers = { ETag: etag, 'Cache-Control': `${scope}, max-age=31536000, immutable`, Vary: 'Authorization', 'Accept-Ranges': 'bytes' };
  if (hasAlready(requested(c), etag)) return c.body(null, 304, headers);
  const range = rangeWanted(requested(c), etag, file.sizeBytes);
  if (range === 'unsatisfiable') return c.body(null, 416, { ...headers, 'Content-Range': `bytes */${file.sizeBytes}` });
  const { offset, length } = range ?? { offset: 0, length: file.sizeBytes };
  const content = { ...headers, 'Content-Type': 'application/octet-stream', 'X-Content-Type-Options': 'nosniff', 'Content-Length': String(length) };
  if (range === undefined) return c.body(blocks(file, { offset, length }, log), 200, content);
  return c.body(blocks(file, range, log), 206, { ...content, 'Content-Range': `bytes ${offset}-${offset + length - 1}/${file.sizeBytes}` });
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
