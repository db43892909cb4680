// npm run fuzz -- [--seconds N] [--target NAME]: sets up Clang, builds the fuzzers and runs each for N seconds (60), or the one
// named. It ends with 1 if anything was found; the input that shows it is then under build/fuzz/findings.

import { parseArgs } from 'node:util';
import { buildFuzzers, fuzzers } from './build/fuzzers.mjs';
import { withBuildLock } from './lib/lock.mjs';
import { fail, say, sayStep, step } from './lib/log.mjs';
import { StepError } from './lib/run.mjs';
import { setUpSystemPackages } from './setup/system-packages.mjs';
import { fuzz } from './test/fuzz.mjs';

const secondsMax = 7 * 24 * 3600;

function readArgs() {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, target: { type: 'string' } } });
  const seconds = Number(values.seconds);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > secondsMax) {
    throw new StepError(`--seconds ${values.seconds}: expected a whole number from 1 to ${secondsMax}`);
  }
  if (values.target !== undefined && !fuzzers().includes(values.target)) {
    throw new StepError(`--target ${values.target}: expected one of ${fuzzers().join(', ')}`);
  }
  return { seconds, targets: values.target === undefined ? fuzzers() : [values.target] };
}

async function fuzzFor(name, seconds) {
  const began = performance.now();
  const { finding, reached } = await fuzz(name, [`-max_total_time=${seconds}`], `build/fuzz/corpus/${name}`);
  const note = reached && `${reached.runs} runs, ${reached.edges} edges, ${reached.features} features reached`;
  sayStep(finding === undefined, name, began, note);
  if (finding !== undefined) say(`        ${finding.replaceAll('\n', '\n        ')}`);
  return finding === undefined;
}

try {
  const { seconds, targets } = readArgs();
  say('Fuzzers');
  await step('system packages', () => setUpSystemPackages(['cmake', 'ninja or make', 'Clang with libFuzzer']));
  await step('build', () => withBuildLock(buildFuzzers));
  let found = 0;
  for (const name of targets) found += (await fuzzFor(name, seconds)) ? 0 : 1;
  say(found === 0 ? '\nNothing was found.' : `\n${found} of ${targets.length} found something.`);
  process.exitCode = found === 0 ? 0 : 1;
} catch (error) {
  fail(error.code?.startsWith('ERR_PARSE_ARGS') ? new StepError(error.message) : error);
}
