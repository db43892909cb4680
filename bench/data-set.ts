// DataSet: the vectors and the truth that a command works on, checked against each other, and a folder where the
// processes of targets find them as raw files.

import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataArgs } from './args.js';
import { readBytes, readFloats, readInts } from './data.js';
import { isBinary } from './distance.js';
import { log } from './log.js';
import type { VectorFile } from './protocol.js';
import type { BenchMetric, Vectors } from './target.js';
import { truthFromData, truthFromFile, type Truth } from './truth.js';
import { UsageError } from './usage-error.js';

export interface DataSet {
  readonly base: Vectors;
  readonly queries: Vectors;
  readonly truth: Truth;
}

/** Errors: `UsageError`. */
export async function readDataSet(args: DataArgs): Promise<DataSet> {
  const { base, queries } = await readBaseAndQueries(args);
  const gt = await readInts(args.gt);
  if (args.rows === undefined) return { base, queries, truth: truthFromFile(args.gt, gt, args.metric, queries, base, args.k) };
  log(`--rows ${args.rows}: ${args.gt} need not hold for a part of the base; computing the ground truth exactly`);
  return { base, queries, truth: truthFromData(args.metric, queries, base, args.k) };
}

/** Errors: `UsageError`. */
export async function readBaseAndQueries(args: Omit<DataArgs, 'gt' | 'k'>): Promise<{ readonly base: Vectors; readonly queries: Vectors }> {
  const base = await readVectors(args.base, args.metric, args.rows);
  const queries = await readVectors(args.query, args.metric);
  if (queries.d !== base.d) throw new UsageError(`${args.query}: expected the dimension ${base.d} of ${args.base}, found ${queries.d}`);
  if (args.rows !== undefined && base.n < args.rows) throw new UsageError(`${args.base}: expected at least the ${args.rows} rows of --rows, found ${base.n}`);
  return { base, queries };
}

async function readVectors(path: string, metric: BenchMetric, rows?: number): Promise<Vectors> {
  if (!isBinary(metric)) return readFloats(path, rows);
  const { n, d, values } = await readBytes(path, rows);
  return { n, d: d * 8, values };
}

/** The raw files, in a folder that is gone when this process is. */
export interface Workplace {
  readonly folder: string;
  readonly base: VectorFile;
  readonly queries: VectorFile;
}

export async function openWorkplace(base: Vectors, queries: Vectors): Promise<Workplace> {
  const folder = await mkdtemp(join(tmpdir(), 'elanus-bench-'));
  // At exit, so that an interrupted run leaves nothing behind either.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return { folder, base: await store(base, join(folder, 'base')), queries: await store(queries, join(folder, 'queries')) };
}

async function store({ n, d, values }: Vectors, path: string): Promise<VectorFile> {
  await writeFile(path, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return { path, n, d };
}
