// A real quota of OPFS, set in Chromium for the test's origin: a write that exceeds it is refused whole, reads and a drop go on,
// and with room again writes do, without a reopening.

import { afterEach, expect, test } from 'vitest';
import { cdp } from 'vitest/browser';
import { open } from 'elanus';
import type { Database } from '../../src/engine/api.js';

/** What is used of the protocol. */
interface Session {
  send(method: 'Storage.overrideQuotaForOrigin', params: { readonly origin: string; readonly quotaSize?: number }): Promise<unknown>;
}

const opened: Database[] = [];

/** Without a size the quota is the browser's again. */
async function setQuota(quotaSize?: number): Promise<void> {
  await (cdp() as unknown as Session).send('Storage.overrideQuotaForOrigin', { origin: location.origin, ...(quotaSize === undefined ? {} : { quotaSize }) });
}

afterEach(async () => {
  await setQuota();
  for (const database of opened.splice(0)) await database.close();
});

const dim = 64;
const rows = (from: number, count: number) => Array.from({ length: count }, (_, at) => ({ id: from + at, vector: Float32Array.from({ length: dim }, (_value, i) => Math.sin((from + at) * (i + 1))) }));

async function usage(): Promise<number> {
  return (await navigator.storage.estimate()).usage ?? 0;
}

test('a quota of OPFS that is exceeded refuses the write whole, and no more', async () => {
  const name = `quota_${Date.now()}`;
  const database = await open(name, { storage: 'opfs' });
  opened.push(database);
  const c = await database.createCollection({ name: 'c', dimension: dim, metric: 'L2' });
  await c.insert(rows(0, 1000));
  await c.flush();
  await setQuota((await usage()) + 1_000_000);
  let kept = 1000;
  let refused = 0;
  for (let at = 0; at < 20 && refused < 3; at++) {
    try {
      await c.insert(rows(10_000 * (at + 1), 2000));
      kept += 2000;
    } catch (error) {
      expect(error).toMatchObject({ code: 'QuotaExceeded' });
      refused++;
    }
  }
  expect(refused).toBe(3);
  expect(await c.count()).toBe(kept);
  expect((await c.search({ data: rows(7, 1)[0]?.vector ?? [], limit: 1, recall: 1 })).hits[0]?.id).toBe(7n);
  expect(await c.delete({ ids: [5] })).toEqual({ count: 1 });
  await setQuota();
  await c.insert(rows(500_000, 10));
  await database.close();
  const again = await open(name, { storage: 'opfs' });
  opened.push(again);
  expect(await (await again.collection('c')).count()).toBe(kept + 9);
  // Full once more: a drop makes room.
  await setQuota((await usage()) + 1000);
  await again.dropCollection('c');
  expect(await again.listCollections()).toEqual([]);
});
