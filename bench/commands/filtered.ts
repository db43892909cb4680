// `filtered`: recall and cost of searches under filters, over the whole range of how many rows pass and where they lie
// (bench/filtered/cells.ts says how they are made). The truth is by brute force in f64.

import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { CORE_NAMES, coreRecipe, type CoreName } from '../cores.js';
import { openWorkplace, readBaseAndQueries, type Workplace } from '../data-set.js';
import { cellsOf, labelCell, type Cell } from '../filtered/cells.js';
import { clustersOf } from '../filtered/clusters.js';
import { Judge } from '../filtered/judge.js';
import type { CellAnswer, CellRequest, OpenAnswer, OpenRequest } from '../filtered/process.js';
import { filteredLine, filteredTable, worstLine, type FilteredLine } from '../filtered/report.js';
import { integer, metricOf, needed, parseFlags, share, text } from '../flags.js';
import { emit, log } from '../log.js';
import { decodeIds } from '../protocol.js';
import type { BenchMetric, Vectors } from '../target.js';
import { TargetProcess } from '../target-process.js';
import { UsageError } from '../usage-error.js';

const USAGE =
  'npm run -s bench -- filtered --base F --query F [--labels F] [--metric l2|ip|cosine] [--k 10] [--recall 0.95] [--rows N]\n' +
  `  [--queries 200] [--targets ${CORE_NAMES.join(',')}] [--json]`;
const PROCESS = fileURLToPath(new URL('../filtered/process.ts', import.meta.url));
const USUAL: readonly CoreName[] = ['native', 'wasm'];

export interface FilteredArgs {
  readonly base: string;
  readonly query: string;
  /** A label a line, one for each base row. */
  readonly labels: string | undefined;
  readonly metric: BenchMetric;
  readonly k: number;
  readonly recall: number;
  readonly rows: number | undefined;
  /** Only the first so many. */
  readonly queries: number;
  readonly targets: readonly CoreName[];
  readonly json: boolean;
}

/** Errors: `UsageError`. */
export function readFilteredArgs(argv: readonly string[]): FilteredArgs {
  const values = parseFlags(argv, 'filtered', ['base', 'query', 'labels', 'metric', 'k', 'recall', 'rows', 'queries', 'targets'], USAGE);
  const metric = metricOf(text(values['metric'], 'l2'));
  if (metric === 'hamming' || metric === 'jaccard') throw new UsageError(`--metric: expected l2, ip or cosine, found ${metric}\n${USAGE}`);
  return {
    base: needed('--base', values['base'], USAGE),
    query: needed('--query', values['query'], USAGE),
    labels: typeof values['labels'] === 'string' ? values['labels'] : undefined,
    metric,
    k: integer('--k', text(values['k'], '10'), 1, 16_384),
    recall: share('--recall', text(values['recall'], '0.95')),
    rows: typeof values['rows'] === 'string' ? integer('--rows', values['rows'], 1, 0x7fff_ffff) : undefined,
    queries: integer('--queries', text(values['queries'], '200'), 1, 1_000_000),
    targets: text(values['targets'], USUAL.join(',')).split(',').map(coreName),
    json: values['json'] === true,
  };
}

function coreName(name: string): CoreName {
  const found = CORE_NAMES.find((known) => known === name.trim());
  if (found === undefined) throw new UsageError(`--targets: expected some of ${CORE_NAMES.join(', ')}, found ${JSON.stringify(name)}\n${USAGE}`);
  return found;
}

export async function filtered(argv: readonly string[]): Promise<void> {
  const args = readFilteredArgs(argv);
  const { base, queries: all } = await readBaseAndQueries(args);
  const queries = firstQueries(all, args.queries);
  const cells = [...cellsOf(clustersOf(args.metric, base, queries)), ...(args.labels === undefined ? [] : [labelCell(readLabels(args.labels, base.n), queries.n)])];
  log(`${base.n} x ${base.d}, ${queries.n} queries, ${cells.length} cells; computing the truth of each by brute force`);
  const judge = new Judge(args.metric, queries, base, cells, args.k);
  const place = await openWorkplace(base, queries);
  const lines: FilteredLine[] = [];
  for (const core of args.targets) lines.push(...(await measureCore(core, args, place, cells, judge)));
  if (!args.json) process.stderr.write(`${filteredTable(lines)}\n`);
}

async function measureCore(core: CoreName, args: FilteredArgs, { folder, base, queries }: Workplace, cells: readonly Cell[], judge: Judge): Promise<readonly FilteredLine[]> {
  const absent = await coreRecipe(core).absent();
  if (absent !== undefined) {
    emit({ filtered: core, error: `absent: ${absent}` });
    return [];
  }
  const target = new TargetProcess(core, [process.execPath, '--expose-gc', '--import', 'tsx', PROCESS], log);
  const { metric, k, recall: asked } = args;
  const { options, plainOptions } = await target.send<OpenAnswer>({ op: 'open', core, metric, k, recall: asked, base, queries } satisfies OpenRequest);
  log(`${core}: ${options === null ? 'exact, as no effort is known to reach the recall' : `${JSON.stringify(options)}, without a filter ${JSON.stringify(plainOptions)}`}`);
  const lines: FilteredLine[] = [];
  for (const cell of cells) {
    const filters = join(folder, 'filters');
    await writeFile(filters, Buffer.concat(cell.filters));
    const { ids, counts, times } = await target.send<CellAnswer>({ op: 'cell', filters, filterOf: [...cell.filterOf] } satisfies CellRequest);
    const line = filteredLine(core, cell, judge.judge(cell, decodeIds(ids, queries.n * k)), counts, times, { asked, n: base.n, d: base.d, k });
    emit(line);
    lines.push(line);
  }
  emit(worstLine(lines));
  await target.close();
  return lines;
}

function firstQueries({ n, d, values }: Vectors, count: number): Vectors {
  const kept = Math.min(n, count);
  return { n: kept, d, values: values.slice(0, kept * d) };
}

function readLabels(path: string, rows: number): readonly string[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new UsageError(`${path}: cannot be read: ${(error as Error).message}`);
  }
  const labels = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').trimEnd().split('\n');
  if (labels.length < rows) throw new UsageError(`${path}: expected a label for each of the ${rows} rows, found ${labels.length}`);
  return labels.slice(0, rows);
}
