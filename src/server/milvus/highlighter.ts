// Highlighter: how found terms are shown, as Milvus' clients say it.

import type { HighlightOptions } from '../../engine/api/highlight.js';
import { flagOf, integerOf, invalid, textOf, unsupported, type KeyValues } from './key-values.js';

/** Number of Milvus' HighlightType. */
const LEXICAL = 0;

/** Errors: 1100; 10 of a semantic one. */
export function highlightOptions(highlighter: { readonly type: number; readonly params: KeyValues } | undefined): HighlightOptions | undefined {
  if (highlighter === undefined) return undefined;
  const { type, params } = highlighter;
  if (type !== LEXICAL) throw unsupported('a highlighter that is not lexical');
  const options: Readonly<Record<string, unknown>> = {
    preTags: listOf(params, 'pre_tags'),
    postTags: listOf(params, 'post_tags'),
    fragmentOffset: integerOf(params, 'fragment_offset'),
    fragmentSize: integerOf(params, 'fragment_size'),
    numOfFragments: integerOf(params, 'num_of_fragments'),
    highlightSearchText: flagOf(params, 'highlight_search_text'),
    highlightFilter: flagOf(params, 'highlight_filter'),
    highlightQueries: listOf(params, 'highlight_query') ?? listOf(params, 'queries'),
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function listOf(params: KeyValues, name: string): readonly unknown[] | undefined {
  const text = textOf(params, name);
  if (text === undefined) return undefined;
  try {
    const list = JSON.parse(text) as unknown;
    if (Array.isArray(list)) return list as readonly unknown[];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw invalid(`highlighter: ${name}: expected a JSON array, found ${JSON.stringify(text.slice(0, 64))}`);
}
