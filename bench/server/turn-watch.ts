// TurnWatch: loaded into a server before its own program, it watches the turns of the event loop: how long each held the one
// thread, by the clock and in CPU time of that thread alone, which other work of the machine does not lengthen. It answers two messages of
// the process that started it: `watch` begins anew, `told` is answered by the longest of either.

import { closeSync, openSync, readSync } from 'node:fs';

export interface LongestTurns {
  readonly clockMs: number;
  /** NaN where the system does not say what a thread takes. */
  readonly cpuMs: number;
  /** Turns that held the thread for more than 10 ms of CPU time, or of the clock where that is not known. */
  readonly long: number;
}

const LONG_MS = 10;
const TEXT_BYTES = 64;

const cpuMs = threadCpu();
let longest = { clockMs: 0, cpuMs: 0, long: 0 };
let isWatching = false;

process.on('message', (message) => {
  if (message === 'watch') {
    longest = { clockMs: 0, cpuMs: Number.isNaN(cpuMs()) ? NaN : 0, long: 0 };
    isWatching = true;
    setImmediate(look, performance.now(), cpuMs());
    process.send?.({});
  } else if (message === 'told') {
    isWatching = false;
    process.send?.(longest);
  }
});
process.channel?.unref();

function look(lastMs: number, lastCpuMs: number): void {
  if (!isWatching) return;
  const [now, cpu] = [performance.now(), cpuMs()];
  const [clock, own] = [now - lastMs, cpu - lastCpuMs];
  longest = { clockMs: Math.max(longest.clockMs, clock), cpuMs: Math.max(longest.cpuMs, own), long: longest.long + ((Number.isNaN(own) ? clock : own) > LONG_MS ? 1 : 0) };
  setImmediate(look, now, cpu);
}

/** CPU time of this thread in milliseconds, of Linux: the first number of its `schedstat`. */
function threadCpu(): () => number {
  const text = Buffer.alloc(TEXT_BYTES);
  try {
    const file = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
    process.on('exit', () => closeSync(file));
    return () => Number(text.toString('latin1', 0, readSync(file, text, 0, TEXT_BYTES, 0)).split(' ', 1)[0]) / 1e6;
  } catch {
    return () => NaN;
  }
}
