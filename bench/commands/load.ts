// `load`: mixed reads and writes over gRPC by many connections, with or without the server being killed under them; what was
// acknowledged is read back. One line of JSON, or one table in Markdown.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { integer, parseFlags, text } from '../flags.js';
import { emit, log, rounded } from '../log.js';
import { missingBuild } from '../repository.js';
import { load as run, type LoadFigures } from '../server/load.js';
import type { Operation } from '../server/load-connection.js';
import { quantile } from '../statistics.js';
import { judged, storageTable, type StorageLine } from '../storage/line.js';
import { UsageError } from '../usage-error.js';

const USAGE = 'npm run -s load -- [--minutes 10 | --seconds N] [--connections 64] [--dim 32] [--rows 0] [--kills 0] [--seed S] [--json]';
const SAMPLE_SECONDS = 10;
const READY_MS_MAX = 2000;
const SLOPE_MAX = 1;

export async function load(argv: readonly string[]): Promise<void> {
  const values = parseFlags(argv, 'load', ['minutes', 'seconds', 'connections', 'dim', 'rows', 'kills', 'seed'], USAGE);
  const number = (name: string, usual: number, min: number, max: number): number => integer(`--${name}`, text(values[name], String(usual)), min, max);
  const missing = missingBuild('dist/cli.js', 'dist/elanus.node');
  if (missing !== undefined) throw new UsageError(missing);
  const seconds = number('seconds', number('minutes', 10, 1, 10_000) * 60, 1, 600_000);
  const task = { seconds, connections: number('connections', 64, 1, 10_000), dim: number('dim', 32, 2, 32_768), rows: number('rows', 0, 0, 100_000_000), kills: number('kills', 0, 0, 1000), seed: number('seed', Date.now() % 2 ** 31, 0, 2 ** 31) };
  log(`seed ${task.seed}`);
  const data = mkdtempSync(join(tmpdir(), 'elanus-load-'));
  const figures = await run({ ...task, data, sampleSeconds: Math.min(SAMPLE_SECONDS, seconds / 12), onNote: log });
  figures.examples.forEach((example) => log(example));
  const lost = figures.errors + figures.wrong > 0 || figures.rowsKept !== task.rows;
  if (lost) log(`kept: ${data}`);
  else rmSync(data, { recursive: true });
  if (lost) process.exitCode = 1;
  if (values['json'] === true) return emit({ ...task, ...figures, timesMs: latencies(figures) });
  const set = `${task.connections} connections, ${rounded(figures.seconds)} s, d = ${task.dim}${task.rows > 0 ? `, ${task.rows} rows before` : ''}`;
  process.stdout.write(`${storageTable(linesOf(figures, set, task.rows))}\n`);
}

function latencies({ timesMs }: LoadFigures): Readonly<Record<string, readonly [p50: number, p99: number]>> {
  return Object.fromEntries(Object.entries(timesMs).filter(([, times]) => times.length > 0).map(([name, times]) => [name, [rounded(quantile(times, 0.5)), rounded(quantile(times, 0.99))]]));
}

function linesOf(figures: LoadFigures, set: string, rows: number): readonly StorageLine[] {
  const { done, errors, wrong, readBack, rowsKept, readyMs, rssSlopePerHour, rssBytes, peakBytes, rowsWritten } = figures;
  const calls = Object.values(done).reduce((sum, count) => sum + count, 0);
  const kinds = Object.entries(latencies(figures)).map(([name, [p50, p99]]) => `${name} ${done[name as Operation]}, p50 ${p50} ms, p99 ${p99} ms`);
  const all = Object.values(figures.timesMs).flat();
  return [
    judged({ bar: 'calls that failed', set, unit: '', must: 0, better: 'less', measured: errors, note: `${calls} calls, ${rounded(calls / figures.seconds)} a second: ${kinds.join('; ')}` }),
    judged({ bar: 'acknowledged rows that were lost or wrong', set, unit: '', must: 0, better: 'less', measured: wrong + (rows - rowsKept), note: `${rowsWritten} row writes acknowledged, ${readBack} keys read back at the end` }),
    judged({ bar: 'latency of all calls, p99', set, unit: 'ms', better: 'less', measured: all.length === 0 ? null : quantile(all, 0.99) }),
    judged({ bar: "growth of the server's RSS, an hour, over the second half", set, unit: '%', ...(readyMs.length === 0 ? { must: SLOPE_MAX } : {}), better: 'less', measured: rssSlopePerHour * 100, note: `${rounded(rssBytes / 1e6)} MB at the end, at most ${rounded(peakBytes / 1e6)}` }),
    ...(readyMs.length === 0 ? [] : [judged({ bar: 'ready after kill -9', set, unit: 'ms', must: READY_MS_MAX, better: 'less', measured: Math.max(...readyMs), note: `${readyMs.length} kills` })]),
  ];
}
