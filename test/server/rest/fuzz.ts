// Fuzz: random requests made from the OpenAPI document by schemathesis, against a server that has something for them to meet:
// first with names of which most are there, as random ones meet nothing but refusals, then with any.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startTestServer, type TestServer } from '../support.js';

export const SCHEMATHESIS = fileURLToPath(new URL('../../../.venv/bin/schemathesis', import.meta.url));
export const missingSchemathesis = existsSync(SCHEMATHESIS) ? undefined : 'schemathesis is not there (npm test installs it)';

const CHECKS = 'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance';

export interface FuzzOptions {
  readonly seed: number;
  /** Requests of each path, about. */
  readonly examples: number;
  /** Only paths that match. */
  readonly only?: string;
}

export interface FuzzResult {
  readonly code: number | null;
  readonly output: string;
  /** What the server logged as its own faults. */
  readonly faults: readonly string[];
  /** What it answered when all was over. */
  readonly answered: number;
  /** How often it answered with each code. */
  readonly codes: Readonly<Record<string, number>>;
}

/** Values that names take, most of them there. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  collectionName: ['books', 'books', 'notes', 'alias', 'none'],
  newCollectionName: ['moved', 'notes'],
  aliasName: ['alias', 'other'],
  partitionName: ['_default', 'p1', 'p2'],
  indexName: ['vector', 'near'],
  fieldName: ['id', 'vector', 'text', 'year', 'new'],
  dataType: ['Int64', 'VarChar', 'JSON', 'FloatVector'],
  annsField: ['vector', 'terms'],
  groupingField: ['', 'year'],
  dbName: ['default', ''],
  filter: ['', 'year > 2000', 'text like "a%"', 'id in [1, 2]', 'id >'],
  metricType: ['', 'L2'],
  consistencyLevel: ['', 'Strong', 'Bounded', 'Never'],
  userName: ['root', 'somebody'],
  roleName: ['public', 'reader'],
  privilege: ['Search', '*'],
};

function withNames(document: unknown): unknown {
  return JSON.parse(JSON.stringify(document), (key, value: unknown) => (key === 'requestBody' ? JSON.parse(JSON.stringify(value), named) : value));
}

function named(key: string, value: unknown): unknown {
  const known = KNOWN[key];
  if (known === undefined || typeof value !== 'object' || value === null || (value as { type?: unknown }).type !== 'string') return value;
  return { type: 'string', enum: [...new Set(known)] };
}

export async function fuzz({ seed, examples, only }: FuzzOptions): Promise<FuzzResult> {
  const server = await startTestServer();
  const folder = await mkdtemp(join(tmpdir(), 'elanus-fuzz-'));
  try {
    await fill(server);
    const document: unknown = await (await fetch(`${server.url}/v2/openapi.json`)).json();
    const runs: Run[] = [];
    for (const [name, told, share] of [['names', withNames(document), examples], ['any', document, Math.ceil(examples / 4)]] as const) {
      const file = join(folder, `${name}.json`);
      await writeFile(file, JSON.stringify(told));
      runs.push(await run(['run', file, '--url', server.url, '--checks', CHECKS, '--phases', 'fuzzing', '--mode', name === 'names' ? 'positive' : 'all', '--max-examples', String(share), '--seed', String(seed), '--suppress-health-check', 'all', '--no-shrink', '--continue-on-failure', '--request-timeout', '10', '--warnings', 'off', ...(only === undefined ? [] : ['--include-path-regex', only])], folder));
    }
    const code = runs.find((one) => one.code !== 0)?.code ?? 0;
    const output = runs.map((one) => one.output).join('');
    const alive = await server.post('databases/list', {});
    const faults = server.events.filter(({ level }) => level === 'error').map(({ message, fields }) => `${message}: ${String((fields?.['error'] as Error | undefined)?.stack)}`);
    const codes: Record<string, number> = {};
    for (const { fields } of server.debugEvents) if (fields?.['code'] !== undefined) codes[String(fields['code'])] = (codes[String(fields['code'])] ?? 0) + 1;
    return { code, output, faults, answered: alive.code, codes };
  } finally {
    await server.close();
    await rm(folder, { recursive: true });
  }
}

interface Run {
  readonly code: number | null;
  readonly output: string;
}

function run(words: readonly string[], cwd: string): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(SCHEMATHESIS, words, { cwd, env: { ...process.env, NO_COLOR: '1', SCHEMATHESIS_HOOKS: '' } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

async function fill(server: TestServer): Promise<void> {
  const fields = [
    { fieldName: 'id', dataType: 'Int64', isPrimary: true },
    { fieldName: 'vector', dataType: 'FloatVector', elementTypeParams: { dim: 2 } },
    { fieldName: 'text', dataType: 'VarChar', elementTypeParams: { max_length: 100, enable_analyzer: true } },
    { fieldName: 'terms', dataType: 'SparseFloatVector' },
    { fieldName: 'year', dataType: 'Int16', nullable: true },
  ];
  const functions = [{ name: 'bm25', type: 'BM25', inputFieldNames: ['text'], outputFieldNames: ['terms'] }];
  const indexParams = [{ fieldName: 'vector', metricType: 'L2' }, { fieldName: 'terms', metricType: 'BM25' }];
  await must(server, 'collections/create', { collectionName: 'books', schema: { fields, functions, enableDynamicField: true }, indexParams });
  await must(server, 'collections/create', { collectionName: 'notes', dimension: 2 });
  await must(server, 'partitions/create', { collectionName: 'books', partitionName: 'p1' });
  await must(server, 'aliases/create', { collectionName: 'books', aliasName: 'alias' });
  await must(server, 'entities/insert', { collectionName: 'books', data: [1, 2, 3].map((id) => ({ id, vector: [id, 1], text: `a book of ${id} stars`, year: 1999 + id })) });
}

async function must(server: TestServer, path: string, body: object): Promise<void> {
  const { code, message } = await server.post(path, body);
  if (code !== 0) throw new Error(`${path}: ${code} ${String(message)}`);
}
