// Measure: what this browser does on this device, over pictures that the collection has never seen: queries a second one
// after the other, their times, and the recall against exact search in the same collection.

import type { Collection, Database } from 'elanus';
import { SIDE } from './pictures.js';

export interface Measured {
  readonly at: string;
  readonly browser: string;
  readonly device: { readonly processors: number; readonly memoryGB: number | undefined };
  readonly core: string;
  readonly storage: string;
  /** From the start of loading the page until notes could be searched. */
  readonly loadMs: number;
  readonly pictures: { readonly rows: number; readonly dim: number; readonly k: number; readonly queries: number; readonly recallAsked: number; readonly recall: number; readonly qps: number; readonly p50Ms: number; readonly p99Ms: number; readonly exactQps: number };
}

const K = 10;
const RECALL = 0.95;
const QUERIES_MAX = 100;
const ROUNDS = 3;
const DIM = SIDE * SIDE;

export interface MeasureOptions {
  readonly loadMs: number;
  readonly signal: AbortSignal;
  /** Part that is done. */
  readonly onProgress: (part: number) => void;
}

export async function measure(db: Database, pictures: Collection, { loadMs, signal, onProgress }: MeasureOptions): Promise<Measured> {
  const queries = await fetchQueries();
  const steps = queries.length * (ROUNDS + 1);
  let done = 0;
  const run = async (recall: number): Promise<Run> => {
    const answered = await answers(pictures, queries, recall, signal);
    onProgress((done += queries.length) / steps);
    return answered;
  };
  const exact = await run(1);
  const runs: Run[] = [];
  for (let round = 0; round < ROUNDS; round++) runs.push(await run(RECALL));
  const times = runs.flatMap(({ timesMs }) => timesMs).sort((a, b) => a - b);
  const { storage, core, kernels } = await db.health();
  return {
    at: new Date().toISOString(),
    browser: navigator.userAgent,
    device: { processors: navigator.hardwareConcurrency, memoryGB: (navigator as { readonly deviceMemory?: number }).deviceMemory },
    core: `${core} ${kernels}`,
    storage,
    loadMs: Math.round(loadMs),
    pictures: {
      rows: await pictures.count(), dim: DIM, k: K, queries: queries.length, recallAsked: RECALL,
      recall: round(recallOf(runs[0] as Run, exact), 4),
      qps: round(1000 / mean(times), 1), p50Ms: round(quantile(times, 0.5), 2), p99Ms: round(quantile(times, 0.99), 2),
      exactQps: round(1000 / mean(exact.timesMs), 1),
    },
  };
}

interface Run {
  readonly scores: readonly (readonly number[])[];
  readonly timesMs: readonly number[];
}

async function answers(pictures: Collection, queries: readonly Float32Array[], recall: number, signal: AbortSignal): Promise<Run> {
  const scores: number[][] = [];
  const timesMs: number[] = [];
  for (const data of queries) {
    signal.throwIfAborted();
    const begunMs = performance.now();
    const { hits } = await pictures.search({ data, limit: K, recall });
    timesMs.push(performance.now() - begunMs);
    scores.push(hits.map(({ score }) => score));
  }
  return { scores, timesMs };
}

/** By distance: of equally distant pictures any is right. */
function recallOf(run: Run, exact: Run): number {
  const right = run.scores.map((scores, at) => scores.filter((score) => score <= (exact.scores[at]?.at(-1) ?? 0)).length);
  return right.reduce((sum, count) => sum + count, 0) / exact.scores.reduce((sum, scores) => sum + scores.length, 0);
}

/** Of each an int32 with the number of bytes, then those. */
async function fetchQueries(): Promise<readonly Float32Array[]> {
  const response = await fetch(new URL('../../data/fashion-mnist.query.bvecs.gz', import.meta.url));
  if (!response.ok || response.body === null) throw new Error(`the pictures to measure with: HTTP ${response.status}`);
  const bytes = new Uint8Array(await new Response(response.body.pipeThrough(new DecompressionStream('gzip'))).arrayBuffer());
  const count = Math.min(QUERIES_MAX, Math.floor(bytes.length / (4 + DIM)));
  return Array.from({ length: count }, (_, at) => Float32Array.from(bytes.subarray(at * (4 + DIM) + 4, (at + 1) * (4 + DIM))));
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const quantile = (sorted: readonly number[], part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
const round = (value: number, digits: number): number => Number(value.toFixed(digits));
