// The talk between the harness and a target's process: one JSON object a line, a request on stdin, its answer on
// stdout, one at a time. An answer is `{ok: ...}` or `{error: text}`. Any line on stdout that does not start
// with "{" is chatter and goes to the log. Programs in other languages speak the same lines.

import type { Counts } from './counts.js';
import type { BenchMetric, Variant } from './target.js';

/** A raw little-endian file: f32 components, or packed bits when `d` counts bits (hamming, jaccard). */
export interface VectorFile {
  readonly path: string;
  readonly n: number;
  readonly d: number;
}

export type Request =
  | { readonly op: 'build'; readonly metric: BenchMetric; readonly k: number; readonly index: string; readonly base: VectorFile; readonly queries: VectorFile; readonly folder: string }
  | { readonly op: 'tune'; readonly variant: number; readonly knob: number | null }
  | { readonly op: 'run'; readonly variant: number; readonly knob: number | null; readonly secondsMin: number }
  | { readonly op: 'close' };

export interface BuildAnswer {
  readonly variants: readonly Variant[];
}

/** base64 of int32 little-endian, queries x k, best first; -1 where there are fewer than k. */
export interface TuneAnswer {
  readonly ids: string;
  /** Of one query, if the target counts. */
  readonly counts?: Counts;
  /** The mean recall that its answers said to expect, if they say so. */
  readonly promised?: number;
}

/** Whole passes over the query set, until `secondsMin` of wall time have gone by; at least one. */
export interface RunAnswer extends TuneAnswer {
  readonly passes: number;
  readonly wallS: number;
  readonly cpuS: number;
  /** Of single-query calls; null if the target has none. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

export function encodeIds(ids: Int32Array): string {
  return Buffer.from(ids.buffer, ids.byteOffset, ids.byteLength).toString('base64');
}

/** Throws unless there are exactly `count` of them. */
export function decodeIds(text: unknown, count: number): Int32Array {
  if (typeof text !== 'string') throw new Error(`answer: expected ids as base64, found ${typeof text}`);
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== count * 4) throw new Error(`answer: expected ${count} ids, found ${bytes.length / 4}`);
  const ids = new Int32Array(count);
  Buffer.from(ids.buffer).set(bytes);
  return ids;
}
