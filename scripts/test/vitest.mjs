// The tests in TypeScript: vitest in Node, with workerd, Chromium and Firefox under it, and within headless Chromium.

import { readFileSync, rmSync } from 'node:fs';
import { runToLog, tailOf } from '../lib/run.mjs';
import { at, has } from '../lib/tree.mjs';
import { pythonEnvironment } from '../setup/python.mjs';
import { failed } from './outcomes.mjs';

const report = 'build/report/vitest.json';
// Nothing that tests start may phone home.
const quiet = { TEST_OUTCOMES_FILE: at(report), WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false' };

/** Runs the test files whose path contains one of `filters`, or all. */
export async function runVitest(filters) {
  rmSync(at(report), { force: true });
  const reporters = ['--reporter=default', `--reporter=${at('scripts/test/vitest-reporter.mjs')}`];
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project=node', '--project=driving', '--project=browser', ...reporters, ...filters];
  const { code, logPath } = await runToLog('vitest', process.execPath, args, { env: { ...quiet, ...pythonEnvironment() } });
  const outcomes = has(report) ? JSON.parse(readFileSync(at(report), 'utf8')) : [];
  const explained = outcomes.some(({ state }) => state === 'failed');
  if (code !== 0 && !explained) outcomes.push(failed('vitest', `ended with ${code}:\n${tailOf(logPath)}`));
  if (outcomes.length === 0) outcomes.push(failed('vitest', 'ran no test'));
  return outcomes;
}
