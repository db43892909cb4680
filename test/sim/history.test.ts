// Whether a life of a collection may be there after a crash, as its steps say.

import { expect, test } from 'vitest';
import { presence, type Life, type Step } from './history.js';

function lifeWith(drops: Step[], written?: Step): Life {
  const steps = written === undefined ? [] : [{ ...written, changes: new Map([[1, 1]]) }];
  return { name: 'a', shape: 'numbered', made: { began: 1, acknowledged: 2 }, rows: new Map(), index: undefined, drops, steps, indexSteps: [], fieldSteps: [] };
}

const REFUSED: Step = { began: 10, refused: 12 };

test('a drop on its way, or refused where nothing could be taken back, may be done', () => {
  const life = lifeWith([REFUSED]);
  expect([9, 10, 11].map((time) => presence(life, time, false))).toEqual(['there', 'either', 'either']);
  expect(presence(life, 12, false)).toBe('there');
  expect(presence(life, 12, true)).toBe('either');
});

test('a drop that was refused before another was asked for still was on its way then', () => {
  const life = lifeWith([REFUSED, { began: 18, acknowledged: 19 }]);
  expect([10, 13, 18, 19].map((time) => presence(life, time, false))).toEqual(['either', 'there', 'either', 'gone']);
});

test('what a collection acknowledged after a drop was refused shows that it is there', () => {
  const life = lifeWith([REFUSED], { began: 13, acknowledged: 14 });
  expect([12, 13, 14].map((time) => presence(life, time, true))).toEqual(['either', 'either', 'there']);
});
