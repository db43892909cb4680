// A process that makes the collection of the load, with the rows that are there before it, in the data directory of a server
// that does not run: by columns, as that takes seconds where it takes minutes over the wire. The last of them are not sealed.

import { mixed } from '../filtered/random.js';
import { importOpen } from '../storage/node-database.js';
import { answer, taskOf } from '../storage/process.js';
import { COLLECTION } from './load-connection.js';
import { FIRST_KEY, type FillTask } from './load.js';

const BATCH_ROWS = 10_000;

const { data, rows, dim, seed } = taskOf<FillTask>();
const open = await importOpen();
const database = await open('default', { directory: data });
const fields = [
  { name: 'id', type: 'Int64', primaryKey: true },
  { name: 'version', type: 'Int64' },
  { name: 'part', type: 'Int32' },
  { name: 'vector', type: 'FloatVector', dim, metric: 'L2' },
] as const;
const collection = await database.createCollection({ name: COLLECTION, fields });
for (let first = 0; first < rows; first += BATCH_ROWS) {
  const count = Math.min(BATCH_ROWS, rows - first);
  const vector = new Float32Array(count * dim);
  for (let at = 0; at < vector.length; at++) vector[at] = mixed(seed + first, at) / 2 ** 31 - 1;
  const columns = { id: BigInt64Array.from({ length: count }, (_, i) => BigInt(FIRST_KEY + first + i)), version: new BigInt64Array(count).fill(1n), part: Int32Array.from({ length: count }, (_, i) => i % 10), vector };
  await collection.insert({ columns } as never);
}
await database.close();
answer({ rows });
