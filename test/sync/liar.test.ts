// A server that lies, over a real network: bodies without an end, bombs of gzip, sizes that are not so, files that are not
// what their names say, files that have gone. The copy takes no more than it was told, names what is wrong, and goes on serving.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeManifest, encodeManifest, type Manifest } from '../../src/format/manifest.js';
import { fetchTransport } from '../../src/platform/transport.js';
import { webSignatures } from '../../src/platform/signatures.js';
import type { Core } from '../../src/ports/core.js';
import type { MemoryFiles } from '../../src/storage/memory.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { testCore, testDatabase } from '../support/database.js';
import { serveLocally, type LocalServer } from '../support/local-server.js';
import { quotaStorage, usedBytes } from '../support/quota.js';
import { random } from '../support/random.js';

const ROWS = 2000;
const DIM = 32;
const PART_BYTES = 64 * 1024;
/** Sent bytes after which a body counts as one without an end. */
const ENOUGH_BYTES = 64 * 1024 * 1024;

/** More than a manifest may have. */
const BOMB_BYTES = 12 * 1024 * 1024;

type Lie = (kind: string, request: IncomingMessage, response: ServerResponse, whole: Uint8Array) => boolean | Promise<boolean>;

let core: Core;
let source: SyncDatabase;
let server: LocalServer;
let client: SyncDatabase;
let files: MemoryFiles;
const quota = { bytes: 1e9, told: true };
let lie: Lie;
let asked: string[];

beforeEach(async () => {
  core ??= await testCore();
  source = await testDatabase({ seed: 3, core });
  await source.createCollection({ name: 'c', dimension: DIM });
  await grow(0);
  lie = () => false;
  asked = [];
  server = await serveLocally(async (request, response) => {
    const [, , , , kind = '', sha256 = ''] = (request.url ?? '').split('?')[0]?.split('/') ?? [];
    asked.push(kind);
    const whole = kind === 'files' ? await (await source.servedFile('c', sha256))?.read() : (await source.servedManifest('c')).bytes;
    if (await lie(kind, request, response, whole ?? new Uint8Array(0))) return;
    if (whole === undefined || (kind !== 'files' && kind !== 'manifest')) return void response.writeHead(404).end();
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    if (first === undefined) return void response.writeHead(200).end(whole);
    response.writeHead(206).end(whole.subarray(Number(first), Number(last) + 1));
  });
  files = new Map();
  quota.bytes = 1e9;
  client = await testDatabase({ seed: 4, core, storage: quotaStorage(files, quota), transport: fetchTransport(), signatures: webSignatures });
  await client.pull(server.url, 'c', { partBytes: PART_BYTES });
  await grow(ROWS);
  asked = [];
});

afterEach(async () => {
  await client.close();
  await server.close();
  await source.close();
});

async function grow(from: number): Promise<void> {
  const next = random(from + 1);
  const collection = await source.collection('c');
  await collection.insert(Array.from({ length: ROWS }, (_, at) => ({ id: from + at, vector: Array.from({ length: DIM }, next) })));
  await collection.flush();
}

const pull = () => client.pull(server.url, 'c', { partBytes: PART_BYTES });

/** What was there is served, and when the server tells the truth again all comes. */
async function survives(): Promise<void> {
  expect(await (await client.collection('c')).count()).toBe(ROWS);
  lie = () => false;
  quota.bytes = 1e9;
  expect(await pull()).toMatchObject({ rows: 2 * ROWS });
}

async function endless(response: ServerResponse, status: number): Promise<number> {
  response.writeHead(status);
  const chunk = new Uint8Array(256 * 1024);
  let sent = 0;
  let goOn = (): void => {};
  response.on('drain', () => goOn()).on('close', () => goOn());
  while (!response.destroyed && sent < ENOUGH_BYTES) {
    sent += chunk.length;
    if (!response.write(chunk)) await new Promise<void>((resolve) => (goOn = resolve));
  }
  response.end();
  return sent;
}

function manifestWith(change: (manifest: Manifest) => Manifest): Lie {
  return (kind, _, response, whole) => {
    if (kind !== 'manifest') return false;
    response.writeHead(200).end(encodeManifest(change(decodeManifest(whole, 'manifest'))));
    return true;
  };
}

const sized = (sizeBytes: number) => manifestWith((manifest) => ({ ...manifest, segments: manifest.segments.map((segment, at) => (at === 0 ? segment : { ...segment, rowsFile: { ...segment.rowsFile, sizeBytes } })) }));

describe('bodies', () => {
  test.each([['manifest', 200], ['files', 200], ['files', 206]] as const)('without an end are cut off, and no more is kept than was told: %s, %i', async (of, status) => {
    const sent: number[] = [];
    lie = async (kind, _, response) => {
      if (kind !== of) return false;
      sent.push(await endless(response, status));
      return true;
    };
    const before = usedBytes(files);
    await expect(pull()).rejects.toMatchObject({ code: 'Corrupt', file: expect.stringContaining(of === 'files' ? 'rows-' : ' c') as string });
    for (const bytes of sent) expect(bytes).toBeLessThan(ENOUGH_BYTES);
    // A file is asked for twice before it is given up.
    expect(asked.filter((kind) => kind === of)).toHaveLength(of === 'files' ? 2 : 1);
    expect(usedBytes(files)).toBeLessThan(before + 2 * PART_BYTES);
    await survives();
  });

  test.each(['manifest', 'files'])('that are bombs of gzip are counted as they come out: %s', async (of) => {
    const bomb = gzipSync(new Uint8Array(BOMB_BYTES));
    lie = (kind, _, response) => {
      if (kind !== of) return false;
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': bomb.length }).end(bomb);
      return true;
    };
    await expect(pull()).rejects.toMatchObject({ code: 'Corrupt' });
    await survives();
  });

  test('that are shorter than their Content-Length are a broken network', async () => {
    lie = (kind, _, response, whole) => {
      if (kind !== 'files') return false;
      response.writeHead(200, { 'content-length': whole.length + 1000 });
      response.write(whole, () => response.destroy());
      return true;
    };
    await expect(pull()).rejects.toMatchObject({ code: 'Network' });
    await survives();
  });
});

describe('sizes of a manifest', () => {
  test.each([['too small', 1000], ['too large', 1_000_000]])('that are %s are found out', async (_, sizeBytes) => {
    lie = sized(sizeBytes);
    await expect(pull()).rejects.toMatchObject({ code: expect.stringMatching(/Corrupt|Network/) as string, message: expect.stringMatching(/manifest|rows-/) as string });
    await survives();
  });

  test('for which there is no room are refused before anything is fetched', async () => {
    quota.bytes = usedBytes(files) + 100_000_000;
    lie = sized(2 ** 31);
    await expect(pull()).rejects.toMatchObject({ code: 'QuotaExceeded' });
    lie = sized(2 ** 45);
    await expect(pull()).rejects.toMatchObject({ code: 'Corrupt' });
    expect(asked).not.toContain('files');
    await survives();
  });
});

describe('files', () => {
  test('that are not what their names say are fetched once more, then named', async () => {
    const spoil = (kind: string, request: IncomingMessage, response: ServerResponse, whole: Uint8Array): boolean => {
      if (kind !== 'files') return false;
      const [, first = '0', last = String(whole.length - 1)] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      response.writeHead(request.headers.range === undefined ? 200 : 206).end(whole.slice(Number(first), Number(last) + 1).fill(7, 100, 101));
      return true;
    };
    lie = spoil;
    await expect(pull()).rejects.toMatchObject({ code: 'Corrupt', file: expect.stringMatching(/^rows-/) as string });
    const times = asked.filter((kind) => kind === 'files').length;
    asked = [];
    // Only the first answer is spoilt: the second is taken.
    let isFirst = true;
    lie = (...given) => isFirst && spoil(...given) && !(isFirst = false);
    expect(await pull()).toMatchObject({ rows: 2 * ROWS });
    expect(asked.filter((kind) => kind === 'files')).toHaveLength(times);
  });

  test('that have gone, as the server has merged them meanwhile, are found by its next manifest', async () => {
    let isFirst = true;
    lie = async (kind, _, response) => {
      if (kind !== 'files' || !isFirst) return false;
      isFirst = false;
      await (await source.collection('c')).upsert([{ id: 0, vector: new Array<number>(DIM).fill(1) }]);
      await (await source.collection('c')).flush();
      response.writeHead(404).end();
      return true;
    };
    expect(await pull()).toMatchObject({ rows: 2 * ROWS });
    expect(asked.filter((kind) => kind === 'manifest')).toHaveLength(2);
    expect((await (await client.collection('c')).get({ ids: [0] }))[0]?.['vector']).toEqual(new Float32Array(DIM).fill(1));
  });

  test('that are never there are asked for three times in all, and then named', async () => {
    lie = (kind, _, response) => kind === 'files' && Boolean(response.writeHead(404).end());
    await expect(pull()).rejects.toMatchObject({ code: 'NotFound', status: 404, file: expect.stringMatching(/^rows-/) as string });
    expect(asked.filter((kind) => kind === 'files')).toHaveLength(3);
    await survives();
  });
});
