// What the tests of the console share: a server with the console over a database in memory that has a bit of everything.

import { fileURLToPath } from 'node:url';
import type { Database } from '../../src/engine/api.js';
import type { Gate } from '../../src/server/access/gate.js';
import { startServer, type RunningServer } from '../../src/server/index.js';
import { open } from '../../src/presets/node.js';

export const BOOKS = 40;
const DIM = 8;
const WORDS = ['kite', 'hovering', 'meadow', 'river', 'winter', 'falcon', 'orchard', 'harbour'];

/** What /metrics says; COUNT stands for a number that grows. */
export const METRICS = [
  'elanus_request_seconds_bucket{le="0.001",verb="search",outcome="ok"} COUNT',
  'elanus_request_seconds_bucket{le="+Inf",verb="search",outcome="ok"} COUNT',
  'elanus_request_seconds_count{verb="search",outcome="ok"} COUNT',
  'process_resident_memory_bytes 104857600',
  'nodejs_eventloop_lag_p99_seconds 0.0042',
].join('\n');

export interface ConsoleServer extends RunningServer {
  readonly database: Database;
}

export async function startConsole(options: { readonly gate?: Gate } = {}): Promise<ConsoleServer> {
  const database = await open('console', { storage: 'memory', core: 'wasm' });
  const consoleDirectory = fileURLToPath(new URL('../../dist/console', import.meta.url));
  const server = await startServer({ database, host: '127.0.0.1', port: 0, log: () => undefined, consoleDirectory, ...options });
  return { ...server, database, close: async () => (await server.close(), database.close()) };
}

/** `books`: dense vectors, texts with BM25, keys that no field names; half of it sealed. `empty`: nothing. */
export async function fillDatabase(database: Database): Promise<void> {
  const books = await database.createCollection({
    name: 'books',
    description: 'What the library lends',
    enableDynamicField: true,
    fields: [
      { name: 'id', type: 'Int64', primaryKey: true },
      { name: 'title', type: 'VarChar', maxLength: 200, enableAnalyzer: true },
      { name: 'year', type: 'Int16', nullable: true },
      { name: 'meaning', type: 'FloatVector', dim: DIM, metric: 'COSINE' },
      { name: 'words', type: 'SparseFloatVector' },
    ],
    functions: [{ name: 'bm25', type: 'BM25', inputFieldNames: ['title'], outputFieldNames: ['words'] }],
  });
  const rows = Array.from({ length: BOOKS }, (_, i) => ({
    id: 9_007_199_254_740_993n + BigInt(i),
    title: `The ${WORDS[i % 8] ?? ''} and the ${WORDS[(i * 3 + 1) % 8] ?? ''}, part ${i + 1}`,
    year: i % 10 === 9 ? null : 1960 + i,
    meaning: Array.from({ length: DIM }, (_, d) => Math.cos(i * (d + 1) * 0.37)),
    shelf: `S${i % 4}`,
  }));
  await books.insert(rows.slice(0, BOOKS / 2));
  await books.flush();
  await books.insert(rows.slice(BOOKS / 2));
  await database.createCollection({ name: 'empty', dimension: 4 });
}
