// Outcomes of tests: { name, state: 'passed' | 'failed' | 'skipped', reason }. Counted together over all runners.

import { say } from '../lib/log.mjs';

export const passed = (name) => ({ name, state: 'passed', reason: '' });
export const failed = (name, reason) => ({ name, state: 'failed', reason });

const count = (outcomes, state) => outcomes.filter((outcome) => outcome.state === state).length;

/** One line, as in "12 passed, 0 failed, 0 skipped". */
export const tally = (outcomes) =>
  `${count(outcomes, 'passed')} passed, ${count(outcomes, 'failed')} failed, ${count(outcomes, 'skipped')} skipped`;

function list(title, outcomes) {
  if (outcomes.length === 0) return;
  say(`\n${title}`);
  for (const { name, reason } of outcomes) say(`  ${name}\n      ${(reason || 'no reason given').replaceAll('\n', '\n      ')}`);
}

/** Prints what failed and what was skipped, why, and the tally as the last line. Returns whether all is well. */
export function report(outcomes, { skipsAllowed }) {
  const of = (state) => outcomes.filter((outcome) => outcome.state === state);
  list('Skipped:', of('skipped'));
  list('Failed:', of('failed'));
  const refused = of('skipped').length > 0 && !skipsAllowed;
  if (refused) say('\nIn CI nothing may be skipped.');
  say(`\n${tally(outcomes)}`);
  return of('failed').length === 0 && !refused && of('passed').length > 0;
}
