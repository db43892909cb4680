// How many logs a collection has: one, two while it is sealed, and one more when a seal was ended by a crash.

import { expect, test } from 'vitest';
import { collectionPrefix, lsnOf } from '../../src/format/keys.js';
import { random, randomInteger } from '../support/random.js';
import { crash, type DiskState } from './disk.js';
import { examine, goingOn, run, workloadNamed, type Snapshot } from './run.js';
import { sharedCore } from './world.js';
import { WORKLOADS } from './workloads.js';

/** Of the collection that has the most. */
function logsOf({ files }: DiskState): number {
  const counts = new Map<string, number>();
  for (const key of files.keys()) {
    if (lsnOf(key) === undefined) continue;
    const prefix = key.slice(0, collectionPrefix('0'.repeat(16)).length);
    counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

test('a collection has at most two logs, and three after it was closed or crashed in the middle of a seal', async () => {
  const core = await sharedCore();
  const seen = new Set<number>();
  for (const name of Object.keys(WORKLOADS)) {
    const next = random(7);
    const ran = await run(workloadNamed(name), { core, seed: 7 });
    for (const { disk } of ran.snapshots) {
      seen.add(logsOf(disk));
      expect(logsOf(disk), name).toBeLessThanOrEqual(3);
    }
    for (let way = 0; way < 6; way++) {
      const { disk, time } = ran.snapshots[randomInteger(next, ran.snapshots.length)] as Snapshot;
      // What was removed may be back until the first sweep.
      const remains = crash({ ...disk, removed: new Map() }, next);
      const found = await examine(remains, { history: ran.history, time, doubtful: false }, core, next);
      const second = await run(goingOn(found), { core, seed: way, remains, history: ran.history.goOn(found), server: ran.server });
      for (const snapshot of second.snapshots) expect(logsOf(snapshot.disk), name).toBeLessThanOrEqual(3);
      if (ran.server === undefined) await second.server?.close();
    }
    await ran.server?.close();
  }
  expect([...seen].sort().slice(0, 3)).toEqual([0, 1, 2]);
});
