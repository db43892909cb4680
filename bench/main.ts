// `npm run bench`: stdout carries JSON lines and nothing else; everything for the eye goes to stderr.
// Exit code 0: a valid run, even if targets are absent; 2: the caller can mend it; 1: a fault of the harness.

import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readArgs, type Args } from './args.js';
import { runContest } from './contest.js';
import { readBytes, readFloats, readInts } from './data.js';
import { isBinary } from './distance.js';
import type { VectorFile } from './protocol.js';
import { loadTarget, targetNames } from './registry.js';
import { ratioLines, table, targetLine } from './report.js';
import type { BenchMetric, Vectors } from './target.js';
import { lastCore } from './target-process.js';
import { truthFromData, truthFromFile, type Truth } from './truth.js';
import { UsageError } from './usage-error.js';

// What a target's module prints while it loads is no result.
console.log = console.info = console.debug = console.error;
process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  log(error.message);
  process.exitCode = 2;
}

function log(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}

async function main(argv: readonly string[]): Promise<void> {
  const args = readArgs(argv, targetNames());
  const { base, queries, truth } = await readData(args);
  const core = lastCore();
  log(`${base.n} x ${base.d}, ${queries.n} queries, ${args.metric}, k ${args.k}, recall ${args.recall}; ${core === undefined ? 'no taskset: cores are not pinned' : `every target on core ${core}`}`);
  const targets = await Promise.all(args.targets.map(loadTarget));
  const folder = await mkdtemp(join(tmpdir(), 'elanus-bench-'));
  // At exit, so that an interrupted run leaves nothing behind either.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const build = { metric: args.metric, k: args.k, index: args.index, base: await store(base, join(folder, 'base')), queries: await store(queries, join(folder, 'queries')), folder };
  const outcomes = await runContest(targets, { build, queryCount: queries.n, recall: args.recall, truth, log });
  const lines = outcomes.map((outcome) => targetLine(outcome, { n: base.n, d: base.d, k: args.k, recall: args.recall }));
  const ratios = ratioLines(outcomes);
  for (const line of [...lines, ...ratios]) process.stdout.write(`${JSON.stringify(line)}\n`);
  if (!args.json) process.stderr.write(`${table(lines, ratios)}\n`);
}

async function readData(args: Args): Promise<{ readonly base: Vectors; readonly queries: Vectors; readonly truth: Truth }> {
  const base = await readVectors(args.base, args.metric, args.rows);
  const queries = await readVectors(args.query, args.metric);
  if (queries.d !== base.d) throw new UsageError(`${args.query}: expected the dimension ${base.d} of ${args.base}, found ${queries.d}`);
  if (args.rows !== undefined && base.n < args.rows) throw new UsageError(`${args.base}: expected at least the ${args.rows} rows of --rows, found ${base.n}`);
  const gt = await readInts(args.gt);
  if (args.rows === undefined) return { base, queries, truth: truthFromFile(args.gt, gt, args.metric, queries, base, args.k) };
  log(`--rows ${args.rows}: ${args.gt} need not hold for a part of the base; computing the ground truth exactly`);
  return { base, queries, truth: truthFromData(args.metric, queries, base, args.k) };
}

async function readVectors(path: string, metric: BenchMetric, rows?: number): Promise<Vectors> {
  if (!isBinary(metric)) return readFloats(path, rows);
  const { n, d, values } = await readBytes(path, rows);
  return { n, d: d * 8, values };
}

async function store({ n, d, values }: Vectors, path: string): Promise<VectorFile> {
  await writeFile(path, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return { path, n, d };
}
