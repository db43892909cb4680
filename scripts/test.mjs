// npm test: installs and builds what is missing, then runs every test there is and adds them up. The last line is
// "N passed, N failed, N skipped". What cannot run counts as failed. `npm test -- FILTER…` runs only the
// TypeScript tests whose path contains a filter.

import { availableParallelism } from 'node:os';
import { build } from './build/build.mjs';
import { inLanes } from './lib/lanes.mjs';
import { say, sayStep, step } from './lib/log.mjs';
import { setUpPython } from './setup/python.mjs';
import { setUp } from './setup/setup.mjs';
import { runFuzzers } from './test/fuzz.mjs';
import { runGoogleTest, runWasmTests } from './test/native.mjs';
import { failed, report, tally } from './test/outcomes.mjs';
import { checkTypes } from './test/types.mjs';
import { runVitest } from './test/vitest.mjs';

const filters = process.argv.slice(2);
const inCi = !['', '0', 'false'].includes(process.env.CI ?? '');

/** Those of which most use one core, longest first: as many at a time as there are cores. */
const besideEachOther = [
  ['native (ASan, UBSan)', () => runGoogleTest('native (ASan, UBSan)', 'tests-sanitized', 'build/asan/elanus_tests')],
  ['fuzzers', runFuzzers],
  ['native (WebAssembly)', runWasmTests],
  ['native', () => runGoogleTest('native', 'tests-native', 'build/native/elanus_tests')],
  ['native (TSan)', () => runGoogleTest('native (TSan)', 'tests-threads', 'build/tsan/elanus_thread_tests')],
  ['types', () => checkTypes('tsconfig.json')],
  ['types of the floors', () => checkTypes('tsconfig.floors.json')],
];
/** It uses all cores itself. */
const vitest = ['vitest', () => runVitest(filters)];

const outcomes = [];

/** Runs `work`; if it throws, that is a failure of that name. Returns whether it went well. */
async function attempt(name, work) {
  try {
    await work();
    return true;
  } catch (error) {
    outcomes.push(failed(name, error.name === 'StepError' ? error.message : error.stack));
    return false;
  }
}

/** Without Python, or what packages come from, its tests are skipped and say so; in CI nothing may be skipped. */
async function setUpReaders() {
  try {
    await step('Python packages', setUpPython);
  } catch (error) {
    if (error.name !== 'StepError') throw error;
    outcomes.push({ name: 'Python packages', state: 'skipped', reason: error.message });
  }
}

async function runOne([name, work]) {
  const began = performance.now();
  await attempt(name, async () => {
    const found = await work();
    outcomes.push(...found);
    sayStep(found.every(({ state }) => state !== 'failed'), name, began, tally(found));
  });
}

async function runTests() {
  say('Tests');
  if (filters.length > 0) say(`  only TypeScript tests whose path contains ${filters.join(' or ')}`);
  else await inLanes(availableParallelism(), besideEachOther.map((runner) => () => runOne(runner)));
  await runOne(vitest);
}

if (await attempt('set-up', () => setUp(['GoogleTest', 'Clang with libFuzzer', 'Chromium', 'Firefox']))) {
  await attempt('Python packages', setUpReaders);
  await attempt('build', () => build({ tests: true }));
  await runTests();
}
process.exitCode = report(outcomes, { skipsAllowed: !inCi }) ? 0 : 1;
