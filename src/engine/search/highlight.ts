// Highlight: the terms that a search looked for, found again in the texts of its hits by the analyzer of their field.

import { require } from '../../model/errors.js';
import type { Schema } from '../../model/schema.js';
import type { CheckedFilter } from '../../query/check.js';
import { fragmentsOf, type HighlightStyle } from '../../query/highlight.js';
import { analyzerOf } from '../database/analyzers.js';
import type { HighlightOptions } from '../api/highlight.js';
import type { RowPlace } from '../read/fetch.js';
import { valuesAt } from './place-values.js';
import type { Reader } from '../read/visit.js';

/** A text that is looked for in a field. */
export interface SoughtText {
  readonly field: string;
  readonly text: string;
}

export interface Highlighting {
  readonly style: HighlightStyle;
  /** What is looked for, by field. */
  readonly terms: ReadonlyMap<string, ReadonlySet<string>>;
}

const SIZE_MAX = 65_536;
const FRAGMENTS_MAX = 1024;
const TAGS_MAX = 64;

/** `filters` and `searched` are what the search itself looks for. Errors: `InvalidArgument`. */
export function planHighlight(given: unknown, schema: Schema, filters: readonly (CheckedFilter | undefined)[], searched: readonly SoughtText[]): Highlighting {
  require(typeof given === 'object' && given !== null, () => `highlight: expected an object, found ${typeof given}`);
  const { highlightSearchText = true, highlightFilter = true, highlightQueries = [] } = given as HighlightOptions;
  for (const [name, flag] of Object.entries({ highlightSearchText, highlightFilter })) require(typeof flag === 'boolean', () => `highlight.${name}: expected true or false`);
  require(Array.isArray(highlightQueries), () => 'highlight.highlightQueries: expected an array of { field, text }');
  const sought = [...(highlightSearchText ? searched : []), ...(highlightFilter ? filters.flatMap((filter) => soughtIn(filter)) : []), ...highlightQueries.map((query, at) => checkQuery(query, at, schema))];
  const terms = new Map<string, Set<string>>();
  for (const { field, text } of sought) {
    const known = terms.get(field) ?? new Set();
    for (const { term } of analyzerOf(fieldOf(schema, field)).analyze(text)) known.add(term);
    terms.set(field, known);
  }
  return { style: checkStyle(given as HighlightOptions), terms };
}

function fieldOf(schema: Schema, name: string): Schema['fields'][number] {
  return schema.fields.find((field) => field.name === name) as Schema['fields'][number];
}

function checkQuery(given: unknown, at: number, schema: Schema): SoughtText {
  const where = `highlight.highlightQueries[${at}]`;
  require(typeof given === 'object' && given !== null, () => `${where}: expected { field, text }`);
  const { type = 'TextMatch', field, text } = given as { readonly type?: unknown; readonly field?: unknown; readonly text?: unknown };
  require(type === 'TextMatch', () => `${where}.type: expected 'TextMatch', found ${JSON.stringify(type)}`);
  const found = schema.fields.find(({ name }) => name === field);
  require(found !== undefined && found.type === 'VarChar', () => `${where}.field: expected a VarChar field, found ${JSON.stringify(field)}`);
  require(typeof text === 'string' && text.length <= SIZE_MAX, () => `${where}.text: expected a text, found ${typeof text}`);
  return { field: found.name, text };
}

function checkStyle({ preTags = ['<em>'], postTags = ['</em>'], fragmentOffset = 0, fragmentSize = 100, numOfFragments = 5 }: HighlightOptions): HighlightStyle {
  for (const [name, tags] of Object.entries({ preTags, postTags })) require(Array.isArray(tags) && tags.length >= 1 && tags.length <= TAGS_MAX && tags.every((tag) => typeof tag === 'string'), () => `highlight.${name}: expected 1 to ${TAGS_MAX} texts`);
  require(preTags.length === postTags.length, () => `highlight: expected as many postTags as preTags, found ${postTags.length} and ${preTags.length}`);
  const whole = (name: string, value: unknown, min: number, max: number): void => require(Number.isInteger(value) && (value as number) >= min && (value as number) <= max, () => `highlight.${name}: expected ${min} to ${max}, found ${String(value)}`);
  whole('fragmentOffset', fragmentOffset, 0, SIZE_MAX);
  whole('fragmentSize', fragmentSize, 1, SIZE_MAX);
  whole('numOfFragments', numOfFragments, 1, FRAGMENTS_MAX);
  return { preTags, postTags, fragmentOffset, fragmentSize, numOfFragments };
}

// What must not be there is not looked for.
function soughtIn(filter: CheckedFilter | undefined): readonly SoughtText[] {
  if (filter === undefined || filter.kind === 'not') return [];
  if (filter.kind === 'textMatch' || filter.kind === 'phraseMatch') return [{ field: filter.field, text: filter.query }];
  return filter.kind === 'and' || filter.kind === 'or' ? filter.operands.flatMap(soughtIn) : [];
}

/** Of each place the fragments of its texts by field, without fields that have none. The segments are held. */
export async function highlightsAt(reader: Reader, places: readonly RowPlace[], { terms, style }: Highlighting, schema: Schema): Promise<readonly Readonly<Record<string, readonly string[]>>[]> {
  const found: Record<string, readonly string[]>[] = places.map(() => ({}));
  for (const [name, wanted] of terms) {
    const analyzer = analyzerOf(fieldOf(schema, name));
    const texts = await valuesAt(reader, places, { name, column: name, type: 'VarChar', keys: [] });
    texts.forEach((text, at) => {
      if (typeof text !== 'string') return;
      const fragments = fragmentsOf(text, analyzer.analyze(text).filter(({ term }) => wanted.has(term)), style);
      if (fragments.length > 0) (found[at] as Record<string, readonly string[]>)[name] = fragments;
    });
  }
  return found;
}
