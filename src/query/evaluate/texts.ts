// Texts: like and regular expressions, and the terms that TEXT_MATCH and PHRASE_MATCH look for.

import { ElanusError } from '../../model/errors.js';
import { LIMITS } from '../../model/limits.js';
import type { CheckedFilter, Value } from '../checked.js';
import type { IndexQuestion } from '../column-indexes.js';
import { textColumn } from '../column.js';
import type { Analyze } from '../context.js';
import type { Evaluation } from './context.js';
import { ask, askJson } from './indexes.js';
import { phraseMatches } from './phrase.js';
import { valueAt } from './series.js';
import { seriesOf } from './series-of.js';
import { bothKnown, rowsWhere, truthWhere, whereKnown, type Truth } from './truth.js';

/** Rows whose texts are analyzed without asking an index. */
const FEW_ROWS = 64;

/** Unknown where there is no text. */
export function textTruth(operand: Value, test: (text: string) => boolean, question: IndexQuestion | undefined, evaluation: Evaluation): Truth {
  if (operand.kind === 'column') return columnTruth(operand.field, test, question, evaluation);
  const answered = question && askJson(operand, () => question, evaluation);
  if (answered !== undefined) return answered;
  const series = seriesOf(operand, evaluation);
  return truthWhere(evaluation.rows, evaluation.among, (row) => {
    const text = valueAt(series, row);
    return typeof text === 'string' ? test(text) : undefined;
  });
}

function columnTruth(field: string, test: (text: string) => boolean, question: IndexQuestion | undefined, evaluation: Evaluation): Truth {
  const { columns, rows, among } = evaluation;
  const texts = textColumn(columns, field);
  const valid = columns.byName.get(field)?.valid;
  const answer = question === undefined ? undefined : ask(field, [], question, evaluation);
  const yes = answer !== undefined && answer.exact !== false ? answer.rows : rowsWhere(rows, bothKnown(bothKnown(answer?.rows, among, evaluation), valid, evaluation), (row) => test(texts[row] as string));
  return whereKnown(yes, valid, evaluation);
}

export function textMatchTruth({ field, query, minimum }: Extract<CheckedFilter, { readonly kind: 'textMatch' }>, evaluation: Evaluation): Truth {
  const analyze = analyzerOf(field, evaluation);
  const wanted = new Set(analyze(field, query).map(({ term }) => term));
  const test = (text: string): boolean => {
    const found = new Set<string>();
    for (const { term } of analyze(field, text)) if (wanted.has(term)) found.add(term);
    return found.size >= minimum;
  };
  return columnTruth(field, test, unlessFew(evaluation, { kind: 'terms', terms: [...wanted], minimum }), evaluation);
}

export function phraseMatchTruth({ field, query, slop }: Extract<CheckedFilter, { readonly kind: 'phraseMatch' }>, evaluation: Evaluation): Truth {
  const analyze = analyzerOf(field, evaluation);
  const terms = analyze(field, query);
  if (terms.length > LIMITS.phraseTermsMax) throw new ElanusError('InvalidFilter', `phrase_match: expected at most ${LIMITS.phraseTermsMax} terms, found ${terms.length}`);
  return columnTruth(field, (text) => phraseMatches(terms, analyze(field, text), slop), unlessFew(evaluation, { kind: 'phrase', terms, slop }), evaluation);
}

/** Few texts are analyzed as fast as lists of frequent terms are gone through, and need no index to be made. */
function unlessFew({ among, predicates }: Evaluation, question: IndexQuestion): IndexQuestion | undefined {
  return among !== undefined && predicates.count(among) <= FEW_ROWS ? undefined : question;
}

function analyzerOf(field: string, { analyze }: Evaluation): Analyze {
  if (analyze === undefined) throw new ElanusError('Unsupported', `${field}: has no analyzer here, which TEXT_MATCH and PHRASE_MATCH take`);
  return analyze;
}
