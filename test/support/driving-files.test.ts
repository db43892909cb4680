// Test files that start browsers are found, whatever they import them through.

import { expect, test } from 'vitest';
import { drivingFiles } from './driving-files.js';

test('files that start browsers are found by what they import, and no others', () => {
  const found = drivingFiles();
  // By playwright itself, by a module that imports it, by a program that is started beneath two modules.
  expect(found).toEqual(expect.arrayContaining(['test/sync/session/pages.test.ts', 'test/console/page.test.ts', 'test/tabs/browser-kill.test.ts', 'test/flow/firefox.test.ts']));
  expect(found.filter((path) => /^test\/(query|model|format|text|sim)\//.test(path))).toEqual([]);
  expect(found.filter((path) => /\.(browser|webkit)\.test\.ts$/.test(path))).toEqual([]);
});
