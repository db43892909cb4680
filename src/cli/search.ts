// elanus search: the rows nearest to a vector, to a text, or to other rows.

import { readFile } from 'node:fs/promises';
import type { Collection, SearchOptions } from '../engine/api.js';
import type { Hit } from '../model/hit.js';
import type { PrimaryKey, Vector } from '../model/row.js';
import { primaryField } from '../model/schema.js';
import { parseWords, UsageError, type Command } from './command.js';
import { atPlace, PLACE_FLAGS, PLACE_HELP, table, toJson, type RemotePlace } from './place.js';

const HELP = `Usage: elanus search COLLECTION (--vector JSON | --text TEXT | --id KEY) (--data DIR | --url URL) [options]

The nearest rows, best first: their score, their key, and the fields that are asked for.

  --vector JSON        an array of numbers, or {"index": value} of a sparse vector; @FILE reads it from there, @- from stdin
  --text TEXT          a text, for a field whose vectors a function of the schema makes
  --id KEY             a row that is there: those near to it
  --field NAME         the vector field (default: the only one)
  --filter TEXT        only rows for which this holds
  --limit N            hits (default 10)
  --recall R           share of the true nearest to find, 0.5 to 1 (default 0.95; 1 is exact)
  --output A,B,C       fields of the hits, * for all (default: none)
  --explain            tell what the search took, on stderr, of a data directory
${PLACE_HELP}

Examples:
  elanus search books --vector '[0.1, 0.2, 0.3]' --filter 'year > 1990' --output title,year --data ./data
  elanus search books --text 'small raptors' --field words --url http://localhost:19530
  elanus search books --id 42 --limit 3 --json --data ./data
`;

const FLAGS = {
  ...PLACE_FLAGS,
  vector: { type: 'string' },
  text: { type: 'string' },
  id: { type: 'string' },
  field: { type: 'string' },
  filter: { type: 'string' },
  limit: { type: 'string', default: '10' },
  recall: { type: 'string' },
  output: { type: 'string' },
  explain: { type: 'boolean', default: false },
} as const;

export const search: Command = { help: HELP, flags: FLAGS, run };

type Flags = ReturnType<typeof parseWords<typeof FLAGS>>['values'];

type Sought = { readonly vector: Vector } | { readonly text: string } | { readonly id: string };

interface Asked {
  readonly collection: string;
  readonly sought: Sought;
  readonly options: SearchOptions;
}

async function run(words: readonly string[]): Promise<number> {
  const { values: flags, others } = parseWords(words, FLAGS, 1);
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const asked = await checkFlags(flags, others[0]);
  const hits = await atPlace(flags, async (place) => {
    if (place.kind === 'remote') return remoteHits(place, asked);
    return localHits(await place.database.collection(asked.collection), asked);
  });
  process.stdout.write(flags.json ? `${toJson({ hits }, false)}\n` : textOf(hits));
  return 0;
}

async function checkFlags(flags: Flags, collection: string | undefined): Promise<Asked> {
  if (collection === undefined) throw new UsageError('COLLECTION is missing: which to search');
  const limit = Number(flags.limit);
  if (!Number.isInteger(limit) || limit < 1) throw new UsageError(`--limit: expected a whole number of 1 or more, found "${flags.limit}"`);
  const recall = flags.recall === undefined ? undefined : Number(flags.recall);
  if (Number.isNaN(recall)) throw new UsageError(`--recall: expected a number from 0.5 to 1, found "${flags.recall}"`);
  const { filter, field, output } = flags;
  const options = { limit, outputFields: output === undefined ? [] : output.split(','), explain: flags.explain, ...(recall === undefined ? {} : { recall }), ...(filter === undefined ? {} : { filter }), ...(field === undefined ? {} : { annsField: field }) };
  return { collection, sought: await soughtIn(flags), options };
}

async function soughtIn({ vector, text, id }: Flags): Promise<Sought> {
  const given = [vector, text, id].filter((one) => one !== undefined);
  if (given.length !== 1) throw new UsageError('expected one of --vector, --text and --id: what to search for');
  if (text !== undefined) return { text };
  if (id !== undefined) return { id };
  const json = vector?.startsWith('@') === true ? await readText(vector.slice(1)) : vector ?? '';
  try {
    const value = JSON.parse(json) as unknown;
    // What is in it is for the collection to check.
    if (typeof value === 'object' && value !== null) return { vector: value as Vector };
  } catch {
    // Told below.
  }
  throw new UsageError(`--vector: expected a JSON array of numbers, or an object of indices and values, found ${JSON.stringify(json.slice(0, 40))}`);
}

async function readText(path: string): Promise<string> {
  if (path !== '-') return readFile(path, 'utf8');
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

async function localHits(collection: Collection, { sought, options }: Asked): Promise<readonly Hit[]> {
  if ('id' in sought) return (await tell(collection.search({ ...options, ids: [keyOf(collection, sought.id)] }), options)).flat();
  return tell(collection.search({ ...options, data: 'text' in sought ? sought.text : sought.vector }), options);
}

function keyOf({ schema }: Collection, text: string): PrimaryKey {
  if (primaryField(schema).type !== 'Int64') return text;
  if (!/^-?\d{1,19}$/.test(text)) throw new UsageError(`--id: expected an Int64, found "${text}"`);
  return BigInt(text);
}

async function tell<T>(searched: Promise<{ readonly hits: T; readonly explain?: unknown; readonly recall: number }>, { explain }: SearchOptions): Promise<T> {
  const result = await searched;
  if (explain === true) process.stderr.write(`recall to expect: ${result.recall}\n${toJson(result.explain, false)}\n`);
  return result.hits;
}

interface RemoteRow {
  readonly distance: number;
  readonly [field: string]: unknown;
}

async function remoteHits({ server, databaseName }: RemotePlace, { collection, sought, options: { limit, filter, annsField, recall, outputFields } }: Asked): Promise<readonly Hit[]> {
  const scope = { dbName: databaseName, collectionName: collection };
  const described = (await server.post('v2/vectordb/collections/describe', scope)).data as { readonly fields: readonly { readonly name: string; readonly primaryKey?: boolean }[] };
  const key = described.fields.find(({ primaryKey }) => primaryKey === true)?.name ?? 'id';
  const what = 'id' in sought ? { ids: [sought.id] } : { data: ['text' in sought ? sought.text : sought.vector] };
  const { data } = await server.post('v2/vectordb/entities/search', { ...scope, ...what, limit, filter, annsField, outputFields, ...(recall === undefined ? {} : { searchParams: { params: { recall } } }) });
  return (data as unknown as readonly RemoteRow[]).map(({ distance, ...fields }) => {
    const { [key]: id, ...rest } = fields;
    return { id: id as PrimaryKey, score: distance, fields: rest as Hit['fields'] };
  });
}

const CELL_LENGTH_MAX = 60;

function textOf(hits: readonly Hit[]): string {
  const names = [...new Set(hits.flatMap(({ fields }) => Object.keys(fields)))];
  const cell = (value: unknown): string => {
    const text = typeof value === 'string' ? value.replaceAll(/\s+/g, ' ') : value === undefined ? '' : toJson(value, false);
    return text.length > CELL_LENGTH_MAX ? `${text.slice(0, CELL_LENGTH_MAX - 1)}…` : text;
  };
  return table([['score', 'id', ...names], ...hits.map(({ id, score, fields }) => [score.toPrecision(6), String(id), ...names.map((name) => cell((fields as Readonly<Record<string, unknown>>)[name]))])]);
}
