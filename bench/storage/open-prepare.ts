// A process that makes the database that is then opened: rows inserted, sealed, indexed, closed.

import { indexed, importOpen } from './node-database.js';
import { OPEN_METRIC, type PrepareAnswer, type PrepareTask } from './open.js';
import { answer, taskOf } from './process.js';
import { readRowsFile } from './rows.js';

const BATCH_ROWS = 4096;

const { folder, rows } = taskOf<PrepareTask>();
const open = await importOpen();
const values = readRowsFile(rows.path);
const database = await open('open', { directory: folder });
const collection = await database.createCollection({ name: 'rows', dimension: rows.d, metric: OPEN_METRIC });
for (let first = 0; first < rows.n; first += BATCH_ROWS) {
  const count = Math.min(BATCH_ROWS, rows.n - first);
  await collection.insert(Array.from({ length: count }, (_, i) => ({ id: first + i, vector: values.subarray((first + i) * rows.d, (first + i + 1) * rows.d) })));
}
await collection.flush();
await indexed(database, 'rows');
const { sealedSegments: segments, indexedSegments: withIndex } = await database.describeCollection('rows');
await database.close();
answer({ segments, withIndex } satisfies PrepareAnswer);
