// Segment routes: whole files of rows that are sent in place of batches, part by part, and taken when they have come.

import { Hono } from 'hono';
import { isFaultOfBatch } from '../../engine/write/received.js';
import { UPLOAD_PART_BYTES_MAX } from '../../format/upload.js';
import { readBody } from '../body.js';
import { isObject, parseObject } from '../json.js';
import type { SentName } from '../../sync/uploads.js';
import { RefusedRequest, STATUS } from '../status.js';
import { withBody } from '../requests.js';
import type { SyncOptions } from './routes.js';
import { watched, type OfCollection, type OfFile } from './watched.js';

const NO_STORE = { 'Cache-Control': 'private, no-store' };
const CONTENT_RANGE = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/;
const COMMIT_BYTES_MAX = 4096;

export function segmentRoutes({ admitted, requests, room, onConflict }: SyncOptions): Hono {
  const routes = new Hono();
  routes.get('/collections/:name/segments/:sha256', watched<OfFile>(requests, 'segments/describe', async (c) => {
    const { within } = await admitted(c, '/v1/collections/segments');
    return c.json(await within.sentSegment(c.req.param('name'), c.req.param('sha256')), 200, NO_STORE);
  }));
  routes.put('/collections/:name/segments/:sha256', watched<OfFile>(requests, 'segments/part', async (c, isWhole) => {
    const { within, ended } = await admitted(c, '/v1/collections/segments');
    try {
      const { first, last, sizeBytes } = rangeOf(c.req.header('content-range'));
      const { bytes: come, fits } = await withBody(requests, async (held) => {
        const bytes = await readBody(c.req.raw, UPLOAD_PART_BYTES_MAX, held);
        isWhole();
        if (bytes.length !== last - first + 1) throw new RefusedRequest(STATUS.malformedRequest, `Content-Range: expected ${last - first + 1} bytes, found ${bytes.length}`);
        return requests.run(() => within.takePart(c.req.param('name'), { sha256: c.req.param('sha256'), first, sizeBytes, bytes }));
      });
      ended();
      return c.json({ bytes: come }, fits ? 200 : 409, NO_STORE);
    } catch (error) {
      ended(error);
      throw error;
    }
  }));
  routes.post('/collections/:name/segments', watched<OfCollection>(requests, 'segments/take', async (c, isWhole) => {
    const { within, caller, ended } = await admitted(c, '/v1/collections/segments');
    try {
      await admitted(c, '/v1/collections/segments in place of rows');
      const file = await withBody(requests, async (held) => fileOf(await parseObject([await readBody(c.req.raw, COMMIT_BYTES_MAX, held)])));
      isWhole();
      const { isKnown, ...told } = await requests.run(() => room.segment(within, c.req.param('name'), file, caller?.user ?? '', onConflict));
      ended();
      return c.json({ ...told, taken: isKnown }, 200, NO_STORE);
    } catch (error) {
      const refused = isFaultOfBatch(error, false) && error.code !== 'NotFound' ? new RefusedRequest(STATUS.badInsertData, error.message) : error;
      ended(refused);
      throw refused;
    }
  }));
  return routes;
}

function rangeOf(header: string | undefined): { readonly first: number; readonly last: number; readonly sizeBytes: number } {
  const found = CONTENT_RANGE.exec(header ?? '');
  const [first, last, sizeBytes] = (found?.slice(1) ?? []).map(Number);
  if (first === undefined || last === undefined || sizeBytes === undefined || last < first) throw new RefusedRequest(STATUS.malformedRequest, `Content-Range: expected bytes <first>-<last>/<size>, found ${JSON.stringify(header)}`);
  return { first, last, sizeBytes };
}

function fileOf(body: Awaited<ReturnType<typeof parseObject>>): SentName {
  const { sha256, sizeBytes } = isObject(body) ? body : {};
  if (typeof sha256 !== 'string' || typeof sizeBytes !== 'number') throw new RefusedRequest(STATUS.malformedRequest, 'expected {"sha256", "sizeBytes"}');
  return { sha256, sizeBytes };
}
