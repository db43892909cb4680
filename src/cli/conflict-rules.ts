// ConflictRules: the module that the setting on-conflict names: functions by the names of collections, of its exports or of an
// object that is its default export. It is code: it runs in the server, with all that the server may do.

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ConflictRules } from '../engine/api/push.js';
import { checkRules } from '../server/sync/conflict-rules.js';

/** Errors: what the module throws, and what it exports that is no function. */
export async function loadRules(path: string): Promise<ConflictRules> {
  try {
    const { default: byName = {}, ...named } = (await import(pathToFileURL(resolve(path)).href)) as { readonly default?: ConflictRules } & ConflictRules;
    const rules = checkRules({ ...byName, ...named });
    if (Object.keys(rules).length === 0) throw new TypeError('it exports no function');
    return rules;
  } catch (cause) {
    throw new Error(`--on-conflict ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
