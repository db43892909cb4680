// Analyzer: from a text to its tokens, in time proportional to its length. An analyzer has no state that its answers depend
// on: the same parameters give the same terms for the same text, in every runtime.

import type { AnalyzerParams, FilterParams, PlainFilter, TokenizerParams } from './analyzer-params.js';
import { loadStemmer, loadStopWords } from './languages.js';
import { alphaNumOnly, asciiFolding, cnAlphaNumOnly, cnCharOnly, lowercase, removePunct } from './letters.js';
import { stemmerFilter } from './stemmer.js';
import type { TermFilter, Token, Tokenizer } from './token.js';
import { whitespaceTokenizer, wordTokenizer } from './tokenizer.js';
import { decompounder, stopFilter, synonyms } from './word-lists.js';

export interface Analyzer {
  /** In order of their places in the text. */
  analyze(text: string): readonly Token[];
}

/** Makes the analyzer that `params` describe, loading what languages it needs. */
export async function loadAnalyzer({ tokenizer, filters }: AnalyzerParams): Promise<Analyzer> {
  const tokenize = tokenizerOf(tokenizer);
  const chain = await Promise.all(filters.map(loadFilter));
  return { analyze: (text) => filtered(tokenize(text), chain) };
}

function tokenizerOf(params: TokenizerParams): Tokenizer {
  switch (params.type) {
    case 'standard':
      return wordTokenizer(params.uax29);
    case 'icu':
      return wordTokenizer(true);
    case 'jieba':
      return wordTokenizer(false);
    case 'whitespace':
      return whitespaceTokenizer;
  }
}

const PLAIN: Readonly<Record<PlainFilter, TermFilter>> = {
  lowercase,
  asciifolding: asciiFolding,
  alphanumonly: alphaNumOnly,
  cncharonly: cnCharOnly,
  cnalphanumonly: cnAlphaNumOnly,
  removepunct: removePunct,
};

async function loadFilter(params: FilterParams): Promise<TermFilter> {
  switch (params.type) {
    case 'length':
      return lengthFilter(params.min, params.max);
    case 'stop':
      return stopFilter((await Promise.all(params.stopWords.map(stopWordsOf))).flat());
    case 'decompounder':
      return decompounder(params.wordList);
    case 'stemmer':
      return stemmerFilter(await loadStemmer(params.language));
    case 'synonym':
      return synonyms(params.synonyms, params.expand);
    default:
      return PLAIN[params.type];
  }
}

/** The word, or the words of the language that it names. */
async function stopWordsOf(word: string): Promise<readonly string[]> {
  return /^_[a-z]+_$/.test(word) ? loadStopWords(word.slice(1, -1)) : [word];
}

/** Lengths in code points. */
function lengthFilter(min: number, max: number): TermFilter {
  return (term) => {
    const length = term.length <= max && term.length >= 2 * min ? term.length : [...term].length;
    return length >= min && length <= max ? term : undefined;
  };
}

function filtered(tokens: readonly Token[], chain: readonly TermFilter[]): readonly Token[] {
  if (chain.length === 0) return tokens;
  const left: Token[] = [];
  for (const token of tokens) pass(token, token.term, chain, 0, left);
  return left;
}

/** Sends the term through the filters from number `from` on; what comes out are tokens. */
function pass(token: Token, term: string, chain: readonly TermFilter[], from: number, left: Token[]): void {
  let now = term;
  for (let i = from; i < chain.length; i++) {
    const result = (chain[i] as TermFilter)(now);
    if (result === undefined || result === '') return;
    if (typeof result !== 'string') {
      for (const part of result) pass(token, part, chain, i + 1, left);
      return;
    }
    now = result;
  }
  left.push(now === token.term ? token : { ...token, term: now });
}
