// Ids and times as Milvus' clients see them. Clients keep them, so that they may not change.

import { expect, test } from 'vitest';
import { collectionId, databaseId, fieldId, indexId, partitionId, segmentId } from '../../../src/server/milvus/ids.js';
import { HybridClock, hybridTime, millisecondsOf } from '../../../src/server/milvus/times.js';

const HEX = '8123456789abcdef';

test('ids are positive, those of one collection differ, and are the same for ever', () => {
  expect(collectionId(HEX)).toBe('4652678783035631351');
  expect([partitionId(HEX, 0), indexId(HEX, 0), segmentId(HEX, 0)]).toEqual(['4652678714316154615', '4652678645596677879', '4652678576877201143']);
  const all = [collectionId(HEX), ...[0, 1, 2, 1023].flatMap((number) => [partitionId(HEX, number), indexId(HEX, number), segmentId(HEX, number)])];
  expect(new Set(all).size).toBe(all.length);
  expect(all.every((id) => BigInt(id) > 0n && BigInt(id) < 1n << 63n)).toBe(true);
  expect(collectionId('ffffffffffffffff')).toBe(((1n << 63n) - 1n).toString());
  expect([fieldId(0), fieldId(63)]).toEqual([100, 163]);
  expect([databaseId('default'), databaseId('other')]).toEqual(['1', '365449837462361386']);
});

test('a hybrid time has milliseconds above 18 bits, and those of a clock grow though it stands still or goes back', () => {
  expect(hybridTime(1, 5)).toBe('262149');
  expect(millisecondsOf(hybridTime(1_790_000_000_123, 7))).toBe(1_790_000_000_123);
  const clock = new HybridClock();
  const times = [5, 5, 3, 9].map((ms) => BigInt(clock.next(ms)));
  expect(times.every((time, at) => at === 0 || time > (times[at - 1] ?? 0n))).toBe(true);
  const busy = new HybridClock();
  let last = 0n;
  for (let i = 0; i < 300_000; i++) {
    const time = BigInt(busy.next(1));
    if (time <= last) expect(time, `call ${i}`).toBeGreaterThan(last);
    last = time;
  }
});
