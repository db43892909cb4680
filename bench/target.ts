// Target: one thing that is measured, ours or a peer's. Each lives in bench/targets/<name>.ts, exports `target`,
// and runs in a process of its own, so that memory, threads and CPU time are its alone. Adding a target is adding
// a file. What a target file imports at its top must load without the peer installed; `open` may import the rest.

import type { Counts } from './counts.js';

export const BENCH_METRICS = ['l2', 'ip', 'cosine', 'hamming', 'jaccard'] as const;
export type BenchMetric = (typeof BENCH_METRICS)[number];

/** Row-major vectors. Bit vectors: `values` are bytes and `d` counts bits; else `d` counts components. */
export interface Vectors {
  readonly n: number;
  readonly d: number;
  readonly values: Float32Array | Uint8Array;
}

export interface Task {
  readonly metric: BenchMetric;
  readonly k: number;
  /** The index asked for, in our own names. Peers have one of their own. */
  readonly index: string;
  readonly base: Vectors;
  readonly queries: Vectors;
  /** A folder for files, removed at the end. */
  readonly folder: string;
}

/** The one parameter by which recall is bought. Recall is taken to grow with it. */
export interface Knob {
  readonly name: string;
  readonly min: number;
  readonly max: number;
}

export type Params = Readonly<Record<string, string | number | boolean>>;

export interface Build {
  readonly buildS: number;
  readonly fileBytes: number | null;
  readonly ramBytes: number | null;
}

/** What a target's process tells about one index it has built. */
export interface Variant extends Build {
  readonly index: string;
  readonly params: Params;
  readonly knob?: Knob;
}

/** One index, ready to be asked. Of several, the harness keeps the fastest at the asked recall. */
export interface Searcher extends Variant {
  /** Turns the knob. */
  set?(value: number): void | Promise<void>;
  /** The timed call: the `k` best of query number `query`, as the target's user would ask for them. */
  search(query: number): unknown;
  /** Row numbers of an answer, best first, outside the timing. */
  ids(answer: unknown): ArrayLike<number>;
  /** What its searches cost so far, in sums; asked outside the timing. */
  counts?(): Counts;
  /** The recall that an answer says to expect. */
  promised?(answer: unknown): number;
}

interface TargetBase {
  /** Ours; else a peer. */
  readonly own: boolean;
  readonly metrics: readonly BenchMetric[];
  /** Sees to what the target needs, in the harness's process; resolves to why it is absent, or to nothing. */
  prepare(): Promise<string | undefined>;
}

/** Driven by bench/driver.ts in a Node process. */
export interface NodeTarget extends TargetBase {
  open(task: Task): Promise<readonly Searcher[]>;
}

/** A program that speaks the protocol itself. */
export interface ProgramTarget extends TargetBase {
  /** What starts it; asked after `prepare`. */
  command(): readonly [string, ...string[]];
}

export type Target = NodeTarget | ProgramTarget;
