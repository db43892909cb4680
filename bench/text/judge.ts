// Judging ranked answers: nDCG@10 with the gain of trec_eval (the grade itself), and the share of queries whose first hit
// is relevant. A query without an answer counts as 0.

import type { Judgements } from './collection.js';

const CUT = 10;

export interface Quality {
  readonly ndcg10: number;
  readonly recall1: number;
}

/** `answers`: documents by query, best first. Every query that was judged counts. */
export function judge(answers: ReadonlyMap<string, readonly string[]>, judgements: Judgements): Quality {
  let [ndcg, first] = [0, 0];
  for (const [query, grades] of judgements) {
    const found = answers.get(query) ?? [];
    const ideal = gain([...grades.values()].sort((a, b) => b - a));
    ndcg += gain(found.map((document) => grades.get(document) ?? 0)) / ideal;
    if (grades.has(found[0] ?? '')) first++;
  }
  return { ndcg10: ndcg / judgements.size, recall1: first / judgements.size };
}

function gain(grades: readonly number[]): number {
  return grades.slice(0, CUT).reduce((sum, grade, rank) => sum + grade / Math.log2(rank + 2), 0);
}
