// The command line of `npm run bench -- ann …`. Its flags are a contract: results are compared across versions by them.

import { parseArgs } from 'node:util';
import { BENCH_METRICS, type BenchMetric } from './target.js';
import { UsageError } from './usage-error.js';

export interface Args {
  readonly base: string;
  readonly query: string;
  readonly gt: string;
  readonly metric: BenchMetric;
  readonly k: number;
  readonly recall: number;
  /** Only the first so many base rows. */
  readonly rows: number | undefined;
  readonly targets: readonly string[];
  readonly index: string;
  /** JSON lines only: no table. */
  readonly json: boolean;
}

export const USAGE =
  'npm run -s bench -- ann --base F --query F --gt F [--metric l2|ip|cosine|hamming|jaccard] [--k 10] [--recall 0.95]\n' +
  '  [--rows N] [--targets native,wasm,peer:hnswlib,…] [--index AUTOINDEX|FLAT|…] [--json]';

/** `targets` are the names known; all of them run where --targets is not given. Errors: `UsageError`. */
export function readArgs(argv: readonly string[], targets: readonly string[]): Args {
  const { values, positionals } = parse(argv);
  if (positionals.length !== 1 || positionals[0] !== 'ann') throw new UsageError(`expected the command "ann", found ${JSON.stringify(positionals.join(' '))}\n${USAGE}`);
  const metric = BENCH_METRICS.find((name) => name === (values.metric ?? 'l2'));
  if (metric === undefined) throw new UsageError(`--metric: expected one of ${BENCH_METRICS.join(', ')}, found ${JSON.stringify(values.metric)}`);
  return {
    base: needed('--base', values.base),
    query: needed('--query', values.query),
    gt: needed('--gt', values.gt),
    metric,
    k: integer('--k', values.k ?? '10', 1, 16_384),
    recall: recall(values.recall ?? '0.95'),
    rows: values.rows === undefined ? undefined : integer('--rows', values.rows, 1, 0x7fff_ffff),
    targets: values.targets === undefined ? targets : names(values.targets, targets),
    index: (values.index ?? 'AUTOINDEX').toUpperCase(),
    json: values.json ?? false,
  };
}

function parse(argv: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { base: text, query: text, gt: text, metric: text, k: text, recall: text, rows: text, targets: text, index: text, json: { type: 'boolean' } },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${USAGE}`);
  }
}

function needed(flag: string, value: string | undefined): string {
  if (value === undefined || value === '') throw new UsageError(`${flag} is missing\n${USAGE}`);
  return value;
}

function integer(flag: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) throw new UsageError(`${flag}: expected an integer from ${min} to ${max}, found ${JSON.stringify(text)}`);
  return value;
}

function recall(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value <= 1)) throw new UsageError(`--recall: expected a number above 0, at most 1, found ${JSON.stringify(text)}`);
  return value;
}

function names(list: string, known: readonly string[]): readonly string[] {
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
