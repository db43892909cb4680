// Orphans: processes that are not to outlive this one, whatever ends it.

import type { ChildProcess } from 'node:child_process';

const children = new Set<ChildProcess>();
let isWatching = false;

/** Kills `child` when this process exits, unless it has ended by then. */
export function endWithUs(child: ChildProcess): void {
  if (!isWatching) process.once('exit', () => children.forEach((one) => one.kill('SIGKILL')));
  isWatching = true;
  children.add(child);
  child.once('close', () => children.delete(child));
}
