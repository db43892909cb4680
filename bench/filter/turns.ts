// Turns of `filter`: every target answers the same question in rounds, one after the other, each for a few milliseconds.

import { rounded } from '../log.js';
import { median } from '../statistics.js';
import type { Question } from './questions.js';

export const TARGETS = ['elanus', 'elanus-scan', 'loop', 'peer:duckdb-wasm'] as const;
export type TargetName = (typeof TARGETS)[number];

export interface FilterLine {
  readonly target: TargetName;
  readonly predicate: string;
  readonly rows: number;
  readonly matches: number | null;
  /** Of one evaluation with its count, the median over the rounds. */
  readonly ms: number | null;
  readonly cpuMs: number | null;
  readonly error?: string;
}

export interface FilterRatio {
  readonly ratio: string;
  readonly predicate: string;
  /** CPU time of the other by ours, round by round: least, median, greatest. */
  readonly cpu: readonly [number, number, number];
}

/** Gives what counts the matches of a question. */
export type Prepare = (question: Question) => () => number;

interface Turn {
  readonly ms: number;
  readonly cpuMs: number;
}

/** What one turn takes at least. */
const TURN_MS = 25;
const WARM_UP_ROUNDS = 2;

/** Who is absent, cannot answer or counts otherwise than the first has an error instead of times. */
export function takeTurns(question: Question, targets: ReadonlyMap<TargetName, Prepare | Error>, rows: number, rounds: number): { readonly lines: readonly FilterLine[]; readonly ratios: readonly FilterRatio[] } {
  const counters = new Map<TargetName, () => number>();
  const errors = new Map<TargetName, string>();
  let matches: number | undefined;
  for (const [target, prepare] of targets) {
    try {
      if (prepare instanceof Error) throw prepare;
      const counter = prepare(question);
      const found = counter();
      if (found !== (matches ??= found)) throw new Error(`${found} rows match, ${matches} were expected`);
      counters.set(target, counter);
    } catch (error) {
      errors.set(target, (error as Error).message);
    }
  }
  const turns = inTurns(counters, rounds);
  const lines = [...targets.keys()].map((target): FilterLine => {
    const taken = turns.get(target) ?? [];
    const error = errors.get(target);
    const nothing = { target, predicate: question.name, rows, matches: null, ms: null, cpuMs: null };
    return error === undefined ? { ...nothing, matches: matches ?? null, ms: rounded(median(taken.map(({ ms }) => ms))), cpuMs: rounded(median(taken.map(({ cpuMs }) => cpuMs))) } : { ...nothing, error };
  });
  return { lines, ratios: ratiosOf(question.name, turns) };
}

function inTurns(counters: ReadonlyMap<TargetName, () => number>, rounds: number): ReadonlyMap<TargetName, readonly Turn[]> {
  const turns = new Map([...counters.keys()].map((target): [TargetName, Turn[]] => [target, []]));
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    for (const [target, counter] of counters) {
      const turn = takeTurn(counter);
      if (round >= 0) turns.get(target)?.push(turn);
    }
  }
  return turns;
}

function takeTurn(counter: () => number): Turn {
  const cpu = process.cpuUsage();
  const start = performance.now();
  let calls = 0;
  let spent = 0;
  do {
    counter();
    calls++;
    spent = performance.now() - start;
  } while (spent < TURN_MS);
  const { user, system } = process.cpuUsage(cpu);
  return { ms: spent / calls, cpuMs: (user + system) / 1000 / calls };
}

function ratiosOf(predicate: string, turns: ReadonlyMap<TargetName, readonly Turn[]>): readonly FilterRatio[] {
  const ours = turns.get('elanus');
  if (ours === undefined) return [];
  return [...turns].filter(([target]) => target !== 'elanus').map(([target, theirs]) => {
    const each = theirs.map(({ cpuMs }, round) => cpuMs / (ours[round] as Turn).cpuMs);
    return { ratio: `${target}/elanus`, predicate, cpu: [rounded(Math.min(...each)), rounded(median(each)), rounded(Math.max(...each))] };
  });
}
