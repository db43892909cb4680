// DuckDB-Wasm as a peer of `filter`: in this thread, as our kernels are, over a table in its memory, by prepared statements.

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { installNpm, peerFile, requirePeer } from '../peers/install.js';
import type { Question } from './questions.js';
import type { FilterTable } from './table.js';

const PACKAGE = '@duckdb/duckdb-wasm';
/** Rows that are handed over at a time. */
const BATCH_ROWS = 100_000;

interface Answer {
  getChildAt(column: number): { get(row: number): unknown };
}
interface Connection {
  query(sql: string): Answer;
  prepare(sql: string): { query(): Answer; close(): void };
  insertArrowFromIPCStream(bytes: Uint8Array, options: { readonly name: string; readonly create: boolean }): void;
}
interface Blocking {
  createDuckDB(bundles: object, logger: object, runtime: object): Promise<{ instantiate(): Promise<unknown>; connect(): Connection }>;
  readonly VoidLogger: new () => object;
  readonly NODE_RUNTIME: object;
}
interface Arrow {
  tableFromArrays(columns: Readonly<Record<string, unknown>>): object;
  tableToIPC(table: object, type: 'stream'): Uint8Array;
}

/** Gives what counts the matches of a question. Errors: why it is absent. */
export async function openDuckDb(table: FilterTable): Promise<(question: Question) => () => number> {
  const failed = installNpm(PACKAGE, false);
  if (failed !== undefined) throw new Error(failed);
  const { createDuckDB, VoidLogger, NODE_RUNTIME } = requirePeer(`${PACKAGE}/dist/duckdb-node-blocking.cjs`) as Blocking;
  const file = (name: string): string => peerFile(`${PACKAGE}/dist/${name}`);
  const database = await createDuckDB({ mvp: { mainModule: file('duckdb-mvp.wasm'), mainWorker: file('duckdb-node-mvp.worker.cjs') }, eh: { mainModule: file('duckdb-eh.wasm'), mainWorker: file('duckdb-node-eh.worker.cjs') } }, new VoidLogger(), NODE_RUNTIME);
  await database.instantiate();
  const connection = database.connect();
  fill(connection, table);
  return ({ sql }) => {
    if (sql === undefined) throw new Error('JSON takes an extension that is not in its package');
    const statement = connection.prepare(`SELECT count(*) FROM rows WHERE ${sql}`);
    return () => Number(statement.query().getChildAt(0).get(0));
  };
}

function fill(connection: Connection, table: FilterTable): void {
  const { tableFromArrays, tableToIPC } = createRequire(join(peerFile(PACKAGE), 'package.json'))('apache-arrow') as Arrow;
  connection.query('CREATE TABLE rows (serial BIGINT, age INTEGER, kind INTEGER, year SMALLINT, price FLOAT, city VARCHAR, title VARCHAR, doc VARCHAR)');
  const { rows, ...columns } = table;
  for (let first = 0; first < rows; first += BATCH_ROWS) {
    const part = Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values.slice(first, first + BATCH_ROWS)]));
    connection.insertArrowFromIPCStream(tableToIPC(tableFromArrays(part), 'stream'), { name: 'part', create: true });
    connection.query('INSERT INTO rows SELECT serial, age, kind, year, price, city, title, doc FROM part');
    connection.query('DROP TABLE part');
  }
}
