// Python packages for the tests, in an environment of their own, .venv, at pinned versions. Nothing of it is part of
// the product.

import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { hashOf } from '../lib/stamp.mjs';
import { run } from '../lib/run.mjs';
import { at, has } from '../lib/tree.mjs';
import { setUpSystemPackages } from './system-packages.mjs';

const wanted = 'scripts/setup/requirements.txt';
const stampPath = '.venv/.elanus-stamp';

/** Returns a note for the step's line. */
export async function setUpPython() {
  const stamp = hashOf([wanted]);
  if (has(stampPath) && readFileSync(at(stampPath), 'utf8') === stamp) return 'as they were';
  await setUpSystemPackages(['Python with venv']);
  await run('python-venv', 'python3', ['-m', 'venv', '--clear', at('.venv')]);
  await run('python-pip', at('.venv/bin/python'), ['-m', 'pip', 'install', '--disable-pip-version-check', '-r', at(wanted)]);
  writeFileSync(at(stampPath), stamp);
  return 'installed';
}

/** What makes `python3` mean the environment's. */
export const pythonEnvironment = () => ({ PATH: `${at('.venv/bin')}${delimiter}${process.env.PATH ?? ''}` });
