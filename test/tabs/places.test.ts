// How calls of a page say which collection of which database they mean, and which of them a write is about.

import { expect, test } from 'vitest';
import { placesOf } from '../../src/presets/repeatable.js';
import { partsOf, placeOf } from '../../src/presets/place.js';
import type { Call, Verb } from '../../src/presets/wire.js';

test('a place names database and collection, and no name can pass for a place', () => {
  expect([placeOf('default', 'c'), placeOf('other', 'c'), placeOf('default', 'a/b')]).toEqual(['c', 'other/c', 'default/a/b']);
  expect(['c', 'other/c', 'default/a/b'].map(partsOf)).toEqual([{ database: 'default', name: 'c' }, { database: 'other', name: 'c' }, { database: 'default', name: 'a/b' }]);
});

test('a write is about every name that it changes', () => {
  const of = (verb: Verb, ...args: unknown[]): readonly string[] => placesOf({ kind: 'call', to: '', id: 1, verb, args, again: false, progress: false } satisfies Call);
  expect(of('upsert', 'c', [])).toEqual(['c']);
  expect(of('createCollection', 'other', { name: 'c' })).toEqual(['other/c']);
  expect(of('renameCollection', 'c', 'd', 'other')).toEqual(['c', 'other/d']);
  expect(of('alterAlias', 'other/c', 'x')).toEqual(['other/c', 'other/x']);
  expect(of('createAlias', 'c', 'x')).toEqual(['c', 'x']);
});
