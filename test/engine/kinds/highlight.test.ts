// Highlighter: fragments around what a search looked for, by the analyzer of the field; what is refused.

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Collection, HighlightOptions } from '../../../src/engine/api.js';
import type { Hit } from '../../../src/model/hit.js';
import { fragmentsOf, type Span } from '../../../src/query/highlight.js';
import { testDatabase } from '../../support/database.js';
import { random, randomInteger } from '../../support/random.js';

let collection: Collection;
let close: () => Promise<void>;
const texts = ['A kite hovers over the kites of the field.', 'Nothing to see', 'Kiting is what kites do; a kite kites.'];

beforeAll(async () => {
  const db = await testDatabase();
  close = () => db.close();
  collection = await db.createCollection({
    name: 'c',
    fields: [
      { name: 'id', type: 'Int64', primaryKey: true },
      { name: 'text', type: 'VarChar', maxLength: 1000, enableAnalyzer: true, enableMatch: true, nullable: true, analyzerParams: { type: 'english' } },
      { name: 'n', type: 'Int32' },
      { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' },
    ],
  });
  await collection.insert([...texts.map((text, id) => ({ id, text, n: id, v: [id, 0] })), { id: 9, text: null, n: 9, v: [9, 0] }]);
  await collection.flush();
});
afterAll(() => close());

async function highlights(highlight: HighlightOptions, filter?: string): Promise<readonly unknown[]> {
  const { hits } = await collection.search({ data: [0, 0], recall: 1, highlight, ...(filter === undefined ? {} : { filter }) });
  return hits.map((hit) => hit.highlight);
}

test('terms of TEXT_MATCH are shown in every form that the analyzer takes for the same', async () => {
  expect(await highlights({ fragmentOffset: 40 }, 'TEXT_MATCH(text, "kites")')).toEqual([{ text: ['A <em>kite</em> hovers over the <em>kites</em> of the field.'] }, { text: ['<em>Kiting</em> is what <em>kites</em> do; a <em>kite</em> <em>kites</em>.'] }]);
  expect(await highlights({ highlightFilter: false }, 'TEXT_MATCH(text, "kites")')).toEqual([{}, {}]);
  expect(await highlights({}, 'not TEXT_MATCH(text, "kites") and n < 9')).toEqual([{}]);
});

test('other texts are shown beside, a field without one has none, and hits are the same', async () => {
  const highlight = { fragmentOffset: 40, highlightQueries: [{ type: 'TextMatch', field: 'text', text: 'seeing FIELDS' }] } as const;
  expect(await highlights(highlight)).toEqual([{ text: ['A kite hovers over the kites of the <em>field</em>.'] }, { text: ['Nothing to <em>see</em>'] }, {}, {}]);
  const { hits } = await collection.search({ data: [0, 0], recall: 1 });
  const { hits: shown } = await collection.search({ data: [0, 0], recall: 1, highlight });
  expect(shown.map(({ highlight: _, ...hit }) => hit)).toEqual(hits);
});

test('fragments begin before their first term, have a size, and are as many as asked for; tags take turns', async () => {
  const style = { preTags: ['[', '{'], postTags: [']', '}'], fragmentOffset: 2, fragmentSize: 8 };
  expect(await highlights({ ...style, numOfFragments: 2 }, 'TEXT_MATCH(text, "kite")')).toEqual([{ text: ['A [kite] h', 'e {kites} '] }, { text: ['[Kiting] i', 't {kites} '] }]);
});

test('in a hybrid search the filters of all searches are shown', async () => {
  const { hits } = await collection.hybridSearch({ searches: [{ data: [0, 0], filter: 'TEXT_MATCH(text, "hover")' }, { data: [0, 0], filter: 'TEXT_MATCH(text, "see")' }], highlight: { fragmentOffset: 40 } });
  expect(hits.map(({ highlight }) => highlight)).toEqual([{ text: ['A kite <em>hovers</em> over the kites of the field.'] }, { text: ['Nothing to <em>see</em>'] }]);
});

test('terms of a full text search are shown, of each query its own, and may be left out', async () => {
  const db = await testDatabase();
  const films = await db.createCollection({
    name: 'films',
    fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'plot', type: 'VarChar', maxLength: 200, enableAnalyzer: true }, { name: 'sparse', type: 'SparseFloatVector', metric: 'BM25' }],
    functions: [{ name: 'bm25', type: 'BM25', inputFieldNames: ['plot'], outputFieldNames: ['sparse'] }],
  });
  await films.insert([{ id: 1, plot: 'a kite and a river' }, { id: 2, plot: 'rivers of the north' }]);
  const { hits } = await films.search({ data: ['kite', 'river'], highlight: { fragmentOffset: 20 } });
  expect(hits.map((of) => (of as unknown as Hit[]).map(({ id, highlight }) => [id, highlight]))).toEqual([[[1n, { plot: ['a <em>kite</em> and a river'] }]], [[1n, { plot: ['a kite and a <em>river</em>'] }]]]);
  const { hits: without } = await films.search({ data: 'kite', highlight: { highlightSearchText: false } });
  expect((without as readonly Hit[]).map(({ highlight }) => highlight)).toEqual([{}]);
  await db.close();
});

test('without its tags every fragment is a part of the text, holds whole characters, and every place is shown once if there is room', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const next = random(seed);
    const text = Array.from({ length: randomInteger(next, 60) }, () => ['a', 'é', ' ', '\u{1f600}', '語'][randomInteger(next, 5)]).join('');
    const cuts = [...text.matchAll(/./gsu)].map(({ index }) => index).concat(text.length);
    const spans: Span[] = Array.from({ length: randomInteger(next, 8) }, () => [cuts[randomInteger(next, cuts.length)] as number, cuts[randomInteger(next, cuts.length)] as number].sort((a, b) => a - b)).map(([start, end]) => ({ start: start as number, end: end as number })).filter(({ start, end }) => start < end);
    const fragments = fragmentsOf(text, spans, { preTags: ['<'], postTags: ['>'], fragmentOffset: randomInteger(next, 5), fragmentSize: 1 + randomInteger(next, 20), numOfFragments: 100 });
    let from = 0;
    let marked = '';
    for (const fragment of fragments) {
      const plain = fragment.replace(/[<>]/g, '');
      from = text.indexOf(plain, from);
      expect(from, `seed ${seed}`).toBeGreaterThanOrEqual(0);
      expect(/\p{Surrogate}/u.test(plain), `seed ${seed}`).toBe(false);
      from += plain.length;
      marked += [...fragment.matchAll(/<([^>]*)>/g)].map(([, inner]) => inner).join('');
    }
    const covered = [...text].length === 0 ? '' : Array.from(text.matchAll(/./gsu)).filter(({ index }) => spans.some(({ start, end }) => index >= start && index < end)).map(([character]) => character).join('');
    expect(marked, `seed ${seed}`).toBe(covered);
  }
});

test.each<[string, unknown, RegExp]>([
  ['what is no object', 'em', /highlight: expected an object/],
  ['tags that are no array', { preTags: '<em>' }, /preTags/],
  ['no tags', { preTags: [], postTags: [] }, /preTags: expected 1 to 64/],
  ['another number of tags', { preTags: ['<', '['] }, /as many postTags as preTags/],
  ['a fragment of 0', { fragmentSize: 0 }, /fragmentSize: expected 1 to/],
  ['an offset below 0', { fragmentOffset: -1 }, /fragmentOffset/],
  ['no fragments', { numOfFragments: 0 }, /numOfFragments/],
  ['an unknown type', { highlightQueries: [{ type: 'Fuzzy', field: 'text', text: 'a' }] }, /expected 'TextMatch'/],
  ['an unknown field', { highlightQueries: [{ field: 'x', text: 'a' }] }, /expected a VarChar field, found "x"/],
  ['a field of numbers', { highlightQueries: [{ field: 'n', text: 'a' }] }, /expected a VarChar field/],
  ['no text', { highlightQueries: [{ field: 'text' }] }, /expected a text/],
  ['a flag that is none', { highlightFilter: 1 }, /highlightFilter: expected true or false/],
])('refused: %s', async (_, highlight, message) => {
  await expect(collection.search({ data: [0, 0], highlight: highlight as HighlightOptions })).rejects.toMatchObject({ code: 'InvalidArgument', message: expect.stringMatching(message) as unknown });
});
