// Search lines: what the searches of a page found while its copy came, held against the truth.

import { rounded } from '../log.js';
import { judged, type StorageLine } from '../storage/line.js';
import type { Vectors } from '../target.js';
import { truthFromData } from '../truth.js';
import type { PageAnswer, PageSynced } from './in-page.js';

export const K = 10;
/** What a search must find, or say that it finds, to count as useful. */
const USEFUL = 0.9;
const USEFUL_MS_MAX = 2000;
/** How far what answers say may be from what they find, on average. */
const SAID_OFF_MAX = 0.05;
const PLANES = ['bits', 'bits+4', 'vectors', 'all'] as const;

export interface JudgedAnswer extends PageAnswer {
  /** Recall against the truth. */
  readonly found: number;
}

/** Every answer, held against the truth. */
export function judgedAnswers<A extends { readonly query: number; readonly ids: readonly number[] }>(answers: readonly A[], base: Vectors, asked: Vectors): readonly (A & { readonly found: number })[] {
  const truths = Array.from({ length: asked.n }, (_, q) => truthFromData('cosine', { n: 1, d: asked.d, values: asked.values.slice(q * asked.d, (q + 1) * asked.d) }, base, K));
  return answers.map((answer) => ({ ...answer, found: truths[answer.query]?.recall(Int32Array.from({ length: K }, (_, at) => answer.ids[at] ?? -1)) ?? 0 }));
}

/** The first that found enough, or says so. */
export function usefulAnswer(answers: readonly JudgedAnswer[]): JudgedAnswer | undefined {
  return answers.find((answer) => Math.max(answer.found, answer.recall) >= USEFUL);
}

export function searchLines({ searchableMs, wholeMs }: PageSynced, set: string, found: readonly JudgedAnswer[]): readonly StorageLine[] {
  const useful = usefulAnswer(found);
  const lines: StorageLine[] = [
    judged({
      bar: 'first useful search after a sync began', set, unit: 'ms', must: USEFUL_MS_MAX, better: 'less', measured: useful === undefined ? null : rounded(useful.endedMs),
      note: useful === undefined ? 'none was useful' : `found ${useful.found}, said ${rounded(useful.recall)}, of ${useful.planes ?? 'all'}; asked at ${rounded(useful.beganMs)} ms, could be asked at ${rounded(searchableMs)} ms, whole after ${rounded(wholeMs)} ms`,
    }),
  ];
  for (const planes of PLANES) {
    const of = found.filter((answer) => (answer.planes ?? 'all') === planes);
    if (of.length === 0) continue;
    const mean = (value: (answer: JudgedAnswer) => number): number => rounded(of.reduce((sum, answer) => sum + value(answer), 0) / of.length);
    const [recall, said] = [mean((answer) => answer.found), mean((answer) => answer.recall)];
    const tookMs = of.map(({ beganMs, endedMs }) => endedMs - beganMs).sort((a, b) => a - b);
    const line: StorageLine = {
      bar: `recall@10 said less found, of ${planes}`, set, unit: '', better: 'less', measured: rounded(Math.abs(recall - said)),
      note: `${of.length} searches from ${rounded(of[0]?.beganMs ?? 0)} ms on: found ${recall}, said ${said}, ${rounded(tookMs[tookMs.length >> 1] ?? 0)} ms each (median), ${rounded(tookMs.at(-1) ?? 0)} at most`,
    };
    // What a copy that is whole says is calibrated, and told here to compare.
    lines.push(planes === 'all' ? line : judged({ ...line, must: SAID_OFF_MAX }));
  }
  return lines;
}
