// Analyzer: which one is meant, and what it gives.

import type { AnalyzerParamsInput } from '../../model/field.js';

/** One that is described, as `analyzerParams` of a field (standard if there are none), or that of a field. */
export type AnalyzerChoice = { readonly analyzerParams?: AnalyzerParamsInput } | { readonly collection: string; readonly field: string };

export interface AnalyzerToken {
  readonly token: string;
  /** Where it is in the text, in UTF-16 units: start inclusive, end exclusive. */
  readonly startOffset: number;
  readonly endOffset: number;
  /** Tokens that stand for the same word share one. */
  readonly position: number;
  /** The number that indexes have for it. */
  readonly hash: number;
}
