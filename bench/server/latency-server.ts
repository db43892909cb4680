// A process that serves a database over gRPC and searches the same database by a call within the process: the one less the
// other is what the wire adds. It takes lines of its standard input: `direct` measures calls within, `watch` begins to watch
// the event loop, `told` tells its longest delay since; it ends with its input.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import type { startServer } from '../../src/server/index.js';
import { inRepository } from '../repository.js';
import { importOpen, indexed } from '../storage/node-database.js';
import { answer, taskOf } from '../storage/process.js';
import { readRowsFile } from '../storage/rows.js';
import type { LatencyTask } from './latency.js';

const BATCH_ROWS = 1000;
const DELAY_RESOLUTION_MS = 1;

const { folder, base, queries, metric, k, rounds } = taskOf<LatencyTask>();
const open = await importOpen();
const { startServer: start } = (await import(pathToFileURL(inRepository('dist/server.js')).href)) as { readonly startServer: typeof startServer };
const database = await open('default', { directory: folder, concurrent: true });
const collection = await database.createCollection({ name: 'bench', dimension: base.d, metric });
const values = readRowsFile(base.path);
const vector = (of: Float32Array, row: number, d: number): Float32Array => of.subarray(row * d, row * d + d);
for (let at = 0; at < base.n; at += BATCH_ROWS) {
  await collection.insert(Array.from({ length: Math.min(BATCH_ROWS, base.n - at) }, (_, i) => ({ id: at + i, vector: vector(values, at + i, base.d) })));
}
await collection.flush();
await indexed(database, 'bench');
const asked = readRowsFile(queries.path);

async function direct(): Promise<readonly number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (let query = 0; query < queries.n; query++) {
      const data = vector(asked, query, queries.d).slice();
      const began = performance.now();
      await collection.search({ data, limit: k });
      times.push(performance.now() - began);
    }
  }
  return times;
}

await direct();
const server = await start({ host: '127.0.0.1', port: 0, database: database as never, log: () => undefined });
const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
answer({ url: server.url });
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'direct') answer({ timesMs: await direct() });
  else if (line === 'watch') {
    delay.reset();
    delay.enable();
    answer({});
  } else if (line === 'told') {
    delay.disable();
    answer({ maxMs: delay.max / 1e6, p99Ms: delay.percentile(99) / 1e6 });
  }
}
await server.close();
await database.close();
