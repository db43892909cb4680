// Idle: what an open database does when nobody asks it anything: how often the threads of its process run, and what would wake
// it, beside a process without a database.

import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { log } from '../log.js';
import { failedLine, judged, type StorageLine } from './line.js';
import { startProcess } from './process.js';

export interface IdleTask {
  /** Undefined: no database. */
  readonly folder?: string;
  readonly rows: number;
}

interface IdleFound {
  /** How often its threads gave the processor away of their own accord: once for each time that something woke them. */
  readonly wakeUps: number;
  readonly cpuMs: number;
  /** What keeps the event loop. */
  readonly resources: readonly string[];
}

const ROWS = 5000;
/** Of the process itself, for all of the time: V8 tidies up once or twice. */
const WAKE_UPS_MORE_MAX = 10;

export async function idleNodeLines(seconds: number, folder: string): Promise<readonly StorageLine[]> {
  const set = `${seconds} s, Node`;
  const bar = 'wake-ups of an idle open database, beside none';
  if (process.platform !== 'linux') return [failedLine(bar, set, 'only Linux tells how often a thread ran')];
  log(`idle: ${seconds} s with a database and ${seconds} s without`);
  const place = join(folder, 'idle');
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  const [held, none] = await Promise.all([idle({ folder: place, rows: ROWS }, seconds), idle({ rows: ROWS }, seconds)]);
  rmSync(place, { recursive: true, force: true });
  const timersOf = ({ resources }: IdleFound): number => resources.filter((name) => /timeout|timer|immediate/i.test(name)).length;
  const note = `with it ${held.wakeUps} wake-ups and ${held.cpuMs} ms of CPU time, without ${none.wakeUps} and ${none.cpuMs} ms; active: ${held.resources.join(', ') || 'nothing'}`;
  return [
    judged({ bar, set, unit: '', must: WAKE_UPS_MORE_MAX, better: 'less', measured: Math.max(0, held.wakeUps - none.wakeUps), note }),
    judged({ bar: 'timers of an idle open database, beside none', set, unit: '', must: 0, better: 'less', measured: timersOf(held) - timersOf(none) }),
  ];
}

async function idle(task: IdleTask, seconds: number): Promise<IdleFound> {
  let settle = (_: readonly string[]): void => {};
  const settled = new Promise<readonly string[]>((resolve) => (settle = resolve));
  const { child, lines } = startProcess('bench/storage/idle-node.ts', task, (line) => settle((JSON.parse(line) as { readonly resources: readonly string[] }).resources));
  const resources = await Promise.race([settled, lines.then(() => [])]);
  // The answer itself is over by then.
  await wait(1);
  const pid = child.pid ?? 0;
  const before = seen(pid);
  await wait(seconds);
  const after = seen(pid);
  child.stdin?.end();
  await lines;
  return { wakeUps: after.wakeUps - before.wakeUps, cpuMs: after.cpuMs - before.cpuMs, resources };
}

const wait = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

const TICK_MS = 10;

/** Over all threads. */
function seen(pid: number): { readonly wakeUps: number; readonly cpuMs: number } {
  let wakeUps = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    wakeUps += Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8'))?.[1]);
  }
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
  return { wakeUps, cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS };
}
