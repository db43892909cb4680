// Report: outcomes as JSON lines, whose keys are a contract, and as a table for the eye. A null is a thing not
// measured; the line's `error` or `note` says why.

import type { Outcome, Round } from './contest.js';
import type { Counts } from './counts.js';
import { rounded } from './log.js';
import { median } from './statistics.js';
import type { Params } from './target.js';

export interface TargetLine {
  readonly target: string;
  readonly index: string | null;
  readonly params: Params;
  readonly n: number;
  readonly d: number;
  readonly k: number;
  readonly recall: number | null;
  readonly qps: number | null;
  readonly qpsCpu: number | null;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly buildS: number | null;
  readonly fileBytes: number | null;
  readonly ramBytes: number | null;
  /** Of one query; absent if the target does not count. */
  readonly counts?: Counts;
  readonly note?: string;
  readonly error?: string;
}

export interface RatioLine {
  readonly ratio: string;
  /** Least, median and greatest over the rounds, each round's pair taken together. */
  readonly qpsCpu: readonly [number, number, number];
}

export interface Shape {
  readonly n: number;
  readonly d: number;
  readonly k: number;
  readonly recall: number;
}

export function targetLine(outcome: Outcome, { n, d, k, recall }: Shape): TargetLine {
  const { variant, tuned, rounds } = outcome;
  const knob = variant?.knob !== undefined && tuned !== undefined ? { [variant.knob.name]: tuned.value } : {};
  return {
    target: outcome.name,
    index: variant?.index ?? null,
    params: { ...variant?.params, ...knob },
    n,
    d,
    k,
    recall: tuned === undefined ? null : rounded(tuned.recall),
    qps: overRounds(rounds, (round) => round.qps),
    qpsCpu: overRounds(rounds, (round) => round.qpsCpu),
    p50Ms: overRounds(rounds, (round) => round.p50Ms),
    p99Ms: overRounds(rounds, (round) => round.p99Ms),
    buildS: variant === undefined ? null : rounded(variant.buildS),
    fileBytes: variant?.fileBytes ?? null,
    ramBytes: variant?.ramBytes ?? null,
    ...(outcome.counts === undefined ? {} : { counts: outcome.counts }),
    ...(outcome.unreached ? { note: `recall ${recall} is out of reach; this is its best, not timed` } : {}),
    ...(outcome.error === undefined ? {} : { error: outcome.error }),
  };
}

/** One line for each pair of targets that were timed and of which the first is ours; a pair of ours is told once. */
export function ratioLines(outcomes: readonly Outcome[]): readonly RatioLine[] {
  const timed = outcomes.filter((outcome) => outcome.rounds.length > 0);
  return timed.flatMap((a, i) =>
    timed.filter((b, j) => a.own && (j > i || !b.own)).map((b): RatioLine => {
      const ratios = a.rounds.map((round, r) => round.qpsCpu / (b.rounds[r] as Round).qpsCpu);
      return { ratio: `${a.name}/${b.name}`, qpsCpu: [rounded(Math.min(...ratios)), rounded(median(ratios)), rounded(Math.max(...ratios))] };
    }),
  );
}

function overRounds(rounds: readonly Round[], pick: (round: Round) => number | null): number | null {
  const values = rounds.map(pick).filter((value) => value !== null);
  return values.length === 0 ? null : rounded(median(values));
}

export function table(lines: readonly TargetLine[], ratios: readonly RatioLine[]): string {
  const head = ['target', 'index', 'recall', 'QPS', 'QPS by CPU', 'p50 ms', 'p99 ms', 'build s', 'file MB', 'RAM MB', 'params'];
  const rows = lines.map((line) => [
    line.target, line.index, line.recall, line.qps, line.qpsCpu, line.p50Ms, line.p99Ms, line.buildS, megabytes(line.fileBytes), megabytes(line.ramBytes),
    line.error ?? line.note ?? Object.entries(line.params).map(([name, value]) => `${name} ${value}`).join(', '),
  ].map((cell) => (cell === null ? '-' : String(cell))));
  const widths = head.map((title, column) => (column === head.length - 1 ? 0 : Math.max(title.length, ...rows.map((row) => (row[column] as string).length))));
  const text = [head, ...rows].map((row) => row.map((cell, column) => cell.padEnd(widths[column] as number)).join('  '));
  const pairs = ratios.map(({ ratio, qpsCpu: [least, middle, greatest] }) => `${ratio}: ${middle}x by CPU time (${least} to ${greatest})`);
  return [...text, ...pairs].join('\n');
}

function megabytes(bytes: number | null): string | null {
  return bytes === null ? null : (bytes / 1e6).toFixed(1);
}
