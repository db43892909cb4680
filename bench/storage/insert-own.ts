// A process that inserts rows into an Elanus database on disk, one awaited batch after the other, as one caller does.

import type { Collection } from '../../src/engine/api.js';
import type { InsertAnswer, InsertTask } from './insert.js';
import { importOpen } from './node-database.js';
import { answer, taskOf } from './process.js';
import { readRowsFile } from './rows.js';

const { folder, rows, batch, form } = taskOf<InsertTask>();
const open = await importOpen();
const values = readRowsFile(rows.path);
const database = await open('insert', { directory: folder });
const collection: Collection = await database.createCollection({ name: 'rows', dimension: rows.d, metric: 'COSINE' });
// No index: that is counted on neither side.
await database.createIndex('rows', { fieldName: 'vector', indexType: 'FLAT' });
const given = form === 'rows' ? Array.from({ length: rows.n }, (_, id) => ({ id, vector: values.subarray(id * rows.d, (id + 1) * rows.d) })) : [];
const ids = BigInt64Array.from({ length: rows.n }, (_, id) => BigInt(id));
const part = (first: number, end: number): Parameters<Collection['insert']>[0] =>
  form === 'rows' ? given.slice(first, end) : { columns: { id: ids.subarray(first, end), vector: values.subarray(first * rows.d, end * rows.d) } };
const cpu = process.cpuUsage();
const start = performance.now();
for (let first = 0; first < rows.n; first += batch) await collection.insert(part(first, Math.min(rows.n, first + batch)));
const ackedS = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(cpu);
await collection.flush();
const storedS = (performance.now() - start) / 1000;
const count = await collection.count();
await database.close();
answer({ ackedS, storedS, cpuS: (user + system) / 1e6, count } satisfies InsertAnswer);
