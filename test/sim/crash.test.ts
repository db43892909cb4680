// Crashes at every change of the storage, in scripted histories: what was acknowledged is there, whole, and nothing else. The
// long run is `npm run crash`. That the simulator finds what it is for is shown on storages that break their word.

import { expect, test } from 'vitest';
import type { Log, Storage } from '../../src/ports/storage.js';
import { crashSweep, type CrashReport } from './crash.js';
import { sharedCore } from './world.js';
import { WORKLOADS } from './workloads.js';

const FIXED_SEED = 1;
const POINTS = 2000;

function expectNone(report: CrashReport, points: number): void {
  expect(report.examples).toEqual([]);
  expect(report).toMatchObject({ lost: 0, phantom: 0, failedOpens: 0, wrong: 0 });
  expect(report.points).toBeGreaterThanOrEqual(points);
}

test.each(Object.keys(WORKLOADS))('nothing is lost and nothing comes back: %s', async (workload) => {
  const points = POINTS / Object.keys(WORKLOADS).length;
  expectNone(await crashSweep({ core: await sharedCore(), points, seed: FIXED_SEED, workloads: [workload] }), points);
});

test('nor from a seed of chance', async () => {
  const seed = Date.now() % 2 ** 31;
  console.log(`crash sweep: seed ${seed}; repeat with: npm run -s crash -- --points 30 --seed ${seed} --workload NAME`);
  for (const workload of Object.keys(WORKLOADS)) expectNone(await crashSweep({ core: await sharedCore(), points: 30, seed, workloads: [workload] }), 30);
});

test('the same seed is the same run', async () => {
  const options = { core: await sharedCore(), points: 60, seed: 5, workloads: ['writes and flushes at once'], spoil: withLogs((log) => ({ ...log, sync: async () => undefined })) };
  const [first, second] = [await crashSweep(options), await crashSweep(options)];
  expect(first.examples.length).toBeGreaterThan(0);
  expect(second).toEqual(first);
});

/** A storage whose logs are other than they should be. */
function withLogs(change: (log: Log) => Log): (storage: Storage) => Storage {
  const plain = (log: Log): Log => ({
    get sizeBytes() {
      return log.sizeBytes;
    },
    append: (...parts) => log.append(...parts),
    sync: () => log.sync(),
    truncate: (sizeBytes) => log.truncate(sizeBytes),
    close: () => log.close(),
  });
  return (storage) => ({
    kind: storage.kind,
    read: (key, range) => storage.read(key, range),
    size: (key) => storage.size(key),
    list: (prefix) => storage.list(prefix),
    create: (key, bytes) => storage.create(key, bytes),
    remove: (key) => storage.remove(key),
    openLog: async (key) => {
      const log = plain(await storage.openLog(key));
      return Object.defineProperty(change(log), 'sizeBytes', { get: () => log.sizeBytes });
    },
    usage: () => storage.usage(),
    close: () => storage.close(),
  });
}

test.each([
  ['writes that are acknowledged without a sync', withLogs((log) => ({ ...log, sync: async () => undefined }))],
  ['writes that are acknowledged without being written', withLogs((log) => ({ ...log, append: async () => undefined }))],
])('the simulator finds %s', async (_, spoil) => {
  const report = await crashSweep({ core: await sharedCore(), points: 150, seed: 3, workloads: ['rows one by one'], spoil });
  expect(report.lost + report.failedOpens).toBeGreaterThan(0);
});
