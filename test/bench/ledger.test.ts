// What the load test knows of its rows: it must see a write that was lost, and one that nobody made.

import { expect, test } from 'vitest';
import { ABSENT, Ledger } from '../../bench/server/ledger.js';

const write = (key: number, version: number): ReadonlyMap<number, number> => new Map([[key, version]]);

test('a row that was acknowledged and is not there is lost, one of another version is wrong', () => {
  const ledger = new Ledger();
  ledger.begin(write(1, 7));
  ledger.done(write(1, 7));
  expect(ledger.wrong(1, 7)).toBeUndefined();
  expect(ledger.wrong(1, ABSENT)).toBe('row 1: expected version 7, found none');
  expect(ledger.wrong(1, 6)).toBe('row 1: expected version 7, found 6');
  expect(ledger.wrong(2, 1)).toBe('row 2: expected version 0, found 1');
});

test('of a write that nobody acknowledged both may be there, but from then on only what was found', () => {
  const ledger = new Ledger();
  ledger.done(write(1, 7));
  ledger.begin(write(1, 8));
  expect([ledger.sure(1), ledger.present()]).toEqual([false, []]);
  expect(ledger.wrong(1, ABSENT)).toBe('row 1: expected version 7 or 8, found none');
  expect(ledger.wrong(1, 8)).toBeUndefined();
  expect([ledger.sure(1), ledger.present()]).toEqual([true, [1]]);
  expect(ledger.wrong(1, 7)).toBe('row 1: expected version 8, found 7');
});

test('a row that was deleted may not come back', () => {
  const ledger = new Ledger();
  ledger.done(write(3, 1));
  ledger.done(write(3, ABSENT));
  expect(ledger.wrong(3, 1)).toBe('row 3: expected version 0, found 1');
  expect([ledger.keys(), ledger.present()]).toEqual([[3], []]);
});
