// keys(): every primary key that matches, once, in the order asked for.

import { expect, test } from 'vitest';
import { testDatabase } from '../support/database.js';

test('keys are those of live rows over all segments, ascending or as stored, of those that match', async () => {
  const database = await testDatabase();
  const collection = await database.createCollection({ name: 'c', dimension: 2, metric: 'L2' });
  await collection.insert([5n, 2n ** 62n, -3n].map((id) => ({ id, vector: [1, 2], n: Number(id % 7n) })));
  await collection.flush();
  await collection.insert([7n, 5n].map((id) => ({ id, vector: [1, 2], n: Number(id % 7n) })));
  await collection.delete({ ids: [-3n] });
  expect(await collection.keys()).toEqual(BigInt64Array.of(5n, 7n, 2n ** 62n));
  expect(await collection.keys({ order: 'stored' })).toEqual(BigInt64Array.of(2n ** 62n, 7n, 5n));
  expect(await collection.keys({ filter: 'n == 5' })).toEqual(BigInt64Array.of(5n));
  expect(await collection.keys({ filter: 'n == 99' })).toEqual(new BigInt64Array(0));
  await expect(collection.keys({ filter: 'n ==' })).rejects.toMatchObject({ code: 'InvalidFilter' });
  await expect(collection.keys({ order: 'random' as never })).rejects.toMatchObject({ code: 'InvalidArgument' });
  await database.close();
  await expect(collection.keys()).rejects.toMatchObject({ code: 'Closed' });
});

test('texts are ordered by code point', async () => {
  const database = await testDatabase();
  const collection = await database.createCollection({ name: 'c', dimension: 2, metric: 'L2', idType: 'VarChar' });
  await collection.insert(['🪁', '\uffee', 'b', '', 'a'].map((id) => ({ id, vector: [1, 2] })));
  expect(await collection.keys()).toEqual(['', 'a', 'b', '\uffee', '🪁']);
  await database.close();
});
