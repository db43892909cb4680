// A collection as its definition types it. What is asserted is asserted by the compiler: see `npm run typecheck`.

import { describe, expectTypeOf, it } from 'vitest';
import { defineCollection, type TypedCollection } from '../../src/engine/api/typed.js';
import type { Collection, CollectionDefinition } from '../../src/engine/api.js';
import type { Row } from '../../src/model/row.js';

const definition = defineCollection({
  name: 'books',
  enableDynamicField: false,
  fields: [
    { name: 'id', type: 'Int64', primaryKey: true },
    { name: 'title', type: 'VarChar', maxLength: 200 },
    { name: 'year', type: 'Int16', nullable: true },
    { name: 'tags', type: 'Array', elementType: 'VarChar' },
    { name: 'more', type: 'JSON' },
    { name: 'meaning', type: 'FloatVector', dim: 4 },
  ],
});
type Books = TypedCollection<typeof definition>;
/** Nothing is called here: the types of calls are all there is. */
const calls: ((books: Books) => unknown)[] = [];

describe('a typed collection', () => {
  it('takes rows of its definition', () => {
    calls.push((books) => books.insert([{ id: 1, title: 'a', tags: [], more: {}, meaning: [1, 2, 3, 4] }]));
    // @ts-expect-error the title is missing
    calls.push((books) => books.insert([{ id: 1, tags: [], more: {}, meaning: [1] }]));
    calls.push((books) => books.upsert([{ id: 1, year: null }], { partialUpdate: true }));
    // @ts-expect-error without partialUpdate rows are whole
    calls.push((books) => books.upsert([{ id: 1, year: null }]));
  });
  it('takes columns of its definition', () => {
    calls.push((books) => books.insert({ columns: { id: BigInt64Array.of(1n), title: ['a'], tags: [[]], more: [{}], meaning: new Float32Array(4) } }));
    calls.push((books) => books.insert({ columns: { id: [1], title: ['a'], year: { values: Int16Array.of(1), valid: [true] }, tags: { offsets: [0, 1], values: ['x'] }, more: { texts: ['{}'] }, meaning: [[1, 2, 3, 4]] } }));
    // @ts-expect-error the title is missing
    calls.push((books) => books.insert({ columns: { id: [1], tags: [[]], more: [{}], meaning: new Float32Array(4) } }));
    // @ts-expect-error a title is no number
    calls.push((books) => books.insert({ columns: { id: [1], title: [1], tags: [[]], more: [{}], meaning: new Float32Array(4) } }));
    // @ts-expect-error vectors are no integers
    calls.push((books) => books.insert({ columns: { id: [1], title: ['a'], tags: [[]], more: [{}], meaning: new Int32Array(4) } }));
    // @ts-expect-error there is no such field
    calls.push((books) => books.insert({ columns: { id: [1], title: ['a'], tags: [[]], more: [{}], meaning: new Float32Array(4), isbn: ['x'] } }));
    calls.push((books) => books.upsert({ columns: { id: [1], year: [null] } }, { partialUpdate: true }));
    // @ts-expect-error without partialUpdate rows are whole
    calls.push((books) => books.upsert({ columns: { id: [1], year: [null] } }));
  });
  it('gives the fields that were asked for, and no others', () => {
    expectTypeOf((books: Books) => books.search({ data: [1, 2, 3, 4], outputFields: ['title', 'year'] })).returns.resolves.toHaveProperty('hits');
    type Found = Awaited<ReturnType<typeof found>>['hits'][number]['fields'];
    const found = (books: Books) => books.search({ data: [1, 2, 3, 4], outputFields: ['title', 'year'] });
    expectTypeOf<Found['title']>().toEqualTypeOf<string>();
    expectTypeOf<Found['year']>().toEqualTypeOf<number | null>();
    const got = (books: Books) => books.get({ ids: [1n] });
    expectTypeOf<Awaited<ReturnType<typeof got>>[number]['tags']>().toEqualTypeOf<readonly string[]>();
    // @ts-expect-error there is no such field
    calls.push((books) => books.query({ outputFields: ['isbn'] }));
    const one = (books: Books) => books.hybridSearch({ searches: [{ data: [1, 2, 3, 4] }, { data: 'a text', annsField: 'meaning' }], outputFields: ['title'] });
    expectTypeOf<Awaited<ReturnType<typeof one>>['hits'][number]['fields']['title']>().toEqualTypeOf<string>();
    const several = (books: Books) => books.hybridSearch({ searches: [{ data: [[1, 2, 3, 4], [5, 6, 7, 8]] }, { ids: [1, 2] }], outputFields: ['year'] });
    expectTypeOf<Awaited<ReturnType<typeof several>>['hits'][number][number]['fields']['year']>().toEqualTypeOf<number | null>();
    expectTypeOf((books: Books) => books.query({ aggregate: ['count(*)'] })).returns.resolves.toEqualTypeOf<readonly Row[]>();
  });
  it('takes filters on its fields, with values of their types', () => {
    calls.push((books) => books.count({ year: { $gte: 2020, $lt: 2030 }, title: { $like: 'The %' }, tags: { $contains: 'x' }, 'more.author.name': 'Ann' }));
    calls.push((books) => books.count({ $or: [{ year: 2020 }, { id: { $in: [1n, 2] } }, { year: null }] }));
    calls.push((books) => books.count('year > 2020'));
    // @ts-expect-error a year is a number
    calls.push((books) => books.count({ year: { $gte: 'then' } }));
    // @ts-expect-error there is no such field
    calls.push((books) => books.count({ isbn: 'x' }));
    // @ts-expect-error nor below $or
    calls.push((books) => books.count({ $or: [{ isbn: 'x' }] }));
  });
  it('is a Collection, and one whose definition is not known is just that', () => {
    const plain: (books: Books) => Collection = (books) => books;
    expectTypeOf(plain).returns.toEqualTypeOf<Collection>();
    expectTypeOf<TypedCollection<CollectionDefinition>>().toEqualTypeOf<Collection>();
    expectTypeOf<TypedCollection>().toEqualTypeOf<Collection>();
  });
});
