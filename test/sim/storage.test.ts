// The simulated storage is a storage, and crashes as the port allows: it keeps what it promised and loses what it may.

import { describe, expect, test } from 'vitest';
import { storageConformance } from '../storage/conformance.js';
import { random } from '../support/random.js';
import { torn, type Bytes } from './bytes.js';
import { crash, killed, SimDisk } from './disk.js';
import { simStorage } from './storage.js';

storageConformance('simulated', async () => {
  let disk = new SimDisk();
  return {
    open: async () => {
      disk = new SimDisk(killed(disk.state(), random(1)));
      return simStorage(disk, random(1));
    },
    discard: async () => undefined,
  };
}, { exclusive: false });

const CRASHES = 3000;
const ABC = Uint8Array.of(1, 2, 3);

/** Every way that a file was left in, as text; 'absent' where it was not. */
function ways(disk: SimDisk, key: string): ReadonlySet<string> {
  const next = random(7);
  return new Set(Array.from({ length: CRASHES }, () => crash(disk.state(), next).files.get(key)?.content.join() ?? 'absent'));
}

async function appended(sync: boolean): Promise<SimDisk> {
  const disk = new SimDisk();
  const log = await simStorage(disk, random(1)).openLog('log');
  await log.append(ABC);
  await log.sync();
  await log.append(Uint8Array.of(4, 5));
  if (sync) await log.sync();
  return disk;
}

describe('a crash', () => {
  test('leaves what was created or synced as it was', async () => {
    const disk = new SimDisk();
    await simStorage(disk, random(1)).create('a', ABC);
    expect([...ways(disk, 'a')]).toEqual(['1,2,3']);
    expect([...ways(await appended(true), 'log')]).toEqual(['1,2,3,4,5']);
  });

  test('loses, tears, reorders or blanks what was appended and not synced, and nothing in front of it', async () => {
    expect([...ways(await appended(false), 'log')].sort()).toEqual(['1,2,3', '1,2,3,0', '1,2,3,0,0', '1,2,3,0,5', '1,2,3,4', '1,2,3,4,0', '1,2,3,4,5']);
  });

  test('leaves nothing, a part or all of a file being created', () => {
    const disk = new SimDisk();
    disk.begin({ kind: 'create', key: 'a', bytes: ABC });
    const left = ways(disk, 'a');
    for (const way of ['absent', '', '1,2', '0,0,3', '0,0,0', '1,2,3']) expect(left).toContain(way);
  });

  test('may bring back what was removed, unless it was created anew', async () => {
    const disk = new SimDisk();
    const storage = simStorage(disk, random(1));
    await storage.create('a', ABC);
    await storage.remove('a');
    expect([...ways(disk, 'a')].sort()).toEqual(['1,2,3', 'absent']);
    await storage.create('a', Uint8Array.of(9));
    expect([...ways(disk, 'a')]).toEqual(['9']);
  });

  test('after a failed sync may have lost what a later sync does not write again, until it is cut off', async () => {
    const left = new Set<string>();
    for (let seed = 0; seed < 30; seed++) {
      const disk = new SimDisk();
      let calls = 0;
      const log = await simStorage(disk, random(seed), { failing: () => (calls++ === 2 ? 'StorageFailed' : undefined) }).openLog('log');
      await log.append(ABC);
      await expect(log.sync()).rejects.toMatchObject({ code: 'StorageFailed' });
      await log.sync();
      left.add([...ways(disk, 'log')].sort().join(' or '));
      await log.truncate(0);
      await log.append(ABC);
      await log.sync();
      expect([...ways(disk, 'log')]).toEqual(['1,2,3']);
    }
    expect(left).toContain('1,2,3');
    expect(left.size).toBeGreaterThan(3);
  });

  test('leaves one of the two lengths, and only bytes of either or zeros', () => {
    const next = random(11);
    const before: Bytes = Uint8Array.of(1, 1, 1, 1);
    const after: Bytes = Uint8Array.of(2, 2, 2, 2, 2, 2, 2, 2);
    for (let i = 0; i < CRASHES; i++) {
      const left = torn(before, after, next);
      expect(left.length).toBeGreaterThanOrEqual(4);
      expect(left.length).toBeLessThanOrEqual(8);
      expect([...left].every((byte, at) => byte === 2 || byte === (at < 4 ? 1 : 0) || byte === 0)).toBe(true);
    }
  });
});
