// What a browser's storage errors mean to a caller.

import { expect, test } from 'vitest';
import { explainDomError } from '../../src/storage/dom-errors.js';

test.each([
  ['QuotaExceededError', 'QuotaExceeded'],
  ['NotFoundError', 'NotFound'],
  ['NoModificationAllowedError', 'Busy'],
  ['TypeMismatchError', 'InvalidArgument'],
  ['NotReadableError', 'Corrupt'],
  ['SecurityError', 'Unsupported'],
])('%s is %s, and keeps its cause', (name, code) => {
  const cause = new DOMException('refused', name);
  const error = explainDomError(cause, 'a/b');
  expect(error.code).toBe(code);
  expect(error.message).toContain('a/b');
  expect(error.cause).toBe(cause);
});
