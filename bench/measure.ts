// Measuring within a target's process: building, and passes over the query set.

import { perQuery } from './counts.js';
import type { RunAnswer } from './protocol.js';
import type { Build, Searcher } from './target.js';
import { quantile } from './statistics.js';

export interface Built<Index> extends Omit<Build, 'fileBytes'> {
  readonly index: Index;
  readonly buildCpuS: number;
}

/** Runs `build`; `ramBytes` is how much the process grew by it, garbage collected where the engine lets us. */
export async function measureBuild<Index>(build: () => Index | Promise<Index>): Promise<Built<Index>> {
  const rssBytes = residentBytes();
  const cpu = process.cpuUsage();
  const start = performance.now();
  const index = await build();
  const buildS = (performance.now() - start) / 1000;
  const buildCpuS = cpuSeconds(cpu);
  return { index, buildS, buildCpuS, ramBytes: Math.max(0, residentBytes() - rssBytes) };
}

function residentBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage.rss();
}

function cpuSeconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}

/** Whole passes until `secondsMin` have gone by. Answers are decoded after the clock has stopped. */
export async function measureRun(searcher: Searcher, queryCount: number, secondsMin: number): Promise<Omit<RunAnswer, 'ids' | 'promised'> & { readonly answers: readonly unknown[] }> {
  const answers = new Array<unknown>(queryCount);
  const latenciesMs: number[] = [];
  const before = searcher.counts?.();
  const cpu = process.cpuUsage();
  const start = performance.now();
  let now = start;
  let passes = 0;
  do {
    for (let q = 0; q < queryCount; q++) {
      const answer = searcher.search(q);
      answers[q] = answer instanceof Promise ? await answer : answer;
      const last = now;
      now = performance.now();
      latenciesMs.push(now - last);
    }
    passes++;
  } while (now - start < secondsMin * 1000);
  const cpuS = cpuSeconds(cpu);
  const after = searcher.counts?.();
  const counts = before === undefined || after === undefined ? {} : { counts: perQuery(before, after, passes * queryCount) };
  return { passes, wallS: (now - start) / 1000, cpuS, p50Ms: quantile(latenciesMs, 0.5), p99Ms: quantile(latenciesMs, 0.99), ...counts, answers };
}
