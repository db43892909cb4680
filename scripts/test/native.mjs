// The core's own tests: one GoogleTest binary, run as built for release, for the sanitizers and for WebAssembly.

import { readFileSync, rmSync } from 'node:fs';
import { runToLog, tailOf } from '../lib/run.mjs';
import { at, has } from '../lib/tree.mjs';
import { wasmTestPrograms } from '../build/wasm-tests.mjs';
import { failed, passed } from './outcomes.mjs';

// Found leaks, undefined behaviour and races end the run, with where they happened.
const env = { TSAN_OPTIONS: 'halt_on_error=1', ASAN_OPTIONS: 'detect_leaks=1:abort_on_error=0', UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1' };

const messages = (entries) => entries.map((entry) => entry.message ?? entry.failure ?? '').join('\n');

function outcomeOf(label, test) {
  const name = `${label}: ${test.classname}.${test.name}`;
  if (test.failures?.length > 0) return failed(name, messages(test.failures));
  if (test.status === 'NOTRUN') return { name, state: 'skipped', reason: 'disabled in the source' };
  return test.result === 'SKIPPED' ? { name, state: 'skipped', reason: messages(test.skipped ?? []) } : passed(name);
}

/** Runs `binary` (a path from the root), or what runs it. A crash is a failure beside whatever was reported before it. */
export async function runGoogleTest(label, log, binary, command = [at(binary)]) {
  if (!has(binary)) return [failed(label, `${binary} was not built`)];
  const report = at('build/report', `${log}.json`);
  rmSync(report, { force: true });
  const { code, logPath } = await runToLog(log, command[0], [...command.slice(1), `--gtest_output=json:${report}`], { env });
  const outcomes = has('build/report', `${log}.json`)
    ? JSON.parse(readFileSync(report, 'utf8')).testsuites.flatMap(({ testsuite }) => testsuite.map((test) => outcomeOf(label, test)))
    : [];
  const explained = outcomes.some(({ state }) => state === 'failed');
  if (code !== 0 && !explained) outcomes.push(failed(label, `${binary} ended with ${code}:\n${tailOf(logPath)}`));
  if (outcomes.length === 0) outcomes.push(failed(label, `${binary} ran no test`));
  return outcomes;
}

/** Runs the tests compiled to WebAssembly, for each module that there is. */
export async function runWasmTests() {
  const outcomes = [];
  for (const { kernels, program } of await wasmTestPrograms()) {
    const label = `WebAssembly (${kernels})`;
    const command = [process.execPath, at('scripts/test/wasm-program.mjs'), at(program ?? '')];
    if (program === undefined) outcomes.push(failed(label, 'elanus_tests was not built'));
    else outcomes.push(...(await runGoogleTest(label, `tests-wasm-${kernels.split(' ')[0].toLowerCase()}`, program, command)));
  }
  return outcomes;
}
