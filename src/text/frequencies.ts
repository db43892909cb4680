// Frequencies: what BM25 knows of a text: how often each of its terms is in it, and how long it is.

import type { SparseRows } from '../ports/core.js';
import type { Analyzer } from './analyzer.js';
import { termHash } from './term-hash.js';

/** One text. Terms by their numbers, ascending; `frequencies` beside them. */
export interface TextVector {
  readonly terms: Uint32Array<ArrayBuffer>;
  readonly frequencies: Float32Array<ArrayBuffer>;
  /** Tokens of the text: the sum of the frequencies. */
  readonly length: number;
}

export function textVector(analyzer: Analyzer, text: string): TextVector {
  const counts = new Map<number, number>();
  const tokens = analyzer.analyze(text);
  for (const { term } of tokens) {
    const number = termHash(term);
    counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  const terms = Uint32Array.from(counts.keys()).sort();
  return { terms, frequencies: Float32Array.from(terms, (term) => counts.get(term) as number), length: tokens.length };
}

export interface TextRows extends SparseRows {
  /** Of each row's text, in tokens. */
  readonly lengths: Uint32Array<ArrayBuffer>;
}

/** As `SparseBuild.append` takes them. */
export function textRows(vectors: readonly TextVector[]): TextRows {
  const indptr = new Uint32Array(vectors.length + 1);
  vectors.forEach(({ terms }, i) => (indptr[i + 1] = (indptr[i] as number) + terms.length));
  const count = indptr[vectors.length] as number;
  const [indices, values] = [new Uint32Array(count), new Float32Array(count)];
  vectors.forEach(({ terms, frequencies }, i) => {
    indices.set(terms, indptr[i]);
    values.set(frequencies, indptr[i]);
  });
  return { indptr, indices, values, lengths: Uint32Array.from(vectors, ({ length }) => length) };
}
