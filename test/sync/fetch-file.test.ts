// A file that comes in parts: a break costs one part at most, also when the process ends; what is not what its name says
// is thrown away and fetched once more.

import { beforeEach, expect, test } from 'vitest';
import { ElanusError } from '../../src/model/errors.js';
import type { Core } from '../../src/ports/core.js';
import type { MemoryFiles } from '../../src/storage/memory.js';
import type { SyncDatabase } from '../../src/sync/database.js';
import { randomVector, random } from '../support/random.js';
import { testCore, testDatabase } from '../support/database.js';
import { transportTo, type Wire } from '../support/transport.js';

const SERVER = 'http://server';
const PART = 64 * 1024;
const ROWS = 900;
const DIM = 128;
let core: Core;
let server: SyncDatabase;
let sizeBytes: number;

beforeEach(async () => {
  if (server !== undefined) return;
  core = await testCore();
  server = await testDatabase({ seed: 5, core });
  const next = random(3);
  const collection = await server.createCollection({ name: 'c', dimension: DIM });
  await collection.insert(Array.from({ length: ROWS }, (_, id) => ({ id, vector: randomVector(next, DIM) })));
  await collection.flush();
  sizeBytes = (await server.opened('c')).manifest.manifest.segments[0]?.rowsFile.sizeBytes ?? 0;
});

interface Breaking extends Wire {
  readonly ranges: string[];
  /** Requests of files that still get through. */
  left: number;
}

async function client(files: MemoryFiles, wire: Breaking): Promise<SyncDatabase> {
  return testDatabase({ files, transport: transportTo(() => server, wire), seed: 9, core });
}

function breaking(left = Infinity): Breaking {
  const wire: Breaking = {
    requests: [],
    ranges: [],
    left,
    spoil(kind, bytes) {
      if (kind === 'files' && this.left-- <= 0) throw new ElanusError('Network', 'cut');
      return bytes;
    },
  };
  return wire;
}

test('a pull that breaks after any part goes on with the next, in a new process too', async () => {
  const files: MemoryFiles = new Map();
  const parts = Math.ceil(sizeBytes / PART);
  expect(parts).toBeGreaterThan(5);
  const asked: string[] = [];
  for (let round = 0; round < parts - 1; round++) {
    const wire = breaking(1);
    const db = await client(files, wire);
    await expect(db.pull(SERVER, 'c', { partBytes: PART })).rejects.toMatchObject({ code: 'Network' });
    asked.push(...wire.ranges);
    await db.close();
  }
  const wire = breaking();
  const db = await client(files, wire);
  expect(await db.pull(SERVER, 'c', { partBytes: PART })).toMatchObject({ rows: ROWS, filesFetched: 1 });
  expect(wire.ranges).toHaveLength(1);
  // Each round got one part and was refused the next, which the round after it asked for again.
  expect(new Set([...asked, ...wire.ranges]).size).toBe(parts);
  expect(asked.length).toBe(2 * (parts - 1));
  expect([...files.keys()].filter((key) => key.includes('/part/'))).toEqual([]);
  expect(await (await db.collection('c')).count()).toBe(ROWS);
});

test('a sync goes on with a first pull that broke, and pushes nothing from what is not there yet', async () => {
  const files: MemoryFiles = new Map();
  const db = await client(files, breaking(2));
  const sync = (on: SyncDatabase) => on.sync({ url: SERVER, collections: ['c'], partBytes: PART, trust: 'nobody' });
  await expect(sync(db)).rejects.toMatchObject({ code: 'Network' });
  await db.close();
  expect(await sync(await client(files, breaking()))).toMatchObject({ collections: [{ rows: ROWS, batchesSent: 0 }] });
});

test('progress is told part by part', async () => {
  const db = await client(new Map(), breaking());
  const seen: number[] = [];
  await db.pull(SERVER, 'c', { partBytes: PART, onProgress: ({ bytes }) => seen.push(bytes) });
  expect(seen.length).toBeGreaterThan(5);
  expect([...seen].sort((a, b) => a - b)).toEqual(seen);
  expect(seen.at(-1)).toBe(sizeBytes);
});

test('parts that do not add up to the file are thrown away and it is fetched once more; if that is wrong too it is told', async () => {
  for (const times of [1, 2]) {
    const wire = breaking();
    let spoilt = 0;
    wire.spoil = (kind, bytes) => (kind === 'files' && spoilt < times && bytes.length < PART && ++spoilt ? bytes.map((byte, at) => (at === 0 ? byte ^ 1 : byte)) : bytes);
    const files: MemoryFiles = new Map();
    const pulled = (await client(files, wire)).pull(SERVER, 'c', { partBytes: PART });
    if (times === 1) expect(await pulled).toMatchObject({ rows: ROWS });
    else await expect(pulled).rejects.toMatchObject({ code: 'Corrupt', file: expect.stringMatching(/^rows-/) as string });
    expect([...files.keys()].filter((key) => key.includes('/part/'))).toEqual([]);
    expect(wire.ranges).toHaveLength(2 * Math.ceil(sizeBytes / PART));
  }
});

test.each([
  ['shorter', (bytes: Uint8Array<ArrayBuffer>) => bytes.slice(1)],
  ['longer', (bytes: Uint8Array<ArrayBuffer>) => new Uint8Array([...bytes, 0])],
])('a part that is %s than was asked for is no part', async (_, spoil) => {
  const wire = breaking();
  wire.spoil = (kind, bytes) => (kind === 'files' ? spoil(bytes) : bytes);
  await expect((await client(new Map(), wire)).pull(SERVER, 'c', { partBytes: PART })).rejects.toMatchObject({ code: 'Network' });
});

test('a server that knows no ranges gives the whole file', async () => {
  const wire: Wire = { requests: [], spoil: (_, bytes) => bytes };
  const db = await testDatabase({ transport: transportTo(() => server, wire), core });
  expect(await db.pull(SERVER, 'c', { partBytes: PART })).toMatchObject({ rows: ROWS });
  expect(wire.requests.filter((kind) => kind === 'file')).toHaveLength(1);
});

test('parts that are too small to be worth asking for are refused', async () => {
  await expect((await client(new Map(), breaking())).pull(SERVER, 'c', { partBytes: 1000 })).rejects.toMatchObject({ code: 'InvalidArgument' });
});
