// The storage suite over S3: over a server of our own, and over any that ELANUS_TEST_S3 names, as
// http://KEYID:SECRET@HOST:PORT/BUCKET.

import { afterAll, beforeAll } from 'vitest';
import type { Storage } from '../../src/ports/storage.js';
import { openS3Storage, type S3Options } from '../../src/storage/s3.js';
import { bucket, secret, startS3Server, type S3Server } from '../support/s3-server.js';
import { storageConformance } from './conformance.js';

async function discard(storage: Storage): Promise<void> {
  for (const key of await storage.list('')) await storage.remove(key);
  await storage.close();
}

let server: S3Server;
beforeAll(async () => {
  // Short pages, so that every list has several.
  server = await startS3Server({ pageSize: 7 });
});
afterAll(() => server.close());

storageConformance('s3', async () => {
  const prefix = `db-${crypto.randomUUID()}/`;
  const options = (): S3Options => ({ endpoint: server.url, bucket, prefix, credentials: secret });
  return {
    open: () => openS3Storage(options()),
    discard: async () => discard(await openS3Storage(options())),
  };
}, { exclusive: false });

const elsewhere = process.env['ELANUS_TEST_S3'];
if (elsewhere !== undefined) {
  const { origin, pathname, username, password } = new URL(elsewhere);
  storageConformance(`s3 at ${origin}`, async () => {
    const credentials = { accessKeyId: username, secretAccessKey: decodeURIComponent(password) };
    const options: S3Options = { endpoint: origin, bucket: pathname.slice(1), prefix: `elanus-test-${crypto.randomUUID()}/`, credentials };
    return { open: () => openS3Storage(options), discard: async () => discard(await openS3Storage(options)) };
  }, { exclusive: false });
}
