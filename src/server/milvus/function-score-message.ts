// FunctionScore as a request has it: functions that give new scores, and how theirs become one.

import type { KeyValues } from './key-values.js';

export interface ScoreFunction {
  readonly name: string;
  /** Number of Milvus' FunctionType. */
  readonly type: number;
  readonly inputFieldNames: readonly string[];
  readonly params: KeyValues;
}

export interface FunctionScore {
  readonly functions: readonly ScoreFunction[];
  readonly params: KeyValues;
}
