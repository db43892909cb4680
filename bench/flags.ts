// Flags: what the commands of `npm run bench` have in common on their command lines. What is wrong is a `UsageError`
// that names the flag.

import { parseArgs } from 'node:util';
import { BENCH_METRICS, type BenchMetric } from './target.js';
import { UsageError } from './usage-error.js';

export type Values = Readonly<Record<string, string | boolean | undefined>>;

/** Text flags by name, and `--json`; `command` is the only positional. */
export function parseFlags(argv: readonly string[], command: string, texts: readonly string[], usage: string): Values {
  const { values, positionals } = parse(argv, texts, usage);
  if (positionals.length !== 1 || positionals[0] !== command) throw new UsageError(`expected the command "${command}", found ${JSON.stringify(positionals.join(' '))}\n${usage}`);
  return values as Values;
}

function parse(argv: readonly string[], texts: readonly string[], usage: string) {
  const options = Object.fromEntries([...texts.map((name) => [name, { type: 'string' }] as const), ['json', { type: 'boolean' }] as const]);
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${usage}`);
  }
}

export function needed(flag: string, value: string | boolean | undefined, usage: string): string {
  if (typeof value !== 'string' || value === '') throw new UsageError(`${flag} is missing\n${usage}`);
  return value;
}

/** A text flag, or `otherwise`. */
export function text(value: string | boolean | undefined, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

export function integer(flag: string, value: string, min: number, max: number): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < min || number > max) throw new UsageError(`${flag}: expected an integer from ${min} to ${max}, found ${JSON.stringify(value)}`);
  return number;
}

export function share(flag: string, value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !(number > 0 && number <= 1)) throw new UsageError(`${flag}: expected a number above 0, at most 1, found ${JSON.stringify(value)}`);
  return number;
}

export function metricOf(value: string): BenchMetric {
  const metric = BENCH_METRICS.find((name) => name === value);
  if (metric === undefined) throw new UsageError(`--metric: expected one of ${BENCH_METRICS.join(', ')}, found ${JSON.stringify(value)}`);
  return metric;
}

/** Names of a list, each known or the path of a module, none twice. */
export function targetList(list: string, known: readonly string[]): readonly string[] {
  const asked = list.split(',').map((name) => name.trim());
  asked.forEach((name, i) => {
    if (!known.includes(name) && !isModulePath(name)) throw new UsageError(`--targets: unknown target ${JSON.stringify(name)}, expected some of ${known.join(', ')}, or the path of a module`);
    if (asked.indexOf(name) !== i) throw new UsageError(`--targets: ${JSON.stringify(name)} is named twice`);
  });
  return asked;
}

/** A target may be given as the path of its module. */
export function isModulePath(name: string): boolean {
  return name.includes('/') && /\.(ts|js|mjs)$/.test(name);
}
