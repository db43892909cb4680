// Putting a built file into dist. The old file is replaced by rename, never written into, since a running process
// may have it mapped.

import { chmodSync, copyFileSync, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { at } from '../lib/tree.mjs';

/** Copies `from` to `to` (paths from the root) in one step. */
export function install(from, to) {
  const beside = at(`${to}.${process.pid}`);
  mkdirSync(dirname(beside), { recursive: true });
  copyFileSync(at(from), beside);
  chmodSync(beside, 0o644);
  renameSync(beside, at(to));
}
