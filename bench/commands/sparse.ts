// `sparse`: the ten best rows of learned sparse vectors, ours in WebAssembly and natively, and peers in the same process and run: an
// exhaustive scan, which looks at every value of every row, and plain inverted lists with a sum per row.

import type { SparseRows } from '../../src/ports/core.js';
import { coreRecipe, type CoreName } from '../cores.js';
import { readInts } from '../data.js';
import { needed, parseFlags, share, text as textFlag } from '../flags.js';
import { emit, log, rounded } from '../log.js';
import { exhaustiveScan, invertedLists, type SparseSearch } from '../sparse/baselines.js';
import { readSparse, rowOf } from '../sparse/rows.js';
import { quantile } from '../statistics.js';
import { UsageError } from '../usage-error.js';

const USAGE = 'npm run -s bench -- sparse --base F --query F --gt F [--seconds 1] [--json]';
const K = 10;

export interface SparseLine {
  readonly target: string;
  readonly rows: number;
  readonly k: number;
  readonly recall: number;
  readonly qps: number;
  readonly p50Ms: number;
  /** How many times as many queries a second as the exhaustive scan. */
  readonly speedup: number;
}

export async function sparse(argv: readonly string[]): Promise<void> {
  const values = parseFlags(argv, 'sparse', ['base', 'query', 'gt', 'seconds'], USAGE);
  const [base, queries] = [readSparse(needed('--base', values['base'], USAGE)), readSparse(needed('--query', values['query'], USAGE))];
  const seconds = share('--seconds', textFlag(values['seconds'], '1'));
  const truth = await readInts(needed('--gt', values['gt'], USAGE));
  if (truth.n !== queries.indptr.length - 1 || truth.d < K) throw new UsageError(`--gt: expected at least ${K} rows for each of ${queries.indptr.length - 1} queries, found ${truth.n} x ${truth.d}`);
  const bars = barsOf(base, queries, truth.values, truth.d);
  const targets: readonly (readonly [string, () => Promise<SparseSearch>])[] = [
    ['exhaustive', async () => exhaustiveScan(base)],
    ['inverted lists', async () => invertedLists(base)],
    ...(['wasm', 'native'] as const).map((name) => [name, () => ours(name, base)] as const),
  ];
  let scanQps: number | undefined;
  for (const [target, open] of targets) {
    const line = measured(target, await open(), base, queries, bars, seconds, scanQps);
    scanQps ??= line.qps;
    emit(line);
    if (values['json'] !== true) log(`${target}: ${line.qps} queries/s, recall ${line.recall}, ${line.speedup} times the scan`);
  }
}

async function ours(name: CoreName, base: SparseRows): Promise<SparseSearch> {
  const missing = await coreRecipe(name).absent();
  if (missing !== undefined) throw new UsageError(missing);
  const core = await coreRecipe(name).create();
  const build = core.buildSparse();
  build.append(base);
  const index = core.openSparse(build.finish(new Uint8Array(32)));
  build.close();
  return (query, k) => {
    const { counts, rows } = index.search(query, k);
    return rows.subarray(0, counts[0]);
  };
}

/** The score of the last of the K true rows, by query: a hit with as much counts, so ties do. */
function barsOf(base: SparseRows, queries: SparseRows, truth: Int32Array, width: number): Float64Array {
  return Float64Array.from({ length: queries.indptr.length - 1 }, (_, q) => score(rowOf(queries, q), base, truth[q * width + K - 1] as number));
}

function score(query: SparseRows, { indptr, indices, values }: SparseRows, row: number): number {
  const weights = new Map(Array.from(query.indices, (index, i) => [index, query.values[i] as number]));
  let sum = 0;
  for (let i = indptr[row] as number; i < (indptr[row + 1] as number); i++) sum += (weights.get(indices[i] as number) ?? 0) * (values[i] as number);
  return sum;
}

function measured(target: string, search: SparseSearch, base: SparseRows, queries: SparseRows, bars: Float64Array, seconds: number, scanQps: number | undefined): SparseLine {
  const count = queries.indptr.length - 1;
  const asked = Array.from({ length: count }, (_, q) => rowOf(queries, q));
  let right = 0;
  asked.forEach((query, q) => {
    for (const row of search(query, K)) if (score(query, base, row) >= (bars[q] as number) * (1 - 1e-6)) right++;
  });
  const latenciesMs: number[] = [];
  const cpu = process.cpuUsage();
  const start = performance.now();
  for (let q = 0; performance.now() - start < seconds * 1000; q = (q + 1) % count) {
    const before = performance.now();
    search(asked[q] as SparseRows, K);
    latenciesMs.push(performance.now() - before);
  }
  const { user, system } = process.cpuUsage(cpu);
  const qps = rounded(latenciesMs.length / ((user + system) / 1e6));
  return { target, rows: base.indptr.length - 1, k: K, recall: rounded(right / (count * K)), qps, p50Ms: rounded(quantile(latenciesMs, 0.5)), speedup: rounded(qps / (scanQps ?? qps)) };
}
