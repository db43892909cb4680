// Load: many connections that read and write at once for some time, a server that may be killed in the middle of it, and what
// became of what it had acknowledged.

import { DataType, MilvusClient } from '@zilliz/milvus2-sdk-node';
import { runProcess } from '../storage/process.js';
import { slopeOf } from '../storage/soak.js';
import { COLLECTION, LoadConnection, noCounts, type LoadCounts } from './load-connection.js';
import { memoryOf, serve, type ServeOptions, type Served } from './served.js';

export interface LoadTask {
  /** The data directory of the server, empty. */
  readonly data: string;
  readonly seconds: number;
  readonly connections: number;
  readonly dim: number;
  /** That are there before the load begins, beside those that it writes. */
  readonly rows: number;
  /** How often the server is killed, each time after `seconds`. */
  readonly kills: number;
  readonly seed: number;
  readonly entry?: ServeOptions['entry'];
  readonly sampleSeconds: number;
  onNote(note: string): void;
}

export interface LoadFigures extends LoadCounts {
  readonly seconds: number;
  /** Resident memory of the server, second half, as a share of the mean, an hour. */
  readonly rssSlopePerHour: number;
  readonly rssBytes: number;
  readonly peakBytes: number;
  /** From the start of the process until it says that it is ready, after each kill. */
  readonly readyMs: readonly number[];
  readonly readBack: number;
  /** Rows of before the load that were there at its end. */
  readonly rowsKept: number;
}

/** Keys of the rows that are there before the load. */
export const FIRST_KEY = 1_000_000_000;

export type FillTask = Pick<LoadTask, 'data' | 'rows' | 'dim' | 'seed'>;

/** Errors: if the server does not start, or what it said when it ended by itself. */
export async function load(task: LoadTask): Promise<LoadFigures> {
  const counts = noCounts();
  const options: ServeOptions = { data: task.data, ...(task.entry === undefined ? {} : { entry: task.entry }) };
  if (task.rows > 0) await runProcess('bench/server/fill-process.ts', { data: task.data, rows: task.rows, dim: task.dim, seed: task.seed } satisfies FillTask);
  let server = await serve(options);
  const connections = Array.from({ length: task.connections }, (_, number) => new LoadConnection(number, task.dim, task.seed + number * 7919, counts));
  const readyMs: number[] = [];
  const samples: [minute: number, bytes: number][] = [];
  let spent = 0;
  try {
    await prepare(server, task);
    for (let life = 0; life <= task.kills; life++) {
      await Promise.all(connections.map((connection) => connection.connect(server.address, {})));
      if (life > 0) await readBackAll(connections);
      spent += await under(server, connections, task, samples, life < task.kills);
      if (life === task.kills) continue;
      server = await serve(options);
      readyMs.push(server.startedMs);
      task.onNote(`killed and started again: ready after ${server.startedMs.toFixed(0)} ms`);
    }
    const readBack = await readBackAll(connections);
    const { rssBytes, peakBytes } = memoryOf(server.child.pid ?? 0);
    const rowsKept = await countRows(server, task.rows);
    const half = samples.filter(([minute]) => minute * 60 >= spent / 2);
    return { ...counts, seconds: spent, rssSlopePerHour: slopeOf(half).share * 60, rssBytes, peakBytes, readyMs, readBack, rowsKept };
  } finally {
    await Promise.all(connections.map((connection) => connection.close()));
    await server.close();
  }
}

async function readBackAll(connections: readonly LoadConnection[]): Promise<number> {
  const counts = await Promise.all(connections.map((connection) => connection.readBack()));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Runs all connections for the time of the task; ends with the server killed if asked to. Seconds that it took. */
async function under(server: Served, connections: readonly LoadConnection[], task: LoadTask, samples: [number, number][], kill: boolean): Promise<number> {
  const began = performance.now();
  const before = samples.at(-1)?.[0] ?? 0;
  let going = true;
  let ended = false;
  void server.ended.then(() => (ended = true));
  const sample = setInterval(() => {
    if (ended) return;
    const { rssBytes } = memoryOf(server.child.pid ?? 0);
    samples.push([before + (performance.now() - began) / 60_000, rssBytes]);
    task.onNote(`${((performance.now() - began) / 1000).toFixed(0)} s: RSS ${(rssBytes / 1e6).toFixed(1)} MB`);
  }, task.sampleSeconds * 1000);
  const all = Promise.all(connections.map((connection) => connection.run(() => going, kill)));
  await Promise.race([new Promise((resolve) => setTimeout(resolve, task.seconds * 1000)), server.ended]);
  if (ended) throw new Error(`the server ended by itself: ${server.log()}`);
  clearInterval(sample);
  going = false;
  if (kill) await server.kill();
  await all;
  return (performance.now() - began) / 1000;
}

async function prepare({ address }: Served, { dim, rows }: LoadTask): Promise<void> {
  const client = new MilvusClient({ address, logLevel: 'error' });
  const fields = [
    { name: 'id', data_type: DataType.Int64, is_primary_key: true },
    { name: 'version', data_type: DataType.Int64 },
    { name: 'part', data_type: DataType.Int32 },
    { name: 'vector', data_type: DataType.FloatVector, dim },
  ];
  if (rows === 0) await good(client.createCollection({ collection_name: COLLECTION, fields }));
  await good(client.createIndex({ collection_name: COLLECTION, field_name: 'vector', index_type: 'AUTOINDEX', metric_type: 'L2' }));
  await good(client.loadCollection({ collection_name: COLLECTION }));
  await client.closeConnection();
}

async function countRows({ address }: Served, rows: number): Promise<number> {
  if (rows === 0) return 0;
  const client = new MilvusClient({ address, logLevel: 'error' });
  const { data } = await client.query({ collection_name: COLLECTION, filter: `id >= ${FIRST_KEY}`, output_fields: ['count(*)'] });
  await client.closeConnection();
  return Number(data[0]?.['count(*)']);
}

async function good(call: Promise<{ readonly error_code: string | number; readonly reason: string }>): Promise<void> {
  const { error_code, reason } = await call;
  if (error_code !== 'Success') throw new Error(reason);
}
