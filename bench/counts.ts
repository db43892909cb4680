// Counts: what searches cost in things that no neighbour of the machine can disturb, beside every timing of ours.

import type { SearchCost } from '../src/ports/core.js';

/** Of one query, on average; or sums over many. */
export interface Counts {
  /** Rows whose neighbours were read. */
  readonly hops: number;
  /** 4-bit codes read. */
  readonly codes4: number;
  /** 1-bit codes read. */
  readonly codes1: number;
  readonly lists: number;
  /** Full vectors read. */
  readonly vectors: number;
  /** Bytes of all of these. */
  readonly bytes: number;
}

/** Bytes of one of each. */
export interface UnitBytes {
  readonly hop: number;
  readonly code4: number;
  readonly code1: number;
  readonly vector: number;
}

const CODE_BLOCK = 32;
const FACTORS = 8;

/**
 * As `docs/format.md` lays codes out: 4 bits a padded dimension and 8 bytes of factors; 1 bit and base, row and scale.
 * `graphBytes` is what the graph takes for a row, neighbours and all.
 */
export function unitBytes(d: number, graphBytes: number): UnitBytes {
  const padded = Math.ceil(d / CODE_BLOCK) * CODE_BLOCK;
  return { hop: graphBytes, code4: padded / 2 + FACTORS, code1: padded / 8 + 4 + 4 + 2, vector: d * 4 };
}

/** A query answered by looking at every row reads `rows` vectors. */
export function countsOf({ hops, scored, scanned, lists, reranked, scans }: SearchCost, unit: UnitBytes, rows: number): Counts {
  const vectors = reranked + scans * rows;
  return { hops, codes4: scored, codes1: scanned, lists, vectors, bytes: hops * unit.hop + scored * unit.code4 + scanned * unit.code1 + vectors * unit.vector };
}

/** What lies between two sums, of one of `queries`, to a tenth. */
export function perQuery(before: Counts, after: Counts, queries: number): Counts {
  const each = (key: keyof Counts): number => Math.round(((after[key] - before[key]) / queries) * 10) / 10;
  return { hops: each('hops'), codes4: each('codes4'), codes1: each('codes1'), lists: each('lists'), vectors: each('vectors'), bytes: Math.round(each('bytes')) };
}
