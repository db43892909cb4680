// Analyzers of a collection's fields: they are kept with the schema, TEXT_MATCH and PHRASE_MATCH look for their terms, and
// runAnalyzer shows them.

import type { Collection } from '../../src/engine/api.js';
import { describe, expect, test } from 'vitest';
import type { Database } from '../../src/engine/api.js';
import type { MemoryFiles } from '../../src/storage/memory.js';
import { testDatabase } from '../support/database.js';

const invalid = (message: string): unknown => expect.objectContaining({ code: 'InvalidArgument', message: expect.stringContaining(message) });

async function withTexts(database: Database) {
  const collection: Collection = await database.createCollection({
    name: 'texts',
    fields: [
      { name: 'id', type: 'Int64', primaryKey: true },
      { name: 'body', type: 'VarChar', enableAnalyzer: true, enableMatch: true, analyzerParams: { type: 'english' } },
      { name: 'plain', type: 'VarChar', nullable: true },
      { name: 'german', type: 'VarChar', nullable: true, analyzerParams: { tokenizer: 'standard', filter: ['lowercase', { type: 'stemmer', language: 'german' }] } },
      { name: 'v', type: 'FloatVector', dim: 2 },
    ],
  });
  await collection.insert([
    { id: 1, body: 'The foxes were running over a lazy dog', plain: '東京タワー', german: 'Häuser', v: [1, 0] },
    { id: 2, body: 'A dog and a fox', plain: 'Tokyo', german: 'Haus', v: [0, 1] },
    { id: 3, body: 'Nothing here', v: [1, 1] },
  ]);
  return collection;
}

test('TEXT_MATCH and PHRASE_MATCH look for the terms of the field, growing, sealed and after opening anew', async () => {
  const files: MemoryFiles = new Map();
  const database = await testDatabase({ files });
  const check = async (of: Database): Promise<void> => {
    const collection = await of.collection('texts');
    const found = async (filter: string): Promise<readonly number[]> => (await collection.query({ filter, outputFields: ['id'], limit: 10 })).map(({ id }) => Number(id));
    expect(await found(`TEXT_MATCH(body, 'run')`)).toEqual([1]);
    expect(await found(`TEXT_MATCH(body, 'fox cat')`)).toEqual([1, 2]);
    expect(await found(`PHRASE_MATCH(body, 'lazy dogs')`)).toEqual([1]);
    expect(await found(`PHRASE_MATCH(body, 'dog fox')`)).toEqual([]);
    expect(await found(`PHRASE_MATCH(body, 'dog fox', 2)`)).toEqual([2]);
    expect(await found(`TEXT_MATCH(plain, '京')`)).toEqual([1]);
    expect(await found(`PHRASE_MATCH(plain, '京タワー')`)).toEqual([1]);
    expect(await found(`PHRASE_MATCH(plain, 'タ京')`)).toEqual([]);
    expect(await found(`TEXT_MATCH(german, 'häusern')`)).toEqual([1, 2]);
  };
  const collection = await withTexts(database);
  await check(database);
  await collection.flush();
  await check(database);
  await database.close();
  const again = await testDatabase({ files });
  const { schema } = await again.describeCollection('texts');
  expect(schema.fields[1]).toEqual({ name: 'body', type: 'VarChar', maxLength: 65_535, enableAnalyzer: true, enableMatch: true, analyzerParams: { type: 'english' } });
  await check(again);
  await again.close();
});

test('a field that is added brings its analyzer', async () => {
  const database = await testDatabase();
  const collection = await withTexts(database);
  await expect(database.addField('texts', { name: 'late', type: 'VarChar', nullable: true, analyzerParams: { type: 'klingon' } })).rejects.toEqual(invalid('unknown built-in analyzer type'));
  await database.addField('texts', { name: 'late', type: 'VarChar', nullable: true, analyzerParams: { tokenizer: 'standard', filter: ['lowercase', { type: 'stemmer', language: 'swedish' }] } });
  await collection.insert([{ id: 4, body: 'x', late: 'Bilarna', v: [2, 2] }]);
  expect((await collection.query({ filter: `TEXT_MATCH(late, 'bilar')`, limit: 9 })).map(({ id }) => Number(id))).toEqual([4]);
  await database.close();
});

describe('runAnalyzer', () => {
  test('shows the tokens of one text, or of each of several', async () => {
    const database = await testDatabase();
    await withTexts(database);
    expect(await database.runAnalyzer('The Foxes', { analyzerParams: { type: 'english' } })).toEqual([{ token: 'fox', startOffset: 4, endOffset: 9, position: 1, hash: expect.any(Number) }]);
    const many = await database.runAnalyzer(['Foxes', '', 'the'], { collection: 'texts', field: 'body' });
    expect(many.map((tokens) => tokens.map(({ token }) => token))).toEqual([['fox'], [], []]);
    expect(await database.runAnalyzer('A b', {})).toHaveLength(2);
    await database.close();
  });

  test('refuses what is no text, no analyzer or no VarChar', async () => {
    const database = await testDatabase();
    await withTexts(database);
    await expect(database.runAnalyzer(5 as never, {})).rejects.toEqual(invalid('expected a text'));
    await expect(database.runAnalyzer(['a', 5] as never, {})).rejects.toEqual(invalid('expected a text'));
    await expect(database.runAnalyzer('a', { analyzerParams: { type: 'klingon' } })).rejects.toEqual(invalid('unknown built-in analyzer type'));
    await expect(database.runAnalyzer('a', { collection: 'texts', field: 'id' })).rejects.toEqual(invalid('expected a VarChar, found Int64'));
    await expect(database.runAnalyzer('a', { collection: 'texts', field: 'nope' })).rejects.toEqual(invalid('unknown field "nope"'));
    await expect(database.runAnalyzer('a', { collection: 'nope', field: 'body' })).rejects.toEqual(expect.objectContaining({ code: 'NotFound' }));
    await expect(database.runAnalyzer('a', { collection: 'texts', field: 'body', analyzerParams: {} } as never)).rejects.toEqual(invalid('expected either analyzerParams, or collection and field'));
    await database.close();
  });
});

test('a field is refused whose analyzer is none, or whose type has no terms', async () => {
  const database = await testDatabase();
  const create = (field: object): Promise<unknown> => database.createCollection({ name: 'x', fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'v', type: 'FloatVector', dim: 2 }, { name: 't', type: 'VarChar', ...field }] });
  await expect(create({ analyzerParams: { type: 'klingon' } })).rejects.toEqual(invalid('field "t": invalid analyzer params: unknown built-in analyzer type'));
  await expect(create({ analyzerParams: [] })).rejects.toEqual(invalid('field "t".analyzerParams: expected an object'));
  await expect(create({ analyzerParams: 'english' })).rejects.toEqual(invalid('field "t".analyzerParams: expected JSON'));
  await expect(create({ enableMatch: 1 })).rejects.toEqual(invalid('expected enableAnalyzer and enableMatch to be true or false'));
  await expect(create({ type: 'Int8', enableMatch: true })).rejects.toEqual(invalid('belong to VarChar, found Int8'));
  await expect(create({ analyzerParams: { tokenizer: 'standard', filter: [{ type: 'stop', stop_words: ['x'.repeat(1_100_000)] }] } })).rejects.toEqual(invalid('at most 1048576 characters'));
  await database.close();
});
