// The Range header: what it asks for, what cannot be satisfied, what is ignored.

import { expect, test } from 'vitest';
import { rangeOf } from '../../src/sync/file-request.js';

const SIZE = 10;

test.each([
  ['bytes=0-0', { offset: 0, length: 1 }],
  ['bytes=2-5', { offset: 2, length: 4 }],
  ['bytes=9-', { offset: 9, length: 1 }],
  ['bytes=5-999', { offset: 5, length: 5 }],
  ['bytes=-3', { offset: 7, length: 3 }],
  ['bytes=-999', { offset: 0, length: 10 }],
])('%s of ten bytes is %o', (header, range) => {
  expect(rangeOf(header, SIZE)).toEqual(range);
});

test.each(['bytes=10-', 'bytes=10-12', 'bytes=-0', 'bytes=99999999999999999999-'])('%s of ten bytes cannot be satisfied', (header) => {
  expect(rangeOf(header, SIZE)).toBe('unsatisfiable');
});

test.each([undefined, '', 'bytes=', 'bytes=-', 'bytes=a-b', 'bytes=5-2', 'bytes=0-1,3-4', 'items=0-1', 'bytes 0-1', 'bytes=0--1'])('%s asks for the whole file', (header) => {
  expect(rangeOf(header, SIZE)).toBeUndefined();
});

test('no range of an empty file can be satisfied', () => {
  expect(rangeOf('bytes=0-', 0)).toBe('unsatisfiable');
  expect(rangeOf('bytes=-1', 0)).toBe('unsatisfiable');
});
