// The command line of the commands that take a data set: `ann`, whose flags are a contract as results are compared
// across versions by them, and `plot`, `calibration` and `overhead`, which share most of them.

import { integer, metricOf, needed, parseFlags, share, targetList, text, type Values } from './flags.js';
import type { BenchMetric } from './target.js';

/** Where the data are, and how far is far. */
export interface DataArgs {
  readonly base: string;
  readonly query: string;
  readonly gt: string;
  readonly metric: BenchMetric;
  readonly k: number;
  /** Only the first so many base rows. */
  readonly rows: number | undefined;
}

export interface Args extends DataArgs {
  readonly recall: number;
  readonly targets: readonly string[];
  readonly index: string;
  /** JSON lines only: no table. */
  readonly json: boolean;
}

export const DATA_USAGE = '--base F --query F --gt F [--metric l2|ip|cosine|hamming|jaccard] [--k 10]';

export const USAGE =
  `npm run -s bench -- ann ${DATA_USAGE} [--recall 0.95]\n` +
  '  [--rows N] [--targets native,wasm,peer:hnswlib,…] [--index AUTOINDEX|FLAT|HNSW|IVF_FLAT|…] [--json]';

const FLAGS = ['base', 'query', 'gt', 'metric', 'k', 'recall', 'rows', 'targets', 'index'];

/** `targets` are the names known; all of them run where --targets is not given. Errors: `UsageError`. */
export function readArgs(argv: readonly string[], targets: readonly string[]): Args {
  return argsOf(parseFlags(argv, 'ann', FLAGS, USAGE), USAGE, targets, targets);
}

/**
 * The flags of `ann` for another command, which may have `more` of its own, given back beside them. `usual` are the targets
 * where none is named. Errors: `UsageError`.
 */
export function readCommand(argv: readonly string[], command: string, more: readonly string[], usage: string, known: readonly string[], usual: readonly string[]): { readonly args: Args; readonly values: Values } {
  const values = parseFlags(argv, command, [...FLAGS, ...more], usage);
  return { args: argsOf(values, usage, known, usual), values };
}

function argsOf(values: Values, usage: string, known: readonly string[], usual: readonly string[]): Args {
  const { rows, targets } = values;
  return {
    base: needed('--base', values['base'], usage),
    query: needed('--query', values['query'], usage),
    gt: needed('--gt', values['gt'], usage),
    metric: metricOf(text(values['metric'], 'l2')),
    k: integer('--k', text(values['k'], '10'), 1, 16_384),
    recall: share('--recall', text(values['recall'], '0.95')),
    rows: typeof rows === 'string' ? integer('--rows', rows, 1, 0x7fff_ffff) : undefined,
    targets: typeof targets === 'string' ? targetList(targets, known) : usual,
    index: text(values['index'], 'AUTOINDEX').toUpperCase(),
    json: values['json'] === true,
  };
}
