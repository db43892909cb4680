// One build at a time in one checkout: build/.lock holds the process id of the builder. A lock whose process is
// gone is taken over.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { say } from './log.mjs';
import { StepError } from './run.mjs';
import { at } from './tree.mjs';

const waitMs = 20 * 60_000;
const pollMs = 200;
const path = at('build/.lock');

function take() {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Process id of the living holder, or undefined if there is none. */
function holder() {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    if (!Number.isInteger(pid) || pid <= 0) return undefined;
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    if (error.code === 'EPERM') return -1; // alive, but another user's
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return undefined;
    throw error;
  }
}

/** Runs `work` while this process alone builds. */
export async function withBuildLock(work) {
  mkdirSync(at('build'), { recursive: true });
  const began = performance.now();
  let told = false;
  while (!take()) {
    if (holder() === undefined) rmSync(path, { force: true });
    else {
      if (!told) say('  …     waiting for another build in this checkout to end');
      told = true;
      await sleep(pollMs);
    }
    if (performance.now() - began > waitMs) throw new StepError(`another build holds ${path} for more than 20 minutes`);
  }
  const release = () => rmSync(path, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}
