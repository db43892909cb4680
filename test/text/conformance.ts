// Conformance of analyzers: the same texts must give the same terms at the same places in every runtime. Kept are two
// numbers of all tokens, by analyzer and group of texts; what differs between runtimes is only who computes them.

import { loadAnalyzer } from '../../src/text/analyzer.js';
import { checkAnalyzerParams } from '../../src/text/analyzer-params.js';
import { STEMMER_LANGUAGES, STOP_WORD_LANGUAGES } from '../../src/text/languages.js';
import { termHash } from '../../src/text/term-hash.js';
import { OWN_TEXTS } from './own-texts.js';

export const CONFORMANCE_ANALYZERS: Readonly<Record<string, unknown>> = {
  standard: {},
  english: { type: 'english' },
  chinese: { type: 'chinese' },
  icu: { tokenizer: 'icu', filter: ['lowercase', 'asciifolding'] },
  whitespace: { tokenizer: 'whitespace', filter: ['lowercase', 'removepunct', { type: 'length', max: 40 }] },
};

/** Texts by group: the languages of a collection. */
export type Groups = Readonly<Record<string, readonly string[]>>;
/** By analyzer and group. */
export type TermSums = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What is always there: our own texts by all analyzers, and by the stemmer and stop words of every language. */
export async function ownSums(): Promise<TermSums> {
  const own = { own: OWN_TEXTS };
  const languages = [...new Set([...STEMMER_LANGUAGES, ...STOP_WORD_LANGUAGES])];
  const chains = languages.map((language) => [language, { tokenizer: 'standard', filter: ['lowercase', ...filtersOf(language)] }] as const);
  return { ...(await termSums(own, CONFORMANCE_ANALYZERS)), ...(await termSums(own, Object.fromEntries(chains))) };
}

function filtersOf(language: string): readonly object[] {
  const stop = STOP_WORD_LANGUAGES.includes(language) ? [{ type: 'stop', stop_words: [`_${language}_`] }] : [];
  return STEMMER_LANGUAGES.includes(language) ? [...stop, { type: 'stemmer', language }] : stop;
}

export async function termSums(groups: Groups, analyzers = CONFORMANCE_ANALYZERS): Promise<TermSums> {
  const sums: Record<string, Record<string, string>> = {};
  for (const [name, params] of Object.entries(analyzers)) {
    const analyzer = await loadAnalyzer(checkAnalyzerParams(params));
    const byGroup: Record<string, string> = {};
    for (const [group, texts] of Object.entries(groups)) byGroup[group] = sumOf(texts.map((text) => analyzer.analyze(text).map(({ term, start, end, position }) => `${term}\t${start}\t${end}\t${position}\n`).join('')).join('\r'));
    sums[name] = byGroup;
  }
  return sums;
}

/** 64 bits of it. */
function sumOf(text: string): string {
  return termHash(text).toString(16).padStart(8, '0') + termHash(`${text}.`).toString(16).padStart(8, '0');
}

/** The texts of a JSON Lines file by their language. */
export function groupsOf(lines: string): Groups {
  const groups: Record<string, string[]> = {};
  for (const line of lines.split('\n')) {
    if (line === '') continue;
    const { lang, text } = JSON.parse(line) as { readonly lang: string; readonly text: string };
    (groups[lang] ??= []).push(text);
  }
  return groups;
}
