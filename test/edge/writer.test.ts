// The edge preset as a writer, over the R2 bucket of a local workerd: what it acknowledged is there for the next, who was
// taken over from is refused, and readers see what was written.

import { Miniflare } from 'miniflare';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { open, openOnce } from '../../src/presets/edge.js';
import type { R2Bucket } from '../../src/storage/r2.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { compileAsset } from '../support/assets.js';

let miniflare: Miniflare;
let bucket: R2Bucket;

beforeAll(async () => {
  miniflare = new Miniflare({ modules: true, script: 'export default { fetch() { return new Response(null, { status: 404 }); } }', r2Buckets: ['FILES'], cf: false });
  bucket = (await miniflare.getR2Bucket('FILES')) as unknown as R2Bucket;
});

afterAll(() => miniflare.dispose());

async function opened(write: boolean): Promise<SyncDatabase> {
  return open('db', { bucket, write, core: await compileAsset('core.wasm'), filter: await compileAsset('filter.wasm') });
}

const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => ({ id: from + at, vector: [from + at, 1] }));

test('one writes to R2 at a time; the next takes over with all that was acknowledged', async () => {
  const first = await opened(true);
  const things = await first.createCollection({ name: 'things', dimension: 2, metric: 'L2' });
  await things.insert(rows(0, 10));
  await things.flush();
  await things.insert(rows(10, 20));
  const second = await opened(true);
  const taken = await second.collection('things');
  expect(await taken.count()).toBe(20);
  await expect(things.insert(rows(20, 30))).rejects.toMatchObject({ code: 'Busy' });
  await taken.delete({ ids: [3] });
  await taken.flush();
  await taken.insert(rows(40, 45));
  // Nor can it go on now that its log is gone, or by sealing.
  await expect(things.insert(rows(20, 30))).rejects.toMatchObject({ code: 'ReadOnly' });
  await expect(things.flush()).rejects.toMatchObject({ code: 'ReadOnly' });
  await first.close();
  const reader = await opened(false);
  const read = await reader.collection('things');
  expect(await read.count()).toBe(24);
  expect((await read.search({ data: [42, 1], limit: 1 })).hits[0]?.id).toBe(42n);
  await expect(read.insert(rows(50, 51))).rejects.toMatchObject({ code: 'ReadOnly' });
  await reader.close();
  await second.close();
  const third = await opened(true);
  expect(await (await third.collection('things')).count()).toBe(24);
  expect((await third.health()).warnings).toEqual([]);
  await third.close();
});

test('an isolate opens its database once, and again only where that failed', async () => {
  await (await opened(true)).close();
  let lists = 0;
  const failing = { head: bucket.head.bind(bucket), get: bucket.get.bind(bucket), list: (options: Parameters<R2Bucket['list']>[0]) => (lists++ === 0 ? Promise.reject(new Error('R2 is away')) : bucket.list(options)) };
  const [core, filter] = await Promise.all([compileAsset('core.wasm'), compileAsset('filter.wasm')]);
  const database = openOnce((env: { readonly BUCKET: typeof failing }) => open('db', { bucket: env.BUCKET, core, filter }));
  const env = { BUCKET: failing };
  // Those that wait for the same opening fail with it.
  expect(await Promise.allSettled([database(env), database(env)])).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
  expect(lists).toBe(1);
  const kept = await database(env);
  expect(await database(env)).toBe(kept);
  await kept.close();
});

test('a bucket that can only be read is not opened to write', async () => {
  const reads = { head: bucket.head.bind(bucket), get: bucket.get.bind(bucket), list: bucket.list.bind(bucket) };
  await expect(open('db', { bucket: reads, write: true, core: await compileAsset('core.wasm'), filter: await compileAsset('filter.wasm') })).rejects.toMatchObject({ code: 'InvalidArgument' });
});
