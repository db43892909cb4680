// AliveRows against a list of who died when.

import { describe, expect, test } from 'vitest';
import { AliveRows } from '../../src/engine/table/alive-rows.js';
import { hasBit } from '../../src/model/bitset.js';
import { random, randomInteger } from '../support/random.js';

describe('alive rows', () => {
  test.each([1, 2, 3, 4])('as of every epoch, as a list of deaths has it: seed %i', (seed) => {
    const next = random(seed);
    const born = randomInteger(next, 3);
    const rows = 1 + randomInteger(next, 200);
    const alive = new AliveRows(0, born);
    for (let there = 0; there < rows; ) alive.append((there = Math.min(rows, there + 1 + randomInteger(next, 70))));
    const died = new Map<number, number>();
    let settled = born;
    let epoch = born;
    for (let step = 0; step < 300; step++) {
      const what = randomInteger(next, 10);
      if (what === 0) epoch++;
      else if (what === 1) alive.settle((settled = settled + randomInteger(next, epoch - settled + 1)));
      else {
        const row = randomInteger(next, rows);
        // Also what the manifest is told at once, whatever is in the log.
        const inEpoch = what === 2 ? settled : epoch;
        alive.kill(row, inEpoch);
        died.set(row, Math.min(died.get(row) ?? inEpoch, inEpoch));
      }
      expect(alive.deadRows).toBe(died.size);
      for (let asOf = settled; asOf <= epoch; asOf++) {
        const dead = [...died].filter(([, when]) => when <= asOf).map(([row]) => row).sort((a, b) => a - b);
        expect([...alive.where(false, asOf)]).toEqual(dead);
        expect(alive.deadAsOf(asOf)).toBe(dead.length);
        expect(alive.where(true, asOf)).toHaveLength(rows - dead.length);
      }
    }
    const bits = alive.view();
    for (let row = 0; row < rows; row++) expect([alive.has(row), bits === undefined || hasBit(bits, row)]).toEqual([!died.has(row), !died.has(row)]);
  });

  test('keeps nothing of what is settled', () => {
    const alive = new AliveRows(1000, 0);
    const before = alive.bytes;
    for (let epoch = 1; epoch <= 5; epoch++) alive.kill(epoch, epoch);
    expect(alive.bytes).toBe(before * 6);
    alive.settle(3);
    expect(alive.bytes).toBe(before * 3);
    alive.settle(5);
    expect(alive.bytes).toBe(before);
  });
});
