// ConflictRules: what a server is told to do with pushed rows that meet what somebody else wrote: functions by collection.

import type { ConflictRules } from '../../engine/api/push.js';

/** Errors: what is no function, by its name. */
export function checkRules(rules: ConflictRules): ConflictRules {
  for (const [name, rule] of Object.entries(rules)) if (typeof rule !== 'function') throw new TypeError(`onConflict: "${name}": expected a function, found ${rule === null ? 'null' : typeof rule}`);
  return rules;
}
