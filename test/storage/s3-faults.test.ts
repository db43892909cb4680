// S3 as it is on bad days: busy, slow, cut off, and puts that got no answer yet were done, or are done late.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Storage } from '../../src/ports/storage.js';
import { openS3Storage, s3Reads, type S3Options } from '../../src/storage/s3.js';
import { bucket, secret, startS3Server, type S3Server } from '../support/s3-server.js';
import { pattern, refusal, text } from './samples.js';

const web = { pause: () => Promise.resolve(), timeoutMs: 2_000 };

let server: S3Server;
let storage: Storage;

function options(changes: Partial<S3Options> = {}): S3Options {
  return { endpoint: server.url, bucket, prefix: 'db/', credentials: secret, ...changes };
}

beforeEach(async () => {
  server = await startS3Server({ pageSize: 3 });
  storage = await openS3Storage(options(), web);
});

afterEach(async () => {
  await storage.close();
  await server.close();
});

/** More often than anything is tried. */
const always = 1_000;

describe('s3: a request that fails in passing', () => {
  test.each([
    { status: 500, code: 'InternalError' },
    { status: 503, code: 'SlowDown' },
    { status: 429, code: 'TooManyRequests' },
    { status: 409, code: 'ConditionalRequestConflict' },
    { status: 400, code: 'RequestTimeout' },
  ])('is tried again after $status $code', async (how) => {
    server.fail({ method: 'PUT', how, times: 3 });
    expect(await storage.create('a', text('x'))).toBe(true);
    expect(await storage.create('a', text('y'))).toBe(false);
    expect(await storage.read('a')).toEqual(text('x'));
  });

  test.each(['drop', 'cut', 'hang'] as const)('is tried again where the answer is lost: %s', async (how) => {
    const impatient = await openS3Storage(options(), { ...web, timeoutMs: 200 });
    await impatient.create('a', pattern(100_000, 1));
    server.fail({ method: 'GET', how, times: 2 });
    expect(await impatient.read('a')).toEqual(pattern(100_000, 1));
    server.fail({ method: 'GET', path: /list-type/, how, times: 2 });
    expect(await impatient.list('')).toEqual(['a']);
  });

  test('is given up after six attempts, with the status, and nothing is kept', async () => {
    const before = server.requests.length;
    server.fail({ method: 'PUT', how: { status: 503, code: 'SlowDown' }, times: always });
    expect((await refusal('Network', () => storage.create('a', text('x')))).status).toBe(503);
    expect(server.requests.length - before).toBe(6);
    expect(await storage.list('')).toEqual([]);
  });
});

describe('s3: a create that got no answer', () => {
  test('but was done has created', async () => {
    server.fail({ method: 'PUT', how: 'applied' });
    expect(await storage.create('a', text('x'))).toBe(true);
  });

  test('and lost to another with the very same content has not created', async () => {
    server.fail({ method: 'PUT', path: /db\/a$/, how: 'drop' });
    const other = await openS3Storage(options(), web);
    // The one whose first attempt was dropped comes back after the other has won.
    const slow = openS3Storage(options(), { ...web, pause: async () => void (await other.create('a', text('x'))) });
    expect(await (await slow).create('a', text('x'))).toBe(false);
    expect(await storage.read('a')).toEqual(text('x'));
  });

  test('that arrives late does not replace what was created since', async () => {
    server.fail({ method: 'PUT', path: /db\/a$/, how: 'late', times: 6 });
    await refusal('Network', () => storage.create('a', text('late')));
    expect(await storage.create('a', text('now'))).toBe(true);
    server.arrive();
    expect(await storage.read('a')).toEqual(text('now'));
  });
});

describe('s3: a log', () => {
  test('goes on after an append that got no answer but was done', async () => {
    const log = await storage.openLog('wal/1');
    server.fail({ method: 'PUT', how: 'applied', times: 2 });
    await log.append(text('one,'));
    await log.append(text('two'));
    expect(await storage.read('wal/1')).toEqual(text('one,two'));
  });

  test.each(['late', 'applied'] as const)('holds nothing of an append that was refused, whenever it arrives: %s', async (how) => {
    const log = await storage.openLog('wal/1');
    await log.append(text('one,'));
    server.fail({ method: 'PUT', how, times: 6 });
    await refusal('Network', () => log.append(text('refused,')));
    expect(log.sizeBytes).toBe(4);
    await log.truncate(4);
    await log.append(text('two'));
    server.arrive();
    expect(log.sizeBytes).toBe(7);
    expect(await storage.read('wal/1')).toEqual(text('one,two'));
    await log.close();
    const again = await storage.openLog('wal/1');
    expect(again.sizeBytes).toBe(7);
  });

  test('opened anew keeps out what the process before it still had on its way', async () => {
    const dying = await storage.openLog('wal/1');
    await dying.append(text('acknowledged'));
    server.fail({ method: 'PUT', how: 'late', times: 6 });
    await refusal('Network', () => dying.append(text('never')));
    const next = await openS3Storage(options(), web);
    const log = await next.openLog('wal/1');
    expect(log.sizeBytes).toBe(12);
    server.arrive();
    await log.append(text('!'));
    expect(await next.read('wal/1')).toEqual(text('acknowledged!'));
  });

  test('that was taken over refuses its old owner, who can neither append nor cut', async () => {
    const old = await storage.openLog('wal/1');
    await old.append(text('old,'));
    const other = await openS3Storage(options(), web);
    const log = await other.openLog('wal/1');
    await log.append(text('new'));
    await refusal('Busy', () => old.append(text('lost')));
    await refusal('Busy', () => old.truncate(0));
    await refusal('Busy', () => old.append(text('lost')));
    expect(await other.read('wal/1')).toEqual(text('old,new'));
  });

  test('whose old owner first cuts, after it was taken over, is not cut', async () => {
    const old = await storage.openLog('wal/1');
    await old.append(text('old,'));
    const other = await openS3Storage(options(), web);
    await (await other.openLog('wal/1')).append(text('new'));
    await refusal('Busy', () => old.truncate(0));
    expect(await other.read('wal/1')).toEqual(text('old,new'));
  });

  test('opened by eight at once has one owner, and loses nothing that any of them was told is kept', async () => {
    const owners = await Promise.all(Array.from({ length: 8 }, () => openS3Storage(options(), web)));
    const kept: string[] = [];
    await Promise.allSettled(owners.map(async (owner, i) => {
      const log = await owner.openLog('wal/1');
      for (let n = 0; n < 5; n++) {
        await log.append(text(`${i}.${n},`));
        kept.push(`${i}.${n}`);
      }
    }));
    const found = new TextDecoder().decode(await storage.read('wal/1')).split(',').slice(0, -1);
    expect(kept.length).toBeGreaterThan(0);
    expect([...found].sort()).toEqual(kept.sort());
  });

  test.each(['late', 'applied', 'drop'] as const)('of which a cut got no answer is cut by the next call, and stays so: %s', async (how) => {
    const log = await storage.openLog('wal/1');
    for (let i = 0; i < 6; i++) await log.append(text(`${i}23456789`));
    server.fail({ method: 'PUT', how, times: 6 });
    await refusal('Network', () => log.truncate(15));
    await log.append(text('more'));
    server.arrive();
    expect(log.sizeBytes).toBe(19);
    expect(new TextDecoder().decode(await storage.read('wal/1'))).toBe('023456789123456more');
    expect(await storage.size('wal/1')).toBe(19);
  });

  test('of which a cut arrives after the log was opened anew is not cut', async () => {
    const log = await storage.openLog('wal/1');
    await log.append(text('acknowledged'));
    server.fail({ method: 'PUT', how: 'late', times: 6 });
    await refusal('Network', () => log.truncate(2));
    const other = await openS3Storage(options(), web);
    const again = await other.openLog('wal/1');
    await again.append(text('!'));
    server.arrive();
    expect(await other.read('wal/1')).toEqual(text('acknowledged!'));
  });

  test('whose pieces are not as they were put is Corrupt, and names the piece', async () => {
    const log = await storage.openLog('wal/1');
    await log.append(text('0123456789'));
    await log.truncate(5);
    const [cut = ''] = [...server.objects.keys()].sort().reverse();
    for (const bytes of [Buffer.alloc(3), Buffer.alloc(16), Buffer.from('ELANUSLP\xff\xff\xff\xff\xff\xff\xff\xff', 'latin1')]) {
      server.objects.set(cut, { bytes, metadata: {} });
      expect((await refusal('Corrupt', () => storage.read('wal/1'))).file).toBe(cut.slice('db/'.length));
      await refusal('Corrupt', () => storage.size('wal/1'));
    }
  });

  test('that is removed leaves nothing in it behind, and another of its key begins empty', async () => {
    const log = await storage.openLog('wal/1');
    for (let i = 0; i < 10; i++) await log.append(text('x'));
    await log.close();
    await storage.remove('wal/1');
    // What took a number for its owner stays, so that none before can append to it.
    expect([...server.objects.values()].map(({ bytes }) => bytes.length)).toEqual([0]);
    expect(await storage.list('')).toEqual([]);
    expect((await storage.openLog('wal/1')).sizeBytes).toBe(0);
  });
});

describe('s3: opening', () => {
  test('to write is refused where several can create one object', async () => {
    const lax = await startS3Server({ ignoresConditions: true });
    const error = await refusal('Unsupported', () => openS3Storage(options({ endpoint: lax.url }), web));
    expect(error.message).toContain('found 8');
    expect([...lax.objects.keys()]).toEqual([]);
    await lax.close();
  });

  test('leaves nothing behind', async () => {
    expect([...server.objects.keys()]).toEqual([]);
  });

  test('with credentials that the server does not know says so', async () => {
    const wrong = { accessKeyId: secret.accessKeyId, secretAccessKey: 'wrong' };
    const error = await refusal('Network', () => openS3Storage(options({ credentials: wrong }), web));
    expect(error).toMatchObject({ status: 403, message: expect.stringContaining('SignatureDoesNotMatch') as string });
  });

  test('a bucket that is not there is NotFound', async () => {
    await refusal('NotFound', () => openS3Storage(options({ bucket: 'no-such-bucket' }), web));
  });

  test('a full store is QuotaExceeded', async () => {
    server.fail({ method: 'PUT', how: { status: 403, code: 'QuotaExceeded' } });
    await refusal('QuotaExceeded', () => storage.create('a', text('x')));
  });

  test('to read asks nothing, and reads what a writer has put', async () => {
    const before = server.requests.length;
    const reads = s3Reads(options(), web);
    expect(server.requests.length).toBe(before);
    const log = await storage.openLog('wal/1');
    await log.append(text('x'));
    expect(await reads.read('wal/1')).toEqual(text('x'));
    expect('create' in reads).toBe(false);
  });

  test.each([
    { endpoint: 'ftp://example.org' },
    { endpoint: 'https://example.org/path' },
    { bucket: '../other' },
    { prefix: 'no-folder' },
    { prefix: '../' },
    { region: 'a/b' },
    { credentials: { accessKeyId: '', secretAccessKey: '' } },
  ])('with %j is refused', async (wrong) => {
    await refusal('InvalidArgument', async () => s3Reads(options(wrong)));
  });
});

test('s3: an answer that is no list, or none that ends, is refused', async () => {
  const answers = ['<html>not S3</html>', '<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>', '<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>a</NextContinuationToken></ListBucketResult>', '<ListBucketResult><Contents><Key>a</Key><Size>-1</Size></Contents></ListBucketResult>'];
  for (const answer of answers) {
    const reads = s3Reads(options(), { ...web, fetch: () => Promise.resolve(new Response(answer)) });
    await refusal('Network', () => reads.list(''));
  }
});
