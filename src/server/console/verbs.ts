// Verbs: what the console asks that REST has no verb for, each with the rule by which the gate admits it. None changes
// anything.

import { version } from '../../../package.json';
import type { Database, SearchIds, SearchOptions } from '../../engine/api.js';
import { ElanusError } from '../../model/errors.js';
import { isVector, type Field } from '../../model/field.js';
import type { Row, Vector } from '../../model/row.js';
import { functionOf, vectorFields, type Schema } from '../../model/schema.js';
import type { Rule } from '../access/rule.js';
import type { Call } from '../call.js';
import type { JsonObject } from '../json.js';
import { missing, optional, optionalFlag, optionalNumber, optionalText, optionalTexts, present, textOf } from '../rest/parameters.js';
import { keysFrom, vectorsFrom } from '../rest/rows.js';
import type { CollectionAnswer, CollectionSummary, OverviewAnswer, ServerAnswer } from './answers.js';

export interface ConsoleVerb {
  readonly rule: Rule<JsonObject>;
  /** Gives plain data; bigint and typed arrays where the engine gives them. */
  readonly answer: (call: Call, body: JsonObject) => Promise<object>;
}

const PAGE_ROWS = 25;

/** What one overview describes at most: describing a collection opens it. */
export const COLLECTIONS_MAX = 500;

const namedCollection = (body: JsonObject): readonly string[] => [textOf(body, 'collectionName')];

/** By path below `/console/api/`. */
export const CONSOLE_VERBS: Readonly<Record<string, ConsoleVerb>> = {
  server: { rule: { privilege: 'LoggedIn' }, answer: server },
  overview: { rule: { privilege: 'ShowCollections', object: 'Database' }, answer: overview },
  collection: { rule: { privilege: 'DescribeCollection', object: 'Collection', collections: namedCollection }, answer: collection },
  rows: { rule: { privilege: 'Query', object: 'Collection', collections: namedCollection }, answer: rows },
  search: { rule: { privilege: 'Search', object: 'Collection', collections: namedCollection }, answer: search },
};

async function server({ database }: Call): Promise<ServerAnswer> {
  return { version, health: await database.health() };
}

async function overview({ caller, database, databaseName }: Call): Promise<OverviewAnswer> {
  const names = (await database.listCollections()).filter((name) => caller?.sees?.(databaseName, name) ?? true);
  const collections: CollectionSummary[] = [];
  for (const name of names.slice(0, COLLECTIONS_MAX)) {
    const one = await summaryOf(database, name);
    if (one !== undefined) collections.push(one);
  }
  const { memory, tasks } = await database.stats();
  return { collections, total: names.length, memory, tasks };
}

/** Undefined if it was dropped meanwhile. */
async function summaryOf(database: Database, name: string): Promise<CollectionSummary | undefined> {
  try {
    const { schema, rows, sealedSegments, indexedSegments, aliases, origin } = await database.describeCollection(name);
    const loadState = await database.getLoadState(name);
    return { name, description: schema.description ?? '', rows, sealedSegments, indexedSegments, loadState, aliases, ...present('origin', origin) };
  } catch (error) {
    if (!(error instanceof ElanusError)) throw error;
    if (error.code === 'NotFound') return undefined;
    return { name, description: '', rows: 0, sealedSegments: 0, indexedSegments: 0, loadState: 'LoadStateNotLoad', aliases: [], trouble: error.message };
  }
}

async function collection({ database }: Call, body: JsonObject): Promise<CollectionAnswer> {
  const name = textOf(body, 'collectionName');
  const description = await database.describeCollection(name);
  const indexes = await Promise.all(description.indexes.map(({ indexName }) => database.describeIndex(name, { indexName })));
  return { description, stats: await database.getCollectionStats(name), indexes, loadState: await database.getLoadState(name) };
}

/** One page of rows without their vectors, how many match, and what finding them takes if `explain` is asked for. */
async function rows({ database }: Call, body: JsonObject): Promise<object> {
  const target = await database.collection(textOf(body, 'collectionName'));
  const filter = present('filter', optionalText(body, 'filter'));
  const page = { limit: optionalNumber(body, 'limit') ?? PAGE_ROWS, offset: optionalNumber(body, 'offset') ?? 0 };
  const found = await target.query({ ...filter, ...page, outputFields: shownFields(target.schema) });
  const total = await target.count(filter.filter);
  const explain = optionalFlag(body, 'explain') === true ? await target.explain(filter) : undefined;
  return { rows: found.map((row) => withoutVectors(target.schema, row)), total, explain };
}

// A table has no room for vectors. Keys that no field names come with "*" alone.
function shownFields(schema: Schema): readonly string[] {
  return schema.enableDynamicField ? ['*'] : schema.fields.filter(({ type }) => !isVector(type)).map(({ name }) => name);
}

function withoutVectors(schema: Schema, row: Row): Row {
  const vectors = new Set(vectorFields(schema).map(({ name }) => name));
  return Object.fromEntries(Object.entries(row).filter(([name]) => !vectors.has(name)));
}

/** As the engine takes it: also `recall`, ids instead of data, and `explain`. */
async function search({ database }: Call, body: JsonObject): Promise<object> {
  const target = await database.collection(textOf(body, 'collectionName'));
  const field = searchedField(target.schema, optionalText(body, 'annsField'));
  const options: SearchOptions = {
    annsField: field.name,
    outputFields: shownFields(target.schema),
    explain: optionalFlag(body, 'explain') ?? false,
    ...present('limit', optionalNumber(body, 'limit')),
    ...present('recall', optionalNumber(body, 'recall')),
    ...present('filter', optionalText(body, 'filter')),
  };
  // As ids or as several queries, of which there is one: the answer has the same shape for both.
  const request = { ...options, ...soughtBy(target.schema, field, body) } as SearchOptions & SearchIds;
  const began = performance.now();
  const { hits, recall, explain, missing: lacking = [] } = await target.search(request);
  const tookMs = performance.now() - began;
  const shown = hits.flat().map(({ id, score, fields }) => ({ id, score, fields: withoutVectors(target.schema, fields) }));
  return { hits: shown, recall, tookMs, explain, missing: lacking.map(({ file, reason, rows }) => `${rows} rows: ${file} is ${reason}`) };
}

function searchedField(schema: Schema, name: string | undefined): Field {
  const fields = vectorFields(schema);
  const field = name === undefined ? fields[0] : fields.find((one) => one.name === name);
  if (field === undefined) throw new ElanusError('InvalidArgument', `annsField: expected one of ${fields.map((one) => `"${one.name}"`).join(', ')}, found ${JSON.stringify(name)}`);
  return field;
}

function soughtBy(schema: Schema, field: Field, body: JsonObject): SearchIds | { readonly data: readonly Vector[] | readonly string[] } {
  const ids = optional(body, 'ids');
  const data = optional(body, 'data');
  if (ids !== undefined && data !== undefined) throw new ElanusError('InvalidArgument', 'expected ids or data, found both');
  if (ids !== undefined) return { ids: keysFrom(schema, ids, 'ids') };
  if (data === undefined) throw missing('data or ids');
  if (functionOf(schema, field.name) !== undefined) return { data: optionalTexts(body, 'data') ?? [] };
  return { data: vectorsFrom(field.type, data) };
}
