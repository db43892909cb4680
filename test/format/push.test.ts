// Pushes come back as they were written; every damage is refused before a batch is looked at.

import { expect, test } from 'vitest';
import { chainOf, decodePush, encodePush, hasDeletions, PUSH_BATCHES_MAX, PUSH_BYTES_MAX, PUSH_HEADER_BYTES, PUSH_ONE_BYTES_MAX, type Push } from '../../src/format/push.js';
import { webAmbient } from '../../src/platform/ambient.js';
import { expectEveryDamageRefused, flipped, refusalOf } from './damage.js';

const PUSH: Push = {
  client: Uint8Array.from({ length: 16 }, (_, at) => at),
  after: { id: (1n << 64n) - 2n, chain: Uint8Array.from({ length: 8 }, (_, at) => 100 + at) },
  batches: [Uint8Array.from({ length: 16 }, (_, at) => at * 3), new Uint8Array(8).fill(7)],
};

test('a push comes back as it was written', () => {
  expect(decodePush(encodePush(PUSH), 'FILE')).toEqual(PUSH);
});

test('every truncation and every flipped bit of a frame or a batch is refused', () => {
  const bytes = encodePush(PUSH);
  const named = bytes.slice(0, PUSH_HEADER_BYTES);
  expectEveryDamageRefused(bytes.subarray(PUSH_HEADER_BYTES), (rest) => decodePush(Uint8Array.of(...named, ...rest), 'FILE'));
  for (let at = 0; at < 16; at++) for (let bit = 0; bit < 8; bit++) refusalOf(() => decodePush(flipped(bytes, at, bit), 'FILE'), `bit ${bit} of byte ${at}`);
});

test('a push that is too long, has too many batches or none is neither written nor read', () => {
  const batch = (sizeBytes: number): Uint8Array => new Uint8Array(sizeBytes);
  for (const batches of [[], new Array<Uint8Array>(PUSH_BATCHES_MAX + 1).fill(batch(8)), [batch(PUSH_BYTES_MAX), batch(8)], [batch(PUSH_ONE_BYTES_MAX)], [batch(7)]]) {
    expect(() => encodePush({ ...PUSH, batches })).toThrow(/push: /);
  }
  expect(decodePush(encodePush({ ...PUSH, batches: [batch(PUSH_BYTES_MAX)] }), 'FILE').batches).toHaveLength(1);
  const lying = encodePush(PUSH);
  new DataView(lying.buffer).setUint32(12, 0xffffffff, true);
  expect(refusalOf(() => decodePush(lying, 'FILE'), 'count').message).toContain('expected 1 to 1000 batches');
});

test('a push deletes if a batch of it says so that is of any row', () => {
  const batch = (kind: number, rows: number): Uint8Array => Uint8Array.of(kind, 1, 3, 0, rows, 0, 0, 0);
  const deletes = (...batches: readonly Uint8Array[]): boolean => hasDeletions({ ...PUSH, batches });
  expect([2, 4].map((kind) => deletes(batch(1, 5), batch(kind, 1)))).toEqual([true, true]);
  expect(deletes(batch(1, 5), batch(3, 5))).toBe(false);
  expect(deletes(batch(4, 0), batch(1, 5))).toBe(false);
});

test('a chain tells histories apart that end with the same batch', async () => {
  const { sha256 } = webAmbient();
  const [first = new Uint8Array(), second = new Uint8Array()] = PUSH.batches;
  const none = new Uint8Array(8);
  const both = await chainOf(await chainOf(none, first, sha256), second, sha256);
  const one = await chainOf(none, second, sha256);
  expect(both).toHaveLength(8);
  expect(both).not.toEqual(one);
});
