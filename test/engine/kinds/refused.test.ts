// What search kinds refuse: each by a message of Milvus' class that says what was expected and found; nothing half done.

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Collection } from '../../../src/engine/api.js';
import { testDatabase } from '../../support/database.js';

let collection: Collection;
let close: () => Promise<void>;
const data = [1, 0];

beforeAll(async () => {
  const db = await testDatabase();
  close = () => db.close();
  collection = await db.createCollection({
    name: 'c',
    fields: [
      { name: 'id', type: 'Int64', primaryKey: true },
      { name: 'n', type: 'Int64' },
      { name: 's', type: 'VarChar', maxLength: 9 },
      { name: 't', type: 'Timestamptz' },
      { name: 'info', type: 'JSON' },
      { name: 'tags', type: 'Array', elementType: 'Int32', maxCapacity: 4 },
      { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' },
    ],
  });
  await collection.insert([{ id: 1, n: 1, s: 'a', t: '2024-01-01T00:00:00Z', info: {}, tags: [], v: data }]);
});
afterAll(() => close());

const decay = { kind: 'decay', function: 'gauss', field: 'n', origin: 1, scale: 2 };

test.each<[string, Record<string, unknown>, RegExp]>([
  ['a group size of 0', { groupByField: 'n', groupSize: 0 }, /groupSize: expected 1 to 10, found 0/],
  ['a group size of 11', { groupByField: 'n', groupSize: 11 }, /groupSize: expected 1 to 10, found 11/],
  ['half a group', { groupByField: 'n', groupSize: 1.5 }, /groupSize/],
  ['a group size without a field', { groupSize: 2 }, /expected a groupByField/],
  ['strictness without a field', { strictGroupSize: true }, /expected a groupByField/],
  ['strictness that is no flag', { groupByField: 'n', strictGroupSize: 1 }, /strictGroupSize: expected true or false/],
  ['an unknown group field', { groupByField: 'x' }, /field x not exist/],
  ['a vector as group field', { groupByField: 'v' }, /"v" is FloatVector/],
  ['an Array as group field', { groupByField: 'tags' }, /"tags" is Array/],
  ['JSON without a path as group field', { groupByField: 'info' }, /expected a path into it/],
  ['a group field that is no name', { groupByField: 5 }, /expected the name of a field/],
  ['groups within a range', { groupByField: 'n', radius: 5 }, /Not allowed to do range-search when doing search-group-by/],
  ['a window of groups beyond 16,384', { groupByField: 'n', limit: 16_384, offset: 1 }, /limit \+ offset/],
  ['an unknown reranker', { rerank: { kind: 'magic' } }, /unsupported rank type "magic"/],
  ['a fusion of one search', { rerank: { kind: 'rrf' } }, /unsupported rank type "rrf" of a search/],
  ['a reranker that is no object', { rerank: 'decay' }, /expected an object with kind/],
  ['an unknown decay', { rerank: { ...decay, function: 'cubic' } }, /only supports \[gauss,exp,linear\]/],
  ['a decay of a text', { rerank: { ...decay, field: 's' } }, /unsupported input field type VarChar/],
  ['a decay of nothing', { rerank: { ...decay, field: undefined } }, /expected the name of a field/],
  ['a decay without origin', { rerank: { ...decay, origin: undefined } }, /lost param: origin/],
  ['a decay without scale', { rerank: { ...decay, scale: undefined } }, /lost param: scale/],
  ['a scale of 0', { rerank: { ...decay, scale: 0 } }, /scale must be > 0/],
  ['an offset below 0', { rerank: { ...decay, offset: -1 } }, /offset must be >= 0/],
  ['a decay of 1', { rerank: { ...decay, decay: 1 } }, /decay must be > 0 and < 1/],
  ['a decay that is no number', { rerank: { ...decay, decay: 'half' } }, /param decay: expected a number/],
  ['a time without a zone as origin', { rerank: { ...decay, field: 't', origin: '2024-01-01' } }, /expected RFC 3339 text/],
  ['an unknown score mode', { rerank: { ...decay, scoreMode: 'min' } }, /only supports \[max,avg,sum\]/],
  ['a boost without weight', { rerank: { kind: 'boost' } }, /weight: expected a finite number/],
  ['an endless boost', { rerank: { kind: 'boost', weight: Infinity } }, /weight: expected a finite number/],
  ['no boosts', { rerank: { kind: 'boost', functions: [] } }, /1 to 64/],
  ['an unknown boost mode', { rerank: { kind: 'boost', functions: [{ weight: 1 }], boostMode: 'max' } }, /expected 'multiply' or 'sum'/],
  ['a random score without a whole seed', { rerank: { kind: 'boost', weight: 1, randomScore: { seed: 0.5 } } }, /seed: expected an integer/],
])('refused: %s', async (_, options, message) => {
  await expect(collection.search({ data, ...options })).rejects.toMatchObject({ code: 'InvalidArgument', message: expect.stringMatching(message) as unknown });
});

test('refused: a boost whose filter does not parse, with the position', async () => {
  await expect(collection.search({ data, rerank: { kind: 'boost', weight: 2, filter: 'n ==' } })).rejects.toMatchObject({ code: 'InvalidFilter', position: 4 });
});

test.each<[string, Record<string, unknown>, RegExp]>([
  ['no searches', { searches: [] }, /expected 1 to 1024 searches, found 0/],
  ['searches that are no array', { searches: { data } }, /expected 1 to 1024 searches/],
  ['too many searches', { searches: Array.from({ length: 1025 }, () => ({ data })) }, /found 1025/],
  ['a search that is none', { searches: [5] }, /searches\[0\]: expected a search with data/],
  ['a vector of another dimension', { searches: [{ data }, { data: [1] }] }, /searches\[1\]: .*dimension 2, found 1/],
  ['another number of queries', { searches: [{ data: [data, data] }, { data }] }, /searches\[1\]\.data: nq should be the same/],
  ['an offset in a search', { searches: [{ data, offset: 1 }] }, /searches\[0\]\.offset/],
  ['groups in a search', { searches: [{ data, groupByField: 'n' }] }, /searches\[0\]\.groupByField/],
  ['outputFields in a search', { searches: [{ data, outputFields: ['n'] }] }, /searches\[0\]\.outputFields/],
  ['an unknown field', { searches: [{ data, annsField: 'x' }] }, /searches\[0\]: annsField/],
  ['a range beside groups', { searches: [{ data, radius: 2 }], groupByField: 'n' }, /searches\[0\]: Not allowed/],
  ['an unknown ranker', { searches: [{ data }], rerank: { kind: 'magic' } }, /unsupported rank type "magic"/],
  ['a boost of a hybrid search', { searches: [{ data }], rerank: { kind: 'boost', weight: 2 } }, /unsupported rank type "boost"/],
  ['k = 0', { searches: [{ data }], rerank: { kind: 'rrf', k: 0 } }, /k should be in range \(0, 16384\)/],
  ['k = 16,384', { searches: [{ data }], rerank: { kind: 'rrf', k: 16_384 } }, /k should be in range/],
  ['weights that lack', { searches: [{ data }], rerank: { kind: 'weighted' } }, /weights not found/],
  ['a weight too few', { searches: [{ data }, { data }], rerank: { kind: 'weighted', weights: [1] } }, /length of weights param mismatch.*expected 2, found 1/],
  ['a weight too many', { searches: [{ data }], rerank: { kind: 'weighted', weights: [1, 1] } }, /expected 1, found 2/],
  ['a weight above 1', { searches: [{ data }], rerank: { kind: 'weighted', weights: [1.1] } }, /weight should be in range \[0, 1\]/],
  ['a weight below 0', { searches: [{ data }], rerank: { kind: 'weighted', weights: [-0.1] } }, /weight should be in range \[0, 1\]/],
  ['a weight that is none', { searches: [{ data }], rerank: { kind: 'weighted', weights: [NaN] } }, /weight should be in range/],
  ['an unknown normalisation', { searches: [{ data }], rerank: { kind: 'weighted', weights: [1], normalize: 'z' } }, /expected true, false or 'minmax'/],
  ['an unknown group scorer', { searches: [{ data }], groupByField: 'n', groupScorer: 'min' }, /group scorer type "min" is not supported/],
  ['a group scorer without groups', { searches: [{ data }], groupScorer: 'sum' }, /expected a groupByField/],
  ['a limit of 0', { searches: [{ data }], limit: 0 }, /limit/],
  ['a window beyond 16,384', { searches: [{ data }], limit: 16_384, offset: 1 }, /limit \+ offset/],
  ['an unknown output field', { searches: [{ data }], outputFields: ['x'] }, /unknown field "x"/],
])('refused in a hybrid search: %s', async (_, request, message) => {
  await expect(collection.hybridSearch(request as never)).rejects.toMatchObject({ code: 'InvalidArgument', message: expect.stringMatching(message) as unknown });
});
