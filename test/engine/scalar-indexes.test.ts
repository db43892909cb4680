// Scalar indexes of sealed segments: made when a filter would have asked them, exact like the columns, counted in memory,
// gone with the columns; and of the kind that was asked for.

import { describe, expect, test } from 'vitest';
import type { Collection, Database } from '../../src/engine/api.js';
import { matchingRows, type UsedIndex } from '../../src/engine/read/matching.js';
import type { ScalarWish } from '../../src/engine/upkeep/scalar-indexes.js';
import { Segment } from '../../src/engine/table/segment.js';
import { rowsName } from '../../src/format/keys.js';
import type { SegmentEntry } from '../../src/format/manifest.js';
import type { Column } from '../../src/model/columns.js';
import type { Field } from '../../src/model/field.js';
import { checkIndex } from '../../src/model/index-definition.js';
import type { JsonValue, RowInput } from '../../src/model/row.js';
import type { Params } from '../../src/model/parameter.js';
import { checkSchema } from '../../src/model/schema.js';
import { compileFilter } from '../../src/query/check.js';
import { readPath } from '../../src/query/evaluate/json.js';
import { buildJsonIndex, buildScalarIndex } from '../../src/query/indexes/build.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import { testCore, testDatabase } from '../support/database.js';
import { random, randomInteger } from '../support/random.js';

const ROWS = 3000;
const SEED = 77;
const FIELDS = [
  { name: 'id', type: 'Int64', primaryKey: true },
  { name: 'age', type: 'Int32', nullable: true },
  { name: 'kind', type: 'Int8' },
  { name: 'city', type: 'VarChar', maxLength: 40, nullable: true },
  { name: 'title', type: 'VarChar', maxLength: 80 },
  { name: 'doc', type: 'JSON', nullable: true },
  { name: 'vector', type: 'FloatVector', dim: 2, metric: 'L2' },
] as const;
const WORDS = ['kite', 'bird', 'wing', 'hover', 'field', 'river'];

function rows(): readonly RowInput[] {
  const next = random(SEED);
  const word = (): string => WORDS[randomInteger(next, WORDS.length)] as string;
  const loose = (): JsonValue => [randomInteger(next, 50), word(), next() < 0.5, null, 2 ** 53, 0.5, [1], { a: 1 }][randomInteger(next, 8)];
  return Array.from({ length: ROWS }, (_, id) => ({
    id,
    age: next() < 0.1 ? null : randomInteger(next, 100_000),
    kind: randomInteger(next, 5),
    city: next() < 0.1 ? null : `city ${randomInteger(next, 30)}`,
    title: `${word()} ${word()} ${word()} ${id}`,
    doc: next() < 0.1 ? null : { size: randomInteger(next, 1000), colour: word(), deep: { flag: next() < 0.5 }, loose: loose() },
    extra: loose(),
    vector: [id, 1],
  }));
}

const FILTERS = [
  'age == 17', 'age < 300', 'age > 99000', 'not (age < 99000)', '20 <= age < 400', 'age in [5, 6, 7, 100]', 'age != 17',
  'kind == 3', 'kind in [1, 2]', 'kind != 0', 'city == "city 7"', 'city > "city 25"', 'not (city in ["city 1", "city 2"])', 'city like "city 1%"', 'not (city like "%9")',
  'title == "kite bird wing 7"', 'title like "kite bird%"', 'title like "%wing hover%"', 'title like "%r 1_0"', 'not (title like "%kite%")',
  'doc["size"] > 900', 'not (doc["size"] > 900)', 'doc["size"] in [1, 2, 3]', 'doc["colour"] == "kite"', 'doc["colour"] like "%i%"', 'doc["deep"]["flag"] == true', 'not (doc["deep"]["flag"] == true)',
  'doc["loose"] == 7', 'doc["loose"] != "kite"', 'doc["loose"] in [7, "kite", true]', 'not (doc["loose"] in [7, "kite"])', 'doc["loose"] == true', 'extra > 20', 'extra == "bird"', 'not (extra == "bird")', 'extra in [0.5, false]',
];

/** Waits until nothing is built any more. */
async function settled(db: Database): Promise<number> {
  let before = -1;
  for (let same = 0; same < 12; ) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    const { usedBytes } = (await db.stats()).memory;
    same = usedBytes === before ? same + 1 : 0;
    before = usedBytes;
  }
  return before;
}

const countAll = async (collection: Collection): Promise<readonly number[]> => Promise.all(FILTERS.map((filter) => collection.count(filter)));

const INDEXES: Readonly<Record<string, readonly (readonly [field: string, indexType: string, params?: Params])[]>> = {
  none: [],
  some: [['age', 'STL_SORT'], ['kind', 'BITMAP'], ['city', 'BITMAP'], ['title', 'NGRAM', { min_gram: 2, max_gram: 3 }], ['doc', 'INVERTED', { json_path: 'doc["size"]', json_cast_type: 'DOUBLE' }]],
  others: [['age', 'INVERTED'], ['kind', 'INVERTED'], ['city', 'Trie'], ['title', 'Trie'], ['doc', 'AUTOINDEX']],
};

describe.each(Object.entries(INDEXES))('with indexes: %s', (_, indexes) => {
  test('filters answer as they do over columns, and what they take is counted', async () => {
    const files: MemoryFiles = new Map();
    let db = await testDatabase({ files });
    let c: Collection = await db.createCollection({ name: 'c', fields: FIELDS, enableDynamicField: true });
    await c.insert(rows());
    const expected = await countAll(c);
    for (const [fieldName, indexType, params = {}] of indexes) await db.createIndex('c', { fieldName, indexType, params });
    await c.flush();
    expect(await countAll(c)).toEqual(expected);
    await settled(db);
    expect(await countAll(c)).toEqual(expected);
    await c.delete({ filter: 'kind == 1' });
    expect(await c.count('kind in [1, 2]')).toBe(await c.count('kind == 2'));
    await db.close();

    db = await testDatabase({ files, eagerBytes: 0 });
    c = await db.collection('c');
    expect(await c.count('not (kind == 1)')).toBe(ROWS - (expected[FILTERS.indexOf('kind in [1, 2]')] ?? 0) + (await c.count('kind == 2')));
    const alone = await settled(db);
    await countAll(c);
    expect(await settled(db)).toBeGreaterThan(alone + ROWS);
    expect(await countAll(c)).toEqual(await countAll(c));
    await db.close();
  });
});

test('where memory is short columns are read, and what was made goes first with them', async () => {
  const files: MemoryFiles = new Map();
  let db = await testDatabase({ files });
  const written: Collection = await db.createCollection({ name: 'c', fields: FIELDS, enableDynamicField: true });
  const expected = [];
  for (let part = 0; part < 3; part++) {
    await written.insert(rows().map((row) => ({ ...row, id: Number(row['id']) + part * ROWS })));
    await written.flush();
  }
  for (const filter of FILTERS) expected.push(await written.count(filter));
  const limit = 2_000_000;
  expect(await settled(db)).toBeGreaterThan(limit);
  await db.close();
  db = await testDatabase({ storage: memoryStorage(files), memoryBytes: limit });
  const c = await db.collection('c');
  for (const [at, filter] of FILTERS.entries()) {
    expect(await c.count(filter), filter).toBe(expected[at]);
    if (at % 5 === 0) expect(await settled(db), filter).toBeLessThanOrEqual(limit);
  }
  await db.close();
});

describe('an index that answered is told', () => {
  const schema = checkSchema({ fields: FIELDS, enableDynamicField: true });
  const COLUMNS: Readonly<Record<string, Column>> = {
    age: { type: 'Int32', values: Int32Array.from({ length: 2000 }, (_, row) => row) },
    kind: { type: 'Int8', values: Int8Array.from({ length: 2000 }, (_, row) => row % 5) },
    city: { type: 'VarChar', values: Array.from({ length: 2000 }, (_, row) => `city ${row % 100}`) },
    title: { type: 'VarChar', values: Array.from({ length: 2000 }, (_, row) => `kite ${row}`) },
    doc: { type: 'JSON', values: Array.from({ length: 2000 }, (_, row) => `{"a":${row}}`) },
  };
  const entry: SegmentEntry = { id: 1, rows: 2000, rowsFile: { name: rowsName('0'.repeat(64)), sha256: '0'.repeat(64), sizeBytes: 1 }, vectors: {}, indexes: new Map() };

  function done<T>(steps: Generator<void, T>): T {
    for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
  }

  test.each<[field: string, indexType: string | undefined, filter: string, form: string | undefined, count: number]>([
    ['age', 'STL_SORT', 'age < 20', 'sorted', 20],
    ['age', 'STL_SORT', 'age < 1500', undefined, 1500],
    ['age', 'INVERTED', 'age != 7', 'sorted', 1999],
    ['age', undefined, 'age < 20', undefined, 20],
    ['kind', 'BITMAP', 'kind >= 1', 'bitmaps', 1600],
    ['city', undefined, 'city == "city 7"', 'codes', 20],
    ['city', 'AUTOINDEX', 'city == "city 7"', 'lists', 20],
    ['city', 'Trie', 'city like "city 1%"', 'lists', 220],
    ['title', undefined, 'title == "kite 7"', undefined, 1],
    ['title', 'Trie', 'title == "kite 7"', 'lists', 1],
    ['title', 'NGRAM', 'title like "%199%"', 'ngram', 12],
    ['doc', undefined, 'doc["a"] >= 1990', 'json', 10],
  ])('%s by %s: %s', async (field, indexType, filter, form, count) => {
    const { predicates } = await testCore();
    const segment = Segment.sealed(0, schema, { entry, files: undefined as never }, new Uint32Array(0));
    for (const [name, column] of Object.entries(COLUMNS)) segment.addColumn(name, column, 1);
    const checked = compileFilter(filter, schema);
    const without = matchingRows(segment, checked, predicates, undefined);
    const { wish } = segment.scalars;
    expect(wish).toMatchObject({ field });
    const definition = indexType === undefined ? undefined : checkIndex(schema.fields.find(({ name }) => name === field) as Field, { fieldName: field, indexType });
    const columns = segment.columns.snapshot();
    const column = COLUMNS[field] as Column;
    const index = column.type === 'JSON' ? done(buildJsonIndex(done(readPath(field, wish?.path ?? [], columns)), predicates)) : done(buildScalarIndex(column, definition, predicates));
    segment.scalars.fulfil(wish as ScalarWish, index);
    const used: UsedIndex[] = [];
    const found = matchingRows(segment, checked, predicates, undefined, (of) => used.push(of));
    expect(found).toEqual(without);
    expect(predicates.count(found as Uint8Array)).toBe(count);
    expect(used.map((of) => of.form)).toEqual(form === undefined ? [] : [form]);
    expect(segment.scalars.bytes).toBe(index?.bytes ?? 0);
    segment.dropColumns();
    expect(segment.scalars.bytes).toBe(0);
  });
});
