// Running the fuzzers. Each begins from the inputs kept in native/fuzz/corpus/<name>. The short run is part of the tests:
// a number of runs and a seed, so that it does the same every time. The long one is told how long, and keeps
// what it finds worth keeping in build/fuzz/corpus/<name>, from where the next goes on.

import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { relative } from 'node:path';
import { fuzzerPath, fuzzers } from '../build/fuzzers.mjs';
import { runToLog, tailOf } from '../lib/run.mjs';
import { at, has, root } from '../lib/tree.mjs';
import { failed, passed } from './outcomes.mjs';

const shortRuns = 20_000;
/** Fewer where a run is a whole build, or codes thousands of rows: 20 to 40 of these take a second. */
const shortRunsOf = { build: 500, flat_codes: 400 };
const inputBytesMax = 8192;
const inputSecondsMax = 10;
/** No one allocation may be larger: what a hostile length asks for is. */
const allocationMbMax = 256;

const env = { ASAN_OPTIONS: 'detect_leaks=1', UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1' };

/** Runs done, and the edges and features of the code that they reached, as libFuzzer's last line tells them. */
function reached(text) {
  const [, runs, edges, features] = /^#(\d+)\s+DONE\s+cov: (\d+) ft: (\d+)/m.exec(text) ?? [];
  return runs === undefined ? undefined : { runs: Number(runs), edges: Number(edges), features: Number(features) };
}

/**
 * Runs one fuzzer with `limits`, libFuzzer's options, what it adds to its corpus going to `corpus` (a path from the root).
 * Returns { reached } or, if it found something, { finding } with what it says.
 */
export async function fuzz(name, limits, corpus) {
  const findings = 'build/fuzz/findings';
  for (const folder of [findings, corpus]) mkdirSync(at(folder), { recursive: true });
  const seeds = `native/fuzz/corpus/${name}`;
  const options = [`-max_len=${inputBytesMax}`, `-timeout=${inputSecondsMax}`, `-malloc_limit_mb=${allocationMbMax}`, `-artifact_prefix=${at(findings)}/${name}-`];
  const folders = [corpus, ...(has(seeds) ? [seeds] : [])].map((folder) => at(folder));
  const { code, logPath } = await runToLog(`fuzz-${name}`, at(fuzzerPath(name)), [...limits, ...options, ...folders], { env });
  const text = readFileSync(logPath, 'utf8');
  if (code === 0) return { reached: reached(text) };
  const what = text.split('\n').filter((line) => /ERROR:|runtime error:|SUMMARY:|Test unit written|#\d+ .*\/native\/(src|fuzz)\//.test(line));
  const again = `to see it again: ${fuzzerPath(name)} <the unit>; all it said: ${relative(root, logPath)}`;
  return { finding: [`ended with ${code}`, ...(what.length > 0 ? what : [tailOf(logPath)]), again].join('\n') };
}

/** The short run of every fuzzer, each a test. */
export async function runFuzzers() {
  const outcomes = [];
  for (const name of fuzzers()) {
    const label = `fuzz: ${name}`;
    if (!has(fuzzerPath(name))) {
      outcomes.push(failed(label, `${fuzzerPath(name)} was not built`));
      continue;
    }
    const corpus = `build/fuzz/short/${name}`;
    rmSync(at(corpus), { recursive: true, force: true });
    const { finding } = await fuzz(name, [`-runs=${shortRunsOf[name] ?? shortRuns}`, '-seed=1'], corpus);
    outcomes.push(finding === undefined ? passed(label) : failed(label, finding));
  }
  return outcomes.length > 0 ? outcomes : [failed('fuzz', 'there is no fuzzer')];
}
