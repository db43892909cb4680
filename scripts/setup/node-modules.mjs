// The npm packages. They are there when everything that package-lock.json asks for is recorded as installed, in
// the same version; then nothing is asked of npm at all. Packages need no install scripts of their own to work.

import { readFileSync } from 'node:fs';
import { run } from '../lib/run.mjs';
import { at, has } from '../lib/tree.mjs';

const recordOfInstalled = 'node_modules/.package-lock.json';

function installed() {
  if (!has(recordOfInstalled)) return false;
  const present = JSON.parse(readFileSync(at(recordOfInstalled), 'utf8')).packages;
  const wanted = JSON.parse(readFileSync(at('package-lock.json'), 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional || entry.devOptional || entry.peer || present[path]?.version === entry.version,
  );
}

/** Installs the packages of the lock file unless they are there. Returns a note for the step's line. */
export async function setUpNodeModules() {
  if (installed()) return 'as they were';
  await run('npm-ci', 'npm', ['ci', '--no-audit', '--no-fund']);
  return 'installed';
}
