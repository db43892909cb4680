// A process that upserts rows at random over a fixed set of keys, with sealing, indexing and compaction as they come, and
// counts what was written: at the storage port, and by the system for the process.

import { readFileSync } from 'node:fs';
import { webAmbient } from '../../src/platform/ambient.js';
import { openFsStorage } from '../../src/storage/fs.js';
import { openDatabase } from '../../src/engine/database/database.js';
import { SyncDatabase } from '../../src/sync/database.js';
import { coreRecipe } from '../cores.js';
import { mixed } from '../filtered/random.js';
import { countingStorage, noBytes } from './counting-storage.js';
import type { DiskAnswer, DiskTask } from './disk.js';
import { indexed } from './node-database.js';
import { answer, taskOf } from './process.js';
import { readRowsFile } from './rows.js';

/** Undefined where the system does not tell. */
function systemBytes(): number | undefined {
  try {
    return Number(/^write_bytes: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}

const { folder, rows, upserts, keys, batch, sealBytes } = taskOf<DiskTask>();
const written = noBytes();
const values = readRowsFile(rows.path);
const storage = countingStorage(await openFsStorage(folder), written);
const database = await openDatabase(SyncDatabase, 'disk', { storage, core: await coreRecipe('native').create(), ambient: webAmbient(), durable: true, sealBytes });
const collection = await database.createCollection({ name: 'rows', dimension: rows.d, metric: 'L2' });
const before = systemBytes();
const start = performance.now();
let dataBytes = 0;
const touched = new Set<number>();
for (let done = 0; done < upserts; done += batch) {
  const count = Math.min(batch, upserts - done);
  const given = Array.from({ length: count }, (_, i) => {
    const id = mixed(done + i, 1) % keys;
    touched.add(id);
    const row = mixed(done + i, 2) % rows.n;
    dataBytes += 8 + rows.d * 4;
    return { id, vector: values.subarray(row * rows.d, (row + 1) * rows.d) };
  });
  await collection.upsert(given);
}
const ackedS = (performance.now() - start) / 1000;
await collection.flush();
await indexed(database, 'rows');
const settledS = (performance.now() - start) / 1000;
const { sealedSegments } = await database.describeCollection('rows');
const { usageBytes } = await database.health();
if ((await collection.count()) !== touched.size) throw new Error(`expected ${touched.size} rows, found ${await collection.count()}`);
await database.close();
const after = systemBytes();
answer({
  dataBytes,
  written,
  ...(before === undefined || after === undefined ? {} : { systemBytes: after - before }),
  ackedS,
  settledS,
  segments: sealedSegments,
  liveRows: touched.size,
  keptBytes: usageBytes ?? 0,
} satisfies DiskAnswer);
