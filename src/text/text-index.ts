// Text index: full text search over a collection, as far as texts alone decide it. A segment has its texts either in a
// SparseIndex of frequencies (sealed) or in TextPostings (growing): both are TextIndexes, score alike to the bit, and count
// the rows that have a term. A search of a collection
//
//   1. makes the query's TextVector by the analyzer of the field,
//   2. asks the segments for counts of live rows (`textQueries`), so that IDF and average length are those of the whole
//      collection and follow every write and every deletion at once,
//   3. searches each segment by the TextQueries, with the rows that match the filter; the scores of all segments compare.
//
// A growing segment appends `textVector(analyzer, text)` of each row, one without terms for null; sealing appends
// `textRows` of the same vectors to `core.buildSparse('frequencies')`.

import type { Bitset } from '../model/bitset.js';
import type { Bm25Scoring, Candidates, ScoreRange, SparseOptions, SparseRows, SparseTotals } from '../ports/core.js';
import { addTotals, averageLength, inverseDocumentFrequency, type Bm25Params } from './bm25.js';
import { textRows, type TextVector } from './frequencies.js';

export interface TextIndex {
  /** Rows. */
  readonly size: number;
  having(terms: Uint32Array, alive?: Bitset): Uint32Array;
  totals(alive?: Bitset): SparseTotals;
  search(queries: SparseRows, k: number, options?: SparseOptions, alive?: Bitset, range?: ScoreRange): Candidates;
}

/** One segment's texts. Rows are appended and deleted, never changed and never revived. */
export interface TextSegment {
  readonly index: TextIndex;
  /** The rows that are not deleted; undefined if none is. */
  readonly alive: Bitset | undefined;
  /** How many are. */
  readonly deleted: number;
}

/** Queries as segments search for them. */
export interface TextQueries {
  readonly rows: SparseRows;
  readonly bm25: Bm25Scoring;
}

/** Weighs the terms of `queries` by the statistics of all `segments`: a term's weight is its IDF times its count in the query. */
export function textQueries(queries: readonly TextVector[], segments: readonly TextSegment[], params: Bm25Params): TextQueries {
  const counted = new CountedTexts(queries);
  for (const segment of segments) counted.add(segment);
  return counted.queries(params);
}

/** The same where segments come one by one. */
export class CountedTexts {
  readonly #queries: readonly TextVector[];
  readonly #terms: Uint32Array;
  readonly #having: Uint32Array;
  #totals: SparseTotals = { rows: 0, lengthTotal: 0 };

  constructor(queries: readonly TextVector[]) {
    this.#queries = queries;
    this.#terms = distinct(queries);
    this.#having = new Uint32Array(this.#terms.length);
  }

  add(segment: TextSegment): void {
    const counts = segment.index.having(this.#terms, segment.alive);
    counts.forEach((count, i) => (this.#having[i] = (this.#having[i] as number) + count));
    this.#totals = addTotals([this.#totals, totalsOf(segment)]);
  }

  /** As far as segments were added. */
  queries(params: Bm25Params): TextQueries {
    const idf = new Map(Array.from(this.#terms, (term, i) => [term, inverseDocumentFrequency(this.#totals.rows, this.#having[i] as number)]));
    const { lengths: _, ...rows } = textRows(this.#queries.map((query) => ({ ...query, frequencies: query.frequencies.map((frequency, i) => frequency * (idf.get(query.terms[i] as number) as number)) })));
    return { rows, bm25: { ...params, averageLength: averageLength(this.#totals) } };
  }
}

function distinct(queries: readonly TextVector[]): Uint32Array {
  const [first] = queries;
  return queries.length === 1 && first !== undefined ? first.terms : Uint32Array.from(new Set(queries.flatMap(({ terms }) => [...terms]))).sort();
}

interface KeptTotals {
  readonly size: number;
  readonly deleted: number;
  readonly totals: SparseTotals;
}

const kept = new WeakMap<TextIndex, KeptTotals>();

/** Counting takes a pass over the rows: it is done again only when there are more of them, or fewer alive. */
function totalsOf({ index, alive, deleted }: TextSegment): SparseTotals {
  const before = kept.get(index);
  if (before?.size === index.size && before.deleted === deleted) return before.totals;
  const totals = index.totals(alive);
  kept.set(index, { size: index.size, deleted, totals });
  return totals;
}
