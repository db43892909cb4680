// Analyzer parameters: checked descriptions of analyzers, as Milvus takes them for a VarChar field (`analyzer_params`): a
// built-in one by its type, or a tokenizer and filters, in order. Nothing at all is the standard analyzer.

import { ElanusError } from '../model/errors.js';
import { LIMITS } from '../model/limits.js';
import { STEMMER_LANGUAGES, STOP_WORD_LANGUAGES } from './languages.js';

export type TokenizerParams = { readonly type: 'standard'; readonly uax29: boolean } | { readonly type: 'whitespace' } | { readonly type: 'icu' } | { readonly type: 'jieba' };

export const PLAIN_FILTERS = ['lowercase', 'asciifolding', 'alphanumonly', 'cncharonly', 'cnalphanumonly', 'removepunct'] as const;
export type PlainFilter = (typeof PLAIN_FILTERS)[number];

export type FilterParams =
  | { readonly type: PlainFilter }
  | { readonly type: 'length'; readonly min: number; readonly max: number }
  | { readonly type: 'stop'; readonly stopWords: readonly string[] }
  | { readonly type: 'decompounder'; readonly wordList: readonly string[] }
  | { readonly type: 'stemmer'; readonly language: string }
  | { readonly type: 'synonym'; readonly synonyms: readonly string[]; readonly expand: boolean };

export interface AnalyzerParams {
  readonly tokenizer: TokenizerParams;
  readonly filters: readonly FilterParams[];
}

type Bag = Readonly<Record<string, unknown>>;

function refuse(message: string): never {
  throw new ElanusError('InvalidArgument', `invalid analyzer params: ${message}`);
}

/** Checks what a user gave: an object, its JSON text, or nothing. Errors: `InvalidArgument`. */
export function checkAnalyzerParams(given: unknown): AnalyzerParams {
  const params = bagOf(given);
  if (params['type'] !== undefined) return builtIn(params);
  if (Object.keys(params).length === 0) return { tokenizer: { type: 'standard', uax29: false }, filters: [{ type: 'lowercase' }] };
  onlyKeys(params, ['tokenizer', 'filter'], 'analyzer option');
  const { tokenizer, filter = [] } = params;
  if (tokenizer === undefined) refuse('tokenizer name or type must be set');
  if (!Array.isArray(filter)) refuse('filter params should be an array');
  if (filter.length > LIMITS.analyzerFiltersMax) refuse(`at most ${LIMITS.analyzerFiltersMax} filters, found ${filter.length}`);
  return { tokenizer: checkTokenizer(tokenizer), filters: filter.map(checkFilter) };
}

function bagOf(given: unknown): Bag {
  if (given === undefined || given === null || given === '') return {};
  const value = typeof given === 'string' ? parsed(given) : given;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(`expected an object, found ${JSON.stringify(value)}`);
  return value as Bag;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return refuse(`expected JSON, found ${JSON.stringify(text.slice(0, 80))}`);
  }
}

function builtIn(params: Bag): AnalyzerParams {
  onlyKeys(params, ['type', 'stop_words', 'stopWords'], 'analyzer option');
  const given = words(params, 'stop_words', 'stopWords');
  const stop: readonly FilterParams[] = given === undefined ? [] : [{ type: 'stop', stopWords: stopWordsOf(given) }];
  switch (params['type']) {
    case 'standard':
      return { tokenizer: { type: 'standard', uax29: false }, filters: [{ type: 'lowercase' }, ...stop] };
    case 'english':
      return { tokenizer: { type: 'standard', uax29: false }, filters: [{ type: 'lowercase' }, { type: 'stop', stopWords: ['_english_'] }, ...stop, { type: 'stemmer', language: 'english' }] };
    case 'chinese':
      return { tokenizer: { type: 'jieba' }, filters: [{ type: 'lowercase' }, { type: 'cnalphanumonly' }, ...stop] };
    default:
      return refuse(`unknown built-in analyzer type: ${String(params['type'])}, expected standard, english or chinese`);
  }
}

function checkTokenizer(given: unknown): TokenizerParams {
  const params = typeof given === 'string' ? { type: given } : given;
  if (typeof params !== 'object' || params === null) refuse('tokenizer should be a name or an object');
  const { type, ...options } = params as Bag;
  switch (type) {
    case 'standard': {
      onlyKeys(options, ['uax29'], 'standard tokenizer option');
      const uax29 = options['uax29'] ?? false;
      return typeof uax29 === 'boolean' ? { type, uax29 } : refuse('standard tokenizer uax29 must be a boolean');
    }
    case 'whitespace':
    case 'icu':
      onlyKeys(options, [], `${type} tokenizer option`);
      return { type };
    case 'jieba':
    case 'chinese':
      onlyKeys(options, [], `${type} tokenizer option`);
      return { type: 'jieba' };
    default:
      return refuse(`unsupported tokenizer: ${String(type)}, expected standard, whitespace, icu, jieba or chinese`);
  }
}

function checkFilter(given: unknown): FilterParams {
  if (typeof given === 'string') {
    const type = PLAIN_FILTERS.find((name) => name === given);
    return type === undefined ? refuse(`filter not found: ${given}, expected one of ${PLAIN_FILTERS.join(', ')}, or an object with its type`) : { type };
  }
  if (typeof given !== 'object' || given === null) refuse(`a filter should be a name or an object, found ${JSON.stringify(given)}`);
  const params = given as Bag;
  switch (params['type']) {
    case 'length': {
      onlyKeys(params, ['type', 'min', 'max'], 'length filter option');
      const [min, max] = [params['min'] ?? 0, params['max'] ?? Number.MAX_SAFE_INTEGER];
      if (!isCount(min) || !isCount(max) || (params['min'] === undefined && params['max'] === undefined)) refuse('length filter: expected max, and maybe min, as whole numbers');
      return { type: 'length', min, max };
    }
    case 'stop':
      onlyKeys(params, ['type', 'stop_words', 'stopWords'], 'stop filter option');
      return { type: 'stop', stopWords: stopWordsOf(words(params, 'stop_words', 'stopWords') ?? refuse('stop filter: stop_words must be set')) };
    case 'decompounder':
      onlyKeys(params, ['type', 'word_list', 'wordList'], 'decompounder filter option');
      return { type: 'decompounder', wordList: words(params, 'word_list', 'wordList') ?? refuse('decompounder filter: word_list must be set') };
    case 'stemmer':
      onlyKeys(params, ['type', 'language'], 'stemmer filter option');
      return { type: 'stemmer', language: languageOf(params['language'], STEMMER_LANGUAGES, 'stemmer') };
    case 'synonym': {
      onlyKeys(params, ['type', 'synonyms', 'expand'], 'synonym filter option');
      const { expand = true } = params;
      if (typeof expand !== 'boolean') refuse('synonym filter: expand must be a boolean');
      return { type: 'synonym', synonyms: words(params, 'synonyms', 'synonyms') ?? refuse('synonym filter: synonyms must be set'), expand };
    }
    case undefined:
      return refuse('no type field in filter params');
    default:
      return PLAIN_FILTERS.some((name) => name === params['type']) ? checkFilter(params['type']) : refuse(`unsupported filter type: ${String(params['type'])}`);
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** The list under its name of Milvus or in camelCase. */
function words(params: Bag, name: string, camel: string): readonly string[] | undefined {
  const list = params[name] ?? params[camel];
  if (list === undefined) return undefined;
  if (!Array.isArray(list) || list.some((word) => typeof word !== 'string')) refuse(`${name} should be a list of strings`);
  if (list.length > LIMITS.analyzerWordsMax) refuse(`${name}: at most ${LIMITS.analyzerWordsMax} words, found ${list.length}`);
  return list as readonly string[];
}

/** A word like `_german_` stands for the stop words of that language; one of no language that is known is a mistake. */
function stopWordsOf(list: readonly string[]): readonly string[] {
  for (const word of list) if (/^_[a-z]+_$/.test(word)) languageOf(word.slice(1, -1), STOP_WORD_LANGUAGES, 'stop words');
  return list;
}

function languageOf(given: unknown, known: readonly string[], what: string): string {
  const language = typeof given === 'string' ? given.toLowerCase() : given;
  return typeof language === 'string' && known.includes(language) ? language : refuse(`${what}: unsupported language: ${String(given)}, expected one of ${known.join(', ')}`);
}

function onlyKeys(params: Bag, known: readonly string[], what: string): void {
  const unknown = Object.keys(params).find((key) => !known.includes(key));
  if (unknown !== undefined) refuse(`unknown ${what} key: ${unknown}`);
}
