// The key index against a Map, over keys that share slots, halves and signs.

import { describe, expect, test } from 'vitest';
import { KeyIndex, type Place } from '../../src/engine/table/key-index.js';
import { TextPlaces } from '../../src/engine/table/text-places.js';
import type { PrimaryKey } from '../../src/model/row.js';
import { random, randomInteger } from '../support/random.js';

const SEED = 20_261_123;

type MakeKey = (next: () => number) => PrimaryKey;

const kinds: Readonly<Record<string, MakeKey>> = {
  'small numbers': (next) => BigInt(randomInteger(next, 500)),
  'numbers of one lower half': (next) => (BigInt(randomInteger(next, 500)) << 32n) - (1n << 40n),
  'extremes': (next) => [-(2n ** 63n), 2n ** 63n - 1n, -1n, 0n, 1n, 2n ** 32n, -(2n ** 32n), 2n ** 53n + 1n][randomInteger(next, 8)] as bigint,
  'generated ids': (next) => (1_790_000_000_000n << 18n) + BigInt(randomInteger(next, 300)),
  'numbers of 64 bits': (next) => BigInt.asIntN(64, (BigInt(randomInteger(next, 30)) * 0x9e37_79b9_7f4a_7c15n) ^ 0x5555_5555_5555_5555n),
  'texts': (next) => `key ${randomInteger(next, 300)}`,
};

describe.each(Object.entries(kinds))('%s', (_, makeKey) => {
  test('every answer is that of a Map, whatever is set and deleted', () => {
    const next = random(SEED);
    const index = new KeyIndex();
    const model = new Map<PrimaryKey, Place>();
    for (let step = 0; step < 6000; step++) {
      const key = makeKey(next);
      const dice = next();
      const growing = Math.floor(step / 1200) % 2 === 0;
      if (dice < (growing ? 0.6 : 0.2)) {
        const place = { ordinal: randomInteger(next, 2 ** 20), row: randomInteger(next, 2 ** 31 - 1) };
        expect(index.set(key, place.ordinal, place.row), `seed ${SEED}`).toEqual(model.get(key));
        model.set(key, place);
      } else if (dice < 0.8) {
        expect(index.delete(key), `seed ${SEED}`).toEqual(model.get(key));
        model.delete(key);
      } else {
        expect(index.get(key), `seed ${SEED}`).toEqual(model.get(key));
      }
      expect(index.size).toBe(model.size);
    }
    for (const [key, place] of model) expect(index.get(key)).toEqual(place);
  });
});

test('keys that are set together have the places that they have one by one, and tell of those that they had', () => {
  const next = random(SEED);
  const [together, single] = [new KeyIndex(), new KeyIndex()];
  for (let first = 0; first < 2000; first += 50) {
    const keys = BigInt64Array.from({ length: 50 }, () => BigInt(randomInteger(next, 700)) - 350n);
    const replaced: Place[] = [];
    together.setAll(keys, first, first, (ordinal, row) => replaced.push({ ordinal, row }));
    expect(replaced, `seed ${SEED}`).toEqual([...keys].flatMap((key, at) => single.set(key, first, first + at) ?? []));
    for (const key of keys) expect(together.get(key), `seed ${SEED}`).toEqual(single.get(key));
  }
  expect(together.size).toBe(single.size);
});

test('room that was made is enough, and takes at most 43 bytes a key', () => {
  const index = new KeyIndex();
  const count = 100_000;
  index.reserve('Int64', count);
  const { bytes } = index;
  for (let key = 0; key < count; key++) index.set(BigInt(key) << 7n, 1, key);
  expect(index.bytes).toBe(bytes);
  expect(bytes / count).toBeLessThan(43);
  expect(index.get(BigInt(count - 1) << 7n)).toEqual({ ordinal: 1, row: count - 1 });
});

test('texts lie in as many maps as it takes, and are found in each', () => {
  const next = random(SEED);
  const index = new TextPlaces(50);
  const model = new Map<string, number>();
  for (let step = 0; step < 5000; step++) {
    const key = `key ${randomInteger(next, 300)}`;
    if (next() < 0.6) {
      expect(index.set(key, step)).toBe(model.get(key));
      model.set(key, step);
    } else {
      expect(index.delete(key)).toBe(model.get(key));
      model.delete(key);
    }
    expect(index.size).toBe(model.size);
  }
  expect(model.size).toBeGreaterThan(100);
  for (let key = 0; key < 300; key++) expect(index.get(`key ${key}`)).toBe(model.get(`key ${key}`));
  index.deleteAll((place) => place % 2 === 0);
  for (const [key, place] of model) expect(index.get(key)).toBe(place % 2 === 0 ? undefined : place);
  index.clear();
  expect(index.size).toBe(0);
});

test.each(Object.entries(kinds))('keys that are staged are seen when they are shown, and gone if they are taken back: %s', (_, makeKey) => {
  const next = random(SEED);
  const index = new KeyIndex();
  const model = new Map<PrimaryKey, Place>();
  for (let ordinal = 0; ordinal < 40; ordinal++) {
    const batches = Array.from({ length: 1 + randomInteger(next, 3) }, () => Array.from({ length: 1 + randomInteger(next, 20) }, () => makeKey(next)));
    const first = randomInteger(next, 100);
    const keys = batches.flat();
    index.reserve(typeof keys[0] === 'string' ? 'VarChar' : 'Int64', keys.length);
    const after = new Map(model);
    const replaced = keys.flatMap((key, at) => {
      const before = after.get(key);
      after.set(key, { ordinal, row: first + at });
      return before ?? [];
    });
    index.stage(ordinal, first, keys.length);
    for (const batch of batches) {
      index.setStaged(typeof batch[0] === 'string' ? (batch as string[]) : BigInt64Array.from(batch as bigint[]));
      expect(index.size).toBe(model.size);
      for (const key of keys) expect(index.get(key), `seed ${SEED}`).toEqual(model.get(key));
    }
    if (next() < 0.5) {
      expect([...index.show()]).toEqual(replaced);
      for (const [key, place] of after) model.set(key, place);
    } else index.takeBack();
    expect(index.size).toBe(model.size);
    for (const key of [...keys, ...model.keys()]) expect(index.get(key), `seed ${SEED}`).toEqual(model.get(key));
  }
});

test('room that is made in turns is the same room, and what is looked for meanwhile is found', async () => {
  const keys = BigInt64Array.from({ length: 20_000 }, (_, at) => BigInt(at * 7));
  const [index, atOnce] = [new KeyIndex(), new KeyIndex()];
  for (const one of [index, atOnce]) one.setAll(keys, 3, 0, () => undefined);
  let turns = 0;
  await index.reserveInTurns('Int64', 10_000, async () => {
    turns++;
    for (const at of [0, 9_999, 19_999]) expect(index.get(BigInt(at * 7))).toEqual({ ordinal: 3, row: at });
  });
  atOnce.reserve('Int64', 10_000);
  expect(turns).toBe(32_768 / 4096);
  expect(index.bytes).toBe(atOnce.bytes);
  keys.forEach((key, at) => expect(index.get(key)).toEqual({ ordinal: 3, row: at }));
  await index.reserveInTurns('Int64', 1, async () => void turns++);
  expect(turns).toBe(32_768 / 4096);
});
