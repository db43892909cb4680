// The types of rows as a definition describes them. What is asserted is asserted by the compiler: see `npm run typecheck`.

import { describe, expectTypeOf, it } from 'vitest';
import type { InsertRow, KeyOf, OutputName, OutputRow, UpsertRow } from '../../src/model/typed.js';
import type { FieldValue, JsonValue, Row, RowInput } from '../../src/model/row.js';

function definitionOf<const D>(definition: D): D {
  return definition;
}

const books = definitionOf({
  name: 'books',
  fields: [
    { name: 'id', type: 'Int64', primaryKey: true },
    { name: 'title', type: 'VarChar', maxLength: 200 },
    { name: 'year', type: 'Int16', nullable: true },
    { name: 'lent', type: 'Bool', defaultValue: false },
    { name: 'tags', type: 'Array', elementType: 'VarChar' },
    { name: 'more', type: 'JSON', nullable: true },
    { name: 'at', type: 'Timestamptz', nullable: true },
    { name: 'meaning', type: 'FloatVector', dim: 4 },
  ],
});
type Books = typeof books;

describe('the types of rows', () => {
  it('ask for what a row must have and let the rest be left out', () => {
    const row: InsertRow<Books> = { id: 1, title: 'a', tags: ['x'], meaning: [1, 2, 3, 4] };
    const full: InsertRow<Books> = { ...row, year: null, lent: true, more: { a: 1 }, at: new Date(0) };
    // @ts-expect-error the title is missing
    const without: InsertRow<Books> = { id: 1, tags: [], meaning: [1] };
    // @ts-expect-error a title is a text
    const wrong: InsertRow<Books> = { ...row, title: 1 };
    // @ts-expect-error there is no such field
    const unknown: InsertRow<Books> = { id: 1, title: 'a', tags: ['x'], meaning: [1], isbn: 'x' };
    // @ts-expect-error tags are texts
    const tags: InsertRow<Books> = { ...row, tags: [1] };
    expectTypeOf([full, without, wrong, unknown, tags]).toBeArray();
  });
  it('say what comes back', () => {
    expectTypeOf<OutputRow<Books>['id']>().toEqualTypeOf<bigint>();
    expectTypeOf<OutputRow<Books>['year']>().toEqualTypeOf<number | null>();
    expectTypeOf<OutputRow<Books>['lent']>().toEqualTypeOf<boolean>();
    expectTypeOf<OutputRow<Books>['tags']>().toEqualTypeOf<readonly string[]>();
    expectTypeOf<OutputRow<Books>['more']>().toEqualTypeOf<JsonValue>();
    expectTypeOf<OutputRow<Books>['at']>().toEqualTypeOf<string | null>();
    expectTypeOf<OutputRow<Books>['meaning']>().toEqualTypeOf<Float32Array>();
    expectTypeOf<keyof OutputRow<Books, 'title' | 'year'>>().toEqualTypeOf<'title' | 'year'>();
    expectTypeOf<OutputName<Books>>().toEqualTypeOf<'id' | 'title' | 'year' | 'lent' | 'tags' | 'more' | 'at' | 'meaning' | '*'>();
    expectTypeOf<KeyOf<Books>>().toEqualTypeOf<bigint>();
  });
  it('know the quick form, and that its rows may carry more', () => {
    const notes = definitionOf({ name: 'notes', dimension: 3, idType: 'VarChar' });
    const row: InsertRow<typeof notes> = { id: 'a', vector: [1, 2, 3], colour: 'red' };
    // @ts-expect-error the key is a text
    const wrong: InsertRow<typeof notes> = { id: 1, vector: [1, 2, 3] };
    expectTypeOf([row, wrong]).toBeArray();
    expectTypeOf<KeyOf<typeof notes>>().toEqualTypeOf<string>();
    expectTypeOf<OutputRow<typeof notes>['colour']>().toEqualTypeOf<FieldValue>();
  });
  it('leave generated keys and outputs of functions to us', () => {
    const texts = definitionOf({
      fields: [{ name: 'id', type: 'Int64', primaryKey: true, autoId: true }, { name: 'text', type: 'VarChar' }, { name: 'sparse', type: 'SparseFloatVector' }],
      functions: [{ name: 'bm25', type: 'BM25', inputFieldNames: ['text'], outputFieldNames: ['sparse'] }],
    });
    const row: InsertRow<typeof texts> = { text: 'a' };
    // @ts-expect-error the key is generated
    const given: InsertRow<typeof texts> = { id: 1, text: 'a' };
    const changed: UpsertRow<typeof texts> = { id: 1, text: 'a' };
    expectTypeOf([row, given, changed]).toBeArray();
  });
  it('are what they are without types where the fields are not known', () => {
    expectTypeOf<InsertRow<{ readonly fields: readonly { readonly name: string; readonly type: string }[] }>>().toEqualTypeOf<RowInput>();
    expectTypeOf<OutputRow<unknown>>().toEqualTypeOf<Row>();
    expectTypeOf<OutputName<unknown>>().toEqualTypeOf<string>();
    expectTypeOf<KeyOf<unknown>>().toEqualTypeOf<bigint | string>();
  });
});
