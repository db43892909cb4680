// The peers that bench/ measures against, kept apart from the product: npm packages and a Python environment under
// bench/peers, at pinned versions. Some of them compile as they are installed.

import { readFileSync, writeFileSync } from 'node:fs';
import { hashOf } from '../lib/stamp.mjs';
import { run, StepError } from '../lib/run.mjs';
import { at, has } from '../lib/tree.mjs';
import { setUpSystemPackages } from './system-packages.mjs';

const home = 'bench/peers';

/** Runs `install` unless `stampPath` says that it succeeded with these inputs. */
async function unlessInstalled(stampPath, inputs, install) {
  const stamp = hashOf(inputs);
  if (has(stampPath) && readFileSync(at(stampPath), 'utf8') === stamp) return 'as they were';
  await install();
  writeFileSync(at(stampPath), stamp);
  return 'installed';
}

/** Returns a note for the step's line. */
export function setUpNodePeers() {
  return unlessInstalled(`${home}/node_modules/.elanus-stamp`, [`${home}/package-lock.json`], () =>
    run('peers-npm', 'npm', ['ci', '--no-audit', '--no-fund', '--foreground-scripts'], { cwd: at(home) }),
  );
}

/** Returns a note for the step's line. */
export async function setUpPythonPeers() {
  return unlessInstalled(`${home}/.venv/.elanus-stamp`, [`${home}/requirements.txt`], async () => {
    await setUpSystemPackages(['Python with venv', "Python's headers"]);
    await run('peers-venv', 'python3', ['-m', 'venv', at(home, '.venv')]);
    const python = at(home, '.venv/bin/python');
    if (!has(home, '.venv/bin/python')) throw new StepError(`python3 -m venv made no ${python}`);
    await run('peers-pip', python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', at(home, 'requirements.txt')]);
  });
}
