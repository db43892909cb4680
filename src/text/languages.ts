// Languages: stemmers and stop words by the names that Milvus has for them. Each is a module of its own that is loaded when
// an analyzer first needs it, so that a page carries none that it does not use.

import { ElanusError } from '../model/errors.js';
import { stemEnglish } from './english-stemmer.js';

export type Stem = (term: string) => string;

type StemmerModule = Promise<{ readonly stemmer: Stem }>;
type WordsModule = Promise<{ readonly stopwords: readonly string[] }>;

const STEMMERS: Readonly<Record<string, () => StemmerModule>> = {
  arabic: () => import('@orama/stemmers/arabic'),
  armenian: () => import('@orama/stemmers/armenian'),
  danish: () => import('@orama/stemmers/danish'),
  dutch: () => import('@orama/stemmers/dutch'),
  english: async () => ({ stemmer: stemEnglish }),
  finnish: () => import('@orama/stemmers/finnish'),
  french: () => import('@orama/stemmers/french'),
  german: () => import('@orama/stemmers/german'),
  greek: () => import('@orama/stemmers/greek'),
  hindi: () => import('@orama/stemmers/indian'),
  hungarian: () => import('@orama/stemmers/hungarian'),
  indonesian: () => import('@orama/stemmers/indonesian'),
  irish: () => import('@orama/stemmers/irish'),
  italian: () => import('@orama/stemmers/italian'),
  lithuanian: () => import('@orama/stemmers/lithuanian'),
  nepali: () => import('@orama/stemmers/nepali'),
  norwegian: () => import('@orama/stemmers/norwegian'),
  portuguese: () => import('@orama/stemmers/portuguese'),
  romanian: () => import('@orama/stemmers/romanian'),
  russian: () => import('@orama/stemmers/russian'),
  serbian: () => import('@orama/stemmers/serbian'),
  spanish: () => import('@orama/stemmers/spanish'),
  swedish: () => import('@orama/stemmers/swedish'),
  tamil: () => import('@orama/stemmers/tamil'),
  turkish: () => import('@orama/stemmers/turkish'),
};

/** Lucene's, which Milvus takes too: the few words that say nothing in any text. */
const ENGLISH_STOP_WORDS = 'a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with'.split(' ');

const STOP_WORDS: Readonly<Record<string, () => WordsModule>> = {
  arabic: () => import('@orama/stopwords/arabic'),
  armenian: () => import('@orama/stopwords/armenian'),
  bulgarian: () => import('@orama/stopwords/bulgarian'),
  chinese: () => import('@orama/stopwords/mandarin'),
  danish: () => import('@orama/stopwords/danish'),
  dutch: () => import('@orama/stopwords/dutch'),
  english: async () => ({ stopwords: ENGLISH_STOP_WORDS }),
  finnish: () => import('@orama/stopwords/finnish'),
  french: () => import('@orama/stopwords/french'),
  german: () => import('@orama/stopwords/german'),
  greek: () => import('@orama/stopwords/greek'),
  hindi: () => import('@orama/stopwords/indian'),
  hungarian: () => import('@orama/stopwords/hungarian'),
  indonesian: () => import('@orama/stopwords/indonesian'),
  irish: () => import('@orama/stopwords/irish'),
  italian: () => import('@orama/stopwords/italian'),
  japanese: () => import('@orama/stopwords/japanese'),
  lithuanian: () => import('@orama/stopwords/lithuanian'),
  nepali: () => import('@orama/stopwords/nepali'),
  norwegian: () => import('@orama/stopwords/norwegian'),
  portuguese: () => import('@orama/stopwords/portuguese'),
  romanian: () => import('@orama/stopwords/romanian'),
  russian: () => import('@orama/stopwords/russian'),
  serbian: () => import('@orama/stopwords/serbian'),
  spanish: () => import('@orama/stopwords/spanish'),
  swedish: () => import('@orama/stopwords/swedish'),
  tamil: () => import('@orama/stopwords/tamil'),
  turkish: () => import('@orama/stopwords/turkish'),
  ukrainian: () => import('@orama/stopwords/ukrainian'),
};

export const STEMMER_LANGUAGES: readonly string[] = Object.keys(STEMMERS);
export const STOP_WORD_LANGUAGES: readonly string[] = Object.keys(STOP_WORDS);

/** REQUIRES: `language` is of STEMMER_LANGUAGES. Errors: `Unsupported` if its module cannot be loaded. */
export async function loadStemmer(language: string): Promise<Stem> {
  return (await orUnsupported(`the stemmer of ${language}`, (STEMMERS[language] as () => StemmerModule)())).stemmer;
}

/** REQUIRES: `language` is of STOP_WORD_LANGUAGES. Errors: `Unsupported` if its module cannot be loaded. */
export async function loadStopWords(language: string): Promise<readonly string[]> {
  return (await orUnsupported(`the stop words of ${language}`, (STOP_WORDS[language] as () => WordsModule)())).stopwords;
}

async function orUnsupported<T>(what: string, loading: Promise<T>): Promise<T> {
  try {
    return await loading;
  } catch (cause) {
    throw new ElanusError('Unsupported', `${what} could not be loaded: its module belongs beside the others of this package`, { cause });
  }
}
