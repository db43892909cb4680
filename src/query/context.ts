// EvaluationContext: what the evaluator of filters is handed beside the columns.

import type { ColumnIndexes } from './column-indexes.js';

/** A term of a text as an analyzer gives it; terms of one position stand for each other. */
export interface Term {
  readonly term: string;
  readonly position: number;
}

/** The terms of `text` by the analyzer of that VarChar field, in order of their positions. */
export type Analyze = (field: string, text: string) => readonly Term[];

export interface EvaluationContext {
  /** Of the same rows as the columns. */
  readonly indexes?: ColumnIndexes | undefined;
  /** Needed by TEXT_MATCH and PHRASE_MATCH. */
  readonly analyze?: Analyze | undefined;
}
