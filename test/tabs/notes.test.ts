// The judge of the tests of tabs is shown databases that lost something, and ones that have too much.

import { expect, test } from 'vitest';
import { Notes, type Content, type Note } from './notes.js';

const note = (kind: Note['kind'], value: unknown): Note => ({ tab: 100, kind, began: 1, ended: 2, value });

const told: readonly Note[] = [note('rows', [101, 102]), note('passing', [103]), note('gone', [103]), note('passing', [104]), note('version', 4), note('logged', 3), note('interrupted', { kind: 'logged', value: 4 })];
const kept: Content = { keys: [100, 101, 102], versions: { 100: 4 }, logged: [[100, 3]], damaged: 0, warnings: [] };

function judged(content: Partial<Content>): unknown {
  const notes = new Notes();
  notes.all.push(...told);
  return notes.judge({ ...kept, ...content });
}

test('everything is there, also where the outcome was open', () => {
  expect(judged({})).toEqual({ lost: 0, wrong: 0 });
  expect(judged({ keys: [...kept.keys, 104], versions: { 100: 5 }, logged: [[100, 3], [100, 4]] })).toEqual({ lost: 0, wrong: 0 });
});

test.each([
  ['a row', { keys: [100, 101] }, { lost: 1, wrong: 0 }],
  ['an update', { versions: { 100: 3 } }, { lost: 1, wrong: 0 }],
  ['a row with a generated key', { logged: [] }, { lost: 1, wrong: 0 }],
  ['a deletion', { keys: [...kept.keys, 103] }, { lost: 0, wrong: 1 }],
])('%s is lost', (_, content, verdict) => {
  expect(judged(content)).toEqual(verdict);
});

test('a row is there twice, or is damaged', () => {
  expect(judged({ keys: [...kept.keys, 101] })).toEqual({ lost: 0, wrong: 1 });
  expect(judged({ logged: [[100, 3], [100, 3]] })).toEqual({ lost: 0, wrong: 1 });
  expect(judged({ damaged: 2 })).toEqual({ lost: 0, wrong: 2 });
});
