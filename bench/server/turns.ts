// Turns: how long the server holds its one thread, which answers everybody, over requests that are large: bodies, answers, columns,
// sparse searches, and a change of grants beside many. The server is `elanus serve` as an operator starts it, with a watch in it.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { VectorFile } from '../protocol.js';
import { log, rounded } from '../log.js';
import { judged, type StorageLine } from '../storage/line.js';
import { readRowsFile } from '../storage/rows.js';
import { RawClient } from './raw-client.js';
import { serve, type Served } from './served.js';
import type { LongestTurns } from './turn-watch.js';

export interface TurnsTask {
  /** Empty. */
  readonly folder: string;
  readonly base: VectorFile;
  readonly metric: 'L2' | 'COSINE' | 'IP';
}

const TURN_MS_MAX = 10;
const BODY_ROWS = 10_000;
const ANSWER_ROWS = 5_000;
const GRANTS = 10_000;
const SPARSE_ROWS = 20_000;
const SPARSE_TERMS = 60;
const SPARSE_WORDS = 30_000;
const SPARSE_QUERIES = 100;
const ROUNDS = 5;
const AUTHORIZATION = { authorization: `Bearer root:Milvus` };
/** The first requests find code that is not compiled yet, which a server that runs has behind it. */
const WARM_UP = 2;

interface Case {
  readonly name: string;
  run(round: number): Promise<unknown>;
}

export async function turnLines({ folder: parent, base, metric }: TurnsTask, what: string): Promise<readonly StorageLine[]> {
  const folder = join(parent, 'turns');
  mkdirSync(folder, { recursive: true });
  const server = await serve({ data: join(folder, 'data'), words: ['--auth'], watch: 'bench/server/turn-watch.ts' });
  const raw = new RawClient(server.address, AUTHORIZATION);
  try {
    const lines: StorageLine[] = [];
    for (const { name, run } of await casesOf(server, raw, base, metric)) {
      log(`turns: ${name}`);
      for (let round = -WARM_UP; round < 0; round++) await run(round);
      await server.ask('watch');
      for (let round = 0; round < ROUNDS; round++) await run(round);
      const { clockMs, cpuMs, long } = await server.ask<LongestTurns>('told');
      lines.push(judged({ bar: `longest turn of the server's event loop, ${name}`, set: what, unit: 'ms', must: TURN_MS_MAX, better: 'less', measured: Number.isNaN(cpuMs) ? clockMs : cpuMs, note: `CPU time of its thread; by the clock ${rounded(clockMs)} ms; ${long} longer than ${TURN_MS_MAX} ms in ${ROUNDS} requests` }));
    }
    return lines;
  } finally {
    raw.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function casesOf({ url }: Served, raw: RawClient, { path, n, d }: VectorFile, metric: TurnsTask['metric']): Promise<readonly Case[]> {
  const rest = (route: string, body: string): Promise<unknown> => asked(url, route, body);
  const values = readRowsFile(path);
  const rows = Math.min(BODY_ROWS, n);
  // As many digits as clients send.
  const vectors = Float64Array.from(values.subarray(0, rows * d), (value) => Math.round(value * 1e6) / 1e6);
  const created = (name: string): string => JSON.stringify({ collectionName: name, dimension: d, metricType: metric });
  const body = `{"collectionName":"bodies","data":[${Array.from({ length: rows }, (_, row) => `{"id":${row},"text":"row ${row}","vector":[${vectors.subarray(row * d, (row + 1) * d).join()}]}`).join()}]}`;
  await rest('collections/create', created('bodies'));
  await rest('collections/create', created('columns'));
  await rest('collections/create', created('answers'));
  const columns = raw.insertRequest('columns', vectors, d);
  await raw.insert(raw.insertRequest('answers', vectors, d));
  await makeSparse(rest);
  const query = JSON.stringify({ collectionName: 'answers', filter: 'id >= 0', limit: ANSWER_ROWS, outputFields: ['*'] });
  const rawQuery = raw.queryRequest('answers', ANSWER_ROWS);
  const sparse = JSON.stringify({ collectionName: 'sparse', data: Array.from({ length: SPARSE_QUERIES }, (_, at) => terms(SPARSE_ROWS + at)), annsField: 'vector', limit: 10 });
  await raw.restoreGrants('many', GRANTS - 1);
  return [
    { name: `a REST body of ${Math.round(body.length / 1e6)} MB with ${rows} rows`, run: () => rest('entities/upsert', body) },
    { name: `${ANSWER_ROWS} rows with vectors as the answer of REST`, run: () => rest('entities/query', query) },
    { name: `${ANSWER_ROWS} rows with vectors as the answer of gRPC`, run: () => raw.query(rawQuery) },
    { name: `an Upsert of gRPC with ${rows} rows`, run: () => raw.upsert(columns) },
    { name: `${SPARSE_QUERIES} sparse queries over ${SPARSE_ROWS} rows`, run: () => rest('entities/search', sparse) },
    { name: `a grant beside ${GRANTS - 1}`, run: (round) => rest(round % 2 === 0 ? 'roles/grant_privilege' : 'roles/revoke_privilege', grant('last')) },
  ];
}

const grant = (objectName: string): string => JSON.stringify({ roleName: 'many', objectType: 'Collection', objectName, privilege: 'Query' });

async function makeSparse(rest: (route: string, body: string) => Promise<unknown>): Promise<void> {
  const fields = [{ fieldName: 'id', dataType: 'Int64', isPrimary: true }, { fieldName: 'vector', dataType: 'SparseFloatVector' }];
  await rest('collections/create', JSON.stringify({ collectionName: 'sparse', schema: { fields }, indexParams: [{ fieldName: 'vector', metricType: 'IP', indexName: 'vector' }] }));
  const data = Array.from({ length: SPARSE_ROWS }, (_, row) => ({ id: row, vector: terms(row) }));
  await rest('entities/insert', JSON.stringify({ collectionName: 'sparse', data }));
  await rest('collections/flush', JSON.stringify({ collectionName: 'sparse' }));
}

/** The same for the same number; words that are frequent and words that are not. */
function terms(number: number): Readonly<Record<string, number>> {
  let state = number * 2_654_435_761 + 12_345;
  const random = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  return Object.fromEntries(Array.from({ length: SPARSE_TERMS }, () => [Math.floor(random() ** 3 * SPARSE_WORDS), Math.fround(random() + 0.01)]));
}

/** Errors: what the server answers by a code. */
async function asked(url: string, route: string, body: string): Promise<unknown> {
  const response = await fetch(`${url}/v2/vectordb/${route}`, { method: 'POST', headers: AUTHORIZATION, body });
  const answer = (await response.json()) as { readonly code: number; readonly message?: string };
  if (answer.code !== 0) throw new Error(`${route}: ${answer.code}: ${answer.message}`);
  return answer;
}
