// Language: which analyzer suits the texts of a collection, told by the words that say nothing in them: the language whose stop
// words are the largest share of all words, if any is in use. One for all texts, as queries are too short to tell.

import { loadAnalyzer } from '../../src/text/analyzer.js';
import { checkAnalyzerParams } from '../../src/text/analyzer-params.js';
import { loadStopWords, STEMMER_LANGUAGES, STOP_WORD_LANGUAGES } from '../../src/text/languages.js';

const TEXTS_MAX = 500;
/** Of all words; a text of an unknown language has fewer that happen to be in a list. */
const SHARE_MIN = 0.15;

/** Parameters of the analyzer: words of the language stemmed, its stop words left out; the standard one if it is not known. */
export async function analyzerFor(texts: readonly string[]): Promise<{ readonly language: string | undefined; readonly params: unknown }> {
  const language = await languageOf(texts);
  if (language === undefined) return { language, params: {} };
  if (language === 'english') return { language, params: { type: 'english' } };
  return { language, params: { tokenizer: 'standard', filter: ['lowercase', { type: 'stop', stop_words: [`_${language}_`] }, { type: 'stemmer', language }] } };
}

export async function languageOf(texts: readonly string[]): Promise<string | undefined> {
  const analyzer = await loadAnalyzer(checkAnalyzerParams({}));
  const counts = new Map<string, number>();
  let total = 0;
  const step = Math.max(1, Math.floor(texts.length / TEXTS_MAX));
  for (let i = 0; i < texts.length; i += step) {
    for (const { term } of analyzer.analyze(texts[i] as string)) {
      counts.set(term, (counts.get(term) ?? 0) + 1);
      total++;
    }
  }
  let best: { readonly language: string; readonly share: number } | undefined;
  for (const language of STEMMER_LANGUAGES.filter((name) => STOP_WORD_LANGUAGES.includes(name))) {
    const words = new Set(await loadStopWords(language));
    const share = [...words].reduce((sum, word) => sum + (counts.get(word) ?? 0), 0) / Math.max(total, 1);
    if (share >= SHARE_MIN && share > (best?.share ?? 0)) best = { language, share };
  }
  return best?.language;
}
