// A process under a mixed load: inserts, upserts, deletions, searches, reads and flushes over a bounded set of keys. Every
// while it tells, garbage collected, what it holds in memory and what it has done.

import { importOpen } from './node-database.js';
import { mixed } from '../filtered/random.js';
import { answer, taskOf } from './process.js';
import type { SoakSample, SoakTask } from './soak.js';

const DIM = 128;
const BATCH_ROWS = 50;

const { folder, seconds, sampleSeconds, keys } = taskOf<SoakTask>();
const open = await importOpen();
const database = await open('soak', { directory: folder });
const collection = await database.createCollection({ name: 'rows', dimension: DIM, metric: 'COSINE' });
let turn = 0;
const done = { inserted: 0, upserted: 0, deleted: 0, searched: 0, got: 0, flushed: 0 };

const vectorOf = (salt: number): Float32Array => Float32Array.from({ length: DIM }, (_, i) => mixed(salt, i) / 2 ** 31 - 1);
const someKeys = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => mixed(turn, 100 + i) % keys);
const someRows = (): readonly { readonly id: number; readonly vector: Float32Array; readonly group: number }[] =>
  someKeys(BATCH_ROWS).map((id, i) => ({ id, vector: vectorOf(turn * BATCH_ROWS + i), group: id % 10 }));

async function step(): Promise<void> {
  switch (mixed(turn, 1) % 16) {
    case 0:
    case 1:
    case 2:
      done.inserted += (await collection.insert(someRows())).count;
      return;
    case 3:
    case 4:
    case 5:
      done.upserted += (await collection.upsert(someRows())).count;
      return;
    case 6:
    case 7:
      done.deleted += (await collection.delete({ ids: someKeys(BATCH_ROWS / 2) })).count;
      return;
    case 8:
    case 9:
      done.got += (await collection.get({ ids: someKeys(20) })).length;
      return;
    default:
      done.searched += (await collection.search({ data: vectorOf(turn), limit: 10, ...(turn % 3 === 0 ? { filter: `group == ${turn % 10}` } : {}) })).hits.length > 0 ? 1 : 0;
  }
}

async function sample(atSeconds: number): Promise<SoakSample> {
  globalThis.gc?.();
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  const { coreMemoryBytes, usageBytes, warnings } = await database.health();
  const { rows, sealedSegments } = await database.describeCollection('rows');
  return { atSeconds, rssBytes: rss, heapBytes: heapUsed, externalBytes: external, arrayBufferBytes: arrayBuffers, coreBytes: coreMemoryBytes, diskBytes: usageBytes ?? 0, rows, segments: sealedSegments, warnings: warnings.length, done: { ...done } };
}

const FLUSH_SECONDS = 5;
const start = performance.now();
const passed = (): number => (performance.now() - start) / 1000;
let nextSample = sampleSeconds;
let nextFlush = FLUSH_SECONDS;
answer(await sample(0));
while (passed() < seconds) {
  turn++;
  await step();
  if (passed() >= nextFlush) {
    await collection.flush();
    done.flushed++;
    nextFlush += FLUSH_SECONDS;
  }
  if (passed() >= nextSample) {
    answer(await sample(Math.round(passed())));
    nextSample += sampleSeconds;
  }
}
await database.close();
