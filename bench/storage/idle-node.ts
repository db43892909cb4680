// A process that holds a database open and does nothing, or holds none, for comparison. It lives until its standard input ends.

import { importOpen } from './node-database.js';
import type { IdleTask } from './idle.js';
import { answer, taskOf } from './process.js';

const { folder, rows } = taskOf<IdleTask>();
if (folder !== undefined) {
  const open = await importOpen();
  const database = await open('idle', { directory: folder });
  const collection = await database.createCollection({ name: 'rows', dimension: 16, metric: 'L2' });
  const vectorOf = (row: number): Float32Array => Float32Array.from({ length: 16 }, (_, i) => Math.sin(row * 16 + i));
  await collection.insert(Array.from({ length: rows }, (_, id) => ({ id, vector: vectorOf(id) })));
  await collection.flush();
  await collection.insert([{ id: rows, vector: vectorOf(rows) }]);
  await collection.search({ data: vectorOf(1), limit: 5 });
}
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
// What was begun has ended by then; what wakes this process later is what is looked for.
setTimeout(() => answer({ resources: process.getActiveResourcesInfo() }), 5000);
