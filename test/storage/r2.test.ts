// R2 as the edge has it: the suite, and its read-only part, against the bucket of a local workerd, which needs no network.

import { Miniflare } from 'miniflare';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openR2Storage, r2Storage, type R2Bucket, type R2Page, type R2Reads } from '../../src/storage/r2.js';
import { storageConformance } from './conformance.js';
import { readConformance } from './conformance-read.js';
import { refusal, text } from './samples.js';

/** What is used of miniflare's bucket; its own type does not survive the DOM's types beside it. */
interface Bucket extends Omit<R2Bucket, 'put' | 'delete'> {
  put(key: string, bytes: Uint8Array | string, options?: Parameters<R2Bucket['put']>[2]): Promise<unknown>;
  delete(keys: string | readonly string[]): Promise<void>;
  list(options: { readonly prefix: string; readonly cursor?: string; readonly limit?: number }): Promise<R2Page>;
}

let miniflare: Miniflare;
let bucket: Bucket;

beforeAll(async () => {
  miniflare = new Miniflare({
    modules: true,
    script: 'export default { fetch() { return new Response(null, { status: 404 }); } }',
    r2Buckets: ['FILES'],
    cf: false,
  });
  bucket = (await miniflare.getR2Bucket('FILES')) as unknown as Bucket;
});

afterAll(() => miniflare.dispose());

async function empty(): Promise<void> {
  for (;;) {
    const { objects, truncated } = await bucket.list({ prefix: '' });
    if (objects.length > 0) await bucket.delete(objects.map(({ key }) => key));
    if (!truncated) return;
  }
}

storageConformance('r2', async () => ({ open: () => openR2Storage(bucket, 'db/'), discard: empty }), { exclusive: false });

describe('storage: r2 that only reads', () => {
  afterEach(empty);

  readConformance(async (files) => {
    await bucket.put('elsewhere/a', 'not in the folder');
    for (const [key, bytes] of files) await bucket.put(`db/${key}`, bytes);
    return r2Storage(bucket, 'db/');
  });

  test('a bucket without a folder is read from its top', async () => {
    await bucket.put('a/b', 'x');
    const storage = r2Storage(bucket, '');
    expect(await storage.list('a')).toEqual(['a/b']);
    expect(await storage.read('a/b')).toEqual(text('x'));
  });

  test('a list goes on page by page to its end, and holds only keys', async () => {
    const keys = Array.from({ length: 8 }, (_, i) => `many/${i}`);
    for (const key of [...keys, 'many/no key']) await bucket.put(`db/${key}`, '');
    const pages: R2Page[] = [];
    const paged: R2Reads = {
      head: (key) => bucket.head(key),
      get: (key) => bucket.get(key),
      list: async (options) => {
        pages.push(await bucket.list({ ...options, limit: 3 }));
        return pages[pages.length - 1] as R2Page;
      },
    };
    expect(await r2Storage(paged, 'db/').list('many/')).toEqual(keys);
    expect(pages.map((page) => page.objects.length)).toEqual([3, 3, 3]);
  });

  test('a closed storage refuses', async () => {
    const storage = r2Storage(bucket, 'db/');
    await storage.close();
    await refusal('Closed', () => storage.read('a'));
    await refusal('Closed', () => storage.list(''));
  });
});

describe('storage: r2 when R2 fails', () => {
  const down: R2Reads = {
    head: () => Promise.reject(new Error('internal error (10001)')),
    get: () => Promise.reject(new Error('internal error (10001)')),
    list: () => Promise.resolve({ objects: [], truncated: true }),
  };

  test('a failure of R2 is Network, not a damaged or an absent file', async () => {
    const storage = r2Storage(down, '');
    await refusal('Network', () => storage.read('a'));
    await refusal('Network', () => storage.read('a', { offset: 0, length: 1 }));
    await refusal('Network', () => storage.size('a'));
  });

  test('a list that is cut short without a cursor is refused, not taken for the whole', async () => {
    await refusal('Network', () => r2Storage(down, '').list(''));
  });

  test('a body of another length than was asked for is refused', async () => {
    const short: R2Reads = { ...down, get: () => Promise.resolve({ size: 10, arrayBuffer: () => Promise.resolve(new ArrayBuffer(3)) }) };
    await refusal('Network', () => r2Storage(short, '').read('a'));
    await refusal('Network', () => r2Storage(short, '').read('a', { offset: 0, length: 4 }));
  });

  test.each(['db', '/', '../', 'a//', '/db/', 'd b/'])('the prefix %j, which is no folder, is refused', async (prefix) => {
    await refusal('InvalidArgument', async () => r2Storage(down, prefix));
  });
});
