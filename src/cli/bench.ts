// elanus bench: how fast a collection is searched, and how truly: by the vectors of rows of its own, as many clients at once as are
// asked for. Recall is against exact searches of the same vectors.

import type { Collection } from '../engine/api.js';
import type { Field } from '../model/field.js';
import type { Vector } from '../model/row.js';
import { isDenseVector } from '../model/field.js';
import { primaryField, vectorFields, type Schema } from '../model/schema.js';
import { parseWords, UsageError, type Command } from './command.js';
import { atPlace, PLACE_FLAGS, PLACE_HELP, table, toJson, type Place } from './place.js';
import { Progress } from './progress.js';

const HELP = `Usage: elanus bench COLLECTION (--data DIR | --url URL) [options]

Searches for the vectors of rows that are there, and tells searches a second, the median and 99th percentile of their time, and
the share of the true nearest that they found. Figures hold for this machine, these rows and this moment.

  --field NAME         a field of dense vectors (default: the first)
  --seconds N          how long (default 10)
  --clients N          searches at once (default 1)
  --limit N            hits of each (default 10)
  --recall R           what is asked for (default 0.95)
  --filter TEXT        only rows for which this holds
  --queries N          vectors to search for, in turn (default 200)
${PLACE_HELP}

Examples:
  elanus bench books --data ./data --clients 8
  elanus bench books --url http://localhost:19530 --seconds 30 --json
`;

const FLAGS = {
  ...PLACE_FLAGS,
  field: { type: 'string' },
  seconds: { type: 'string', default: '10' },
  clients: { type: 'string', default: '1' },
  limit: { type: 'string', default: '10' },
  recall: { type: 'string', default: '0.95' },
  filter: { type: 'string' },
  queries: { type: 'string', default: '200' },
} as const;

export const bench: Command = { help: HELP, flags: FLAGS, run };

type Flags = ReturnType<typeof parseWords<typeof FLAGS>>['values'];

interface Ways {
  readonly queries: readonly Vector[];
  /** Keys of the hits. */
  search(query: Vector, recall: number): Promise<readonly string[]>;
}

interface Measured {
  readonly searches: number;
  readonly seconds: number;
  readonly searchesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly recall: number;
  readonly clients: number;
  readonly limit: number;
  readonly queries: number;
}

const CLIENTS_MAX = 1024;
const QUERIES_MAX = 10_000;

async function run(words: readonly string[]): Promise<number> {
  const { values: flags, others } = parseWords(words, FLAGS, 1);
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const [collection] = others;
  if (collection === undefined) throw new UsageError('COLLECTION is missing: which to measure');
  const measured = await atPlace(flags, async (place) => measure(await waysOf(place, collection, flags), flags));
  process.stdout.write(flags.json ? `${toJson(measured, false)}\n` : textOf(measured));
  return 0;
}

function numberOf(flags: Flags, name: 'seconds' | 'clients' | 'limit' | 'queries' | 'recall', least: number, most: number): number {
  const value = Number(flags[name]);
  if (value >= least && value <= most) return value;
  throw new UsageError(`--${name}: expected a number from ${least} to ${most}, found "${flags[name]}"`);
}

async function waysOf(place: Place, name: string, flags: Flags): Promise<Ways> {
  const limit = numberOf(flags, 'limit', 1, 16_384);
  const count = numberOf(flags, 'queries', 1, QUERIES_MAX);
  const { filter } = flags;
  const filtered = filter === undefined ? {} : { filter };
  if (place.kind === 'local') {
    const collection = await place.database.collection(name);
    const field = fieldOf(collection.schema, flags.field);
    return {
      queries: await ownVectors(collection, field.name, count),
      search: async (data, recall) => (await collection.search({ data, annsField: field.name, limit, recall, ...filtered })).hits.map(({ id }) => String(id)),
    };
  }
  const scope = { dbName: place.databaseName, collectionName: name };
  const { data } = await place.server.post('v2/vectordb/collections/describe', scope);
  const { fields } = data as unknown as { readonly fields: readonly { readonly name: string; readonly type: string; readonly primaryKey?: boolean }[] };
  const key = fields.find(({ primaryKey }) => primaryKey === true)?.name ?? 'id';
  const field = flags.field ?? fields.find(({ type }) => type.endsWith('Vector') && !type.startsWith('Sparse'))?.name;
  if (field === undefined) throw new UsageError(`--field: "${name}" has no field of dense vectors`);
  const rows = (await place.server.post('v2/vectordb/entities/query', { ...scope, limit: count, outputFields: [field] })).data as unknown as readonly Readonly<Record<string, Vector>>[];
  return {
    queries: rows.map((row) => row[field]).filter((vector) => vector !== null && vector !== undefined),
    search: async (query, recall) => {
      const answer = await place.server.post('v2/vectordb/entities/search', { ...scope, data: [query], annsField: field, limit, ...filtered, searchParams: { params: { recall } } });
      return (answer.data as unknown as readonly Readonly<Record<string, unknown>>[]).map((row) => String(row[key]));
    },
  };
}

function fieldOf(schema: Schema, name: string | undefined): Field {
  const dense = vectorFields(schema).filter(({ type }) => isDenseVector(type));
  const field = name === undefined ? dense[0] : dense.find((one) => one.name === name);
  if (field === undefined) throw new UsageError(`--field: expected a field of dense vectors: ${dense.map((one) => one.name).join(', ') || 'there is none'}`);
  return field;
}

async function ownVectors(collection: Collection, field: string, count: number): Promise<readonly Vector[]> {
  const key = primaryField(collection.schema).name;
  const rows = await collection.query({ limit: count, outputFields: [key, field] });
  return rows.flatMap((row) => {
    const vector = (row as Readonly<Record<string, unknown>>)[field];
    return vector === null || vector === undefined ? [] : [vector as Vector];
  });
}

async function measure({ queries, search }: Ways, flags: Flags): Promise<Measured> {
  const [seconds, clients, recall, limit] = [numberOf(flags, 'seconds', 0.1, 3600), numberOf(flags, 'clients', 1, CLIENTS_MAX), numberOf(flags, 'recall', 0.5, 1), numberOf(flags, 'limit', 1, 16_384)];
  if (queries.length === 0) throw new UsageError('there are no rows to take vectors from');
  const progress = new Progress(process.stderr);
  const found = await recallOf(queries, search, recall);
  const times: number[] = [];
  const beganMs = performance.now();
  const endMs = beganMs + seconds * 1000;
  const client = async (first: number): Promise<void> => {
    for (let at = first; performance.now() < endMs; at += clients) {
      const sentMs = performance.now();
      await search(queries[at % queries.length] as Vector, recall);
      times.push(performance.now() - sentMs);
      progress.show((performance.now() - beganMs) / (seconds * 1000), `${times.length} searches`);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, first) => client(first)));
  const took = (performance.now() - beganMs) / 1000;
  progress.end();
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { searches: times.length, seconds: took, searchesPerSecond: times.length / took, p50Ms: at(0.5), p99Ms: at(0.99), recall: found, clients, limit, queries: queries.length };
}

/** Of the keys that exact searches find, those that these find too; it warms up what is measured. */
async function recallOf(queries: readonly Vector[], search: Ways['search'], recall: number): Promise<number> {
  let expected = 0;
  let found = 0;
  for (const query of queries) {
    const truth = new Set(await search(query, 1));
    expected += truth.size;
    found += (await search(query, recall)).filter((key) => truth.has(key)).length;
  }
  return expected === 0 ? 1 : found / expected;
}

function textOf({ searches, seconds, searchesPerSecond, p50Ms, p99Ms, recall, clients, limit, queries }: Measured): string {
  return table([
    ['searches/s', 'p50', 'p99', `recall@${limit}`, 'clients'],
    [searchesPerSecond.toFixed(1), `${p50Ms.toFixed(2)} ms`, `${p99Ms.toFixed(2)} ms`, recall.toFixed(4), String(clients)],
  ]) + `${searches} searches for ${queries} vectors in ${seconds.toFixed(1)} s\n`;
}
