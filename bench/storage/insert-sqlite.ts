// A process that inserts rows into a vec0 table of sqlite-vec: WAL, synchronous = FULL, one transaction a batch, a prepared
// statement. A vec0 table looks at every row when it searches, so there is no index either.

import { join } from 'node:path';
import { requirePeer } from '../peers/install.js';
import type { InsertAnswer, InsertTask } from './insert.js';
import { answer, taskOf } from './process.js';
import { readRowsFile } from './rows.js';

interface Statement {
  run(...values: readonly unknown[]): unknown;
  get(): unknown;
}
interface Sqlite {
  pragma(text: string): unknown;
  exec(sql: string): unknown;
  prepare(sql: string): Statement;
  transaction<Args extends readonly unknown[]>(work: (...args: Args) => void): (...args: Args) => void;
  close(): void;
}

const { folder, rows, batch } = taskOf<InsertTask>();
const Database = requirePeer('better-sqlite3') as new (path: string) => Sqlite;
const { load } = requirePeer('sqlite-vec') as { readonly load: (database: Sqlite) => void };
const values = readRowsFile(rows.path);
const database = new Database(join(folder, 'insert.db'));
load(database);
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.exec(`create virtual table rows using vec0(id integer primary key, vector float[${rows.d}] distance_metric=cosine)`);
const given = Array.from({ length: rows.n }, (_, id) => ({ id: BigInt(id), vector: new Uint8Array(values.buffer, values.byteOffset + id * rows.d * 4, rows.d * 4) }));
const statement = database.prepare('insert into rows(id, vector) values (?, ?)');
const insert = database.transaction((part: readonly (typeof given)[number][]) => {
  for (const { id, vector } of part) statement.run(id, vector);
});
const cpu = process.cpuUsage();
const start = performance.now();
for (let first = 0; first < rows.n; first += batch) insert(given.slice(first, first + batch));
const ackedS = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(cpu);
database.pragma('wal_checkpoint(TRUNCATE)');
const storedS = (performance.now() - start) / 1000;
const { count } = database.prepare('select count(*) as count from rows').get() as { readonly count: number };
database.close();
answer({ ackedS, storedS, cpuS: (user + system) / 1e6, count } satisfies InsertAnswer);
