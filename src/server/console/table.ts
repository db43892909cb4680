// Table: what the console asks that REST has no route for, below /console/, in the same form and by the same rules. None
// of it changes anything.

import { Type } from 'typebox';
import { version } from '../../../package.json';
import type { Collection, Database, SearchIds, SearchOptions } from '../../engine/api.js';
import { ElanusError } from '../../model/errors.js';
import { isVector, type Field } from '../../model/field.js';
import type { Row, Vector } from '../../model/row.js';
import { vectorFields, type Schema } from '../../model/schema.js';
import type { Call } from '../call.js';
import type { JsonInput } from '../json.js';
import { isIn } from '../milvus/facts.js';
import { missing, present } from '../rest/parameters.js';
import { route, type Route } from '../rest/route.js';
import { keysFrom, queriesFrom } from '../rest/rows.js';
import { ofCollection } from '../rest/rules.js';
import { toldHealth } from '../told-health.js';
import { AnyArray, COLLECTION, Count, DB, Flag, Keys, Request, Text } from '../rest/schema.js';
import type { CollectionAnswer, CollectionSummary, OverviewAnswer, ServerAnswer } from './answers.js';

const PAGE_ROWS = 25;

/** What one overview describes at most: describing a collection opens it. */
export const COLLECTIONS_MAX = 500;

const FILTER = Text('Only rows for which this holds.');
const EXPLAIN = Flag('Whether the answer says what it took.');

export const CONSOLE_ROUTES: readonly Route[] = [
  route({
    path: 'console/server',
    summary: 'The version of the server, and how its storage is.',
    request: Request({}),
    rule: { privilege: 'LoggedIn' },
    run: async ({ caller, database }) => ({ data: { version, health: toldHealth(caller, await database.health()) } satisfies ServerAnswer }),
  }),
  route({
    path: 'console/overview',
    summary: 'The collections that the caller may see, with their figures; memory and work in the background.',
    request: Request(DB),
    // As REST lists collections: each caller is shown those that he was granted something in.
    rule: { privilege: 'LoggedIn' },
    run: async (call) => ({ data: await overview(call) }),
  }),
  route({
    path: 'console/collection',
    summary: 'A collection: its schema, indexes, segments and figures.',
    request: Request(COLLECTION),
    rule: ofCollection('DescribeCollection'),
    run: async ({ database }, { collectionName }) => ({ data: await described(database, collectionName) }),
  }),
  route({
    path: 'console/rows',
    summary: 'A page of rows without their vectors, and how many there are.',
    request: Request({ ...COLLECTION, filter: FILTER, limit: Count('Rows of the page.'), offset: Count('Rows before it.'), explain: EXPLAIN }),
    rule: ofCollection('Query'),
    run: async ({ database }, { collectionName, ...page }) => ({ data: await rows(await database.collection(collectionName), page) }),
  }),
  route({
    path: 'console/search',
    summary: 'One search as the engine takes it.',
    request: Request({
      ...COLLECTION, filter: FILTER, explain: EXPLAIN,
      annsField: Text('The vector field; default: the first.'),
      data: Type.Optional(AnyArray('One vector or text.')),
      ids: Type.Optional(Keys('Instead: a row, by whose vector is searched.')),
      limit: Count('Hits.'),
      recall: Type.Optional(Type.Number({ description: 'Share of the true nearest to find.' })),
    }),
    rule: ofCollection('Search'),
    run: async ({ database }, { collectionName, ...sought }) => ({ data: await search(await database.collection(collectionName), sought) }),
  }),
];

async function overview({ caller, database, databaseName }: Call): Promise<OverviewAnswer> {
  const names = (await database.listCollections()).filter((name) => caller?.sees?.(databaseName, name) ?? true);
  const collections: CollectionSummary[] = [];
  for (const name of names.slice(0, COLLECTIONS_MAX)) {
    const one = await summaryOf(database, name);
    if (one !== undefined) collections.push(one);
  }
  const { memory, tasks } = await database.stats();
  const seen = new Set(database.catalogEntries.filter((entry) => isIn(entry, databaseName) && (caller?.sees?.(databaseName, entry.name) ?? true)).map(({ id }) => id));
  return { collections, total: names.length, memory, tasks: tasks.filter(({ collectionId }) => seen.has(collectionId)) };
}

/** Undefined if it was dropped meanwhile. */
async function summaryOf(database: Database, name: string): Promise<CollectionSummary | undefined> {
  try {
    const { schema, rows: count, sealedSegments, indexedSegments, aliases, origin } = await database.describeCollection(name);
    const loadState = await database.getLoadState(name);
    return { name, description: schema.description ?? '', rows: count, sealedSegments, indexedSegments, loadState, aliases, ...present('origin', origin) };
  } catch (error) {
    if (!(error instanceof ElanusError)) throw error;
    if (error.code === 'NotFound') return undefined;
    return { name, description: '', rows: 0, sealedSegments: 0, indexedSegments: 0, loadState: 'LoadStateNotLoad', aliases: [], trouble: error.message };
  }
}

async function described(database: Database, name: string): Promise<CollectionAnswer> {
  const description = await database.describeCollection(name);
  const indexes = await Promise.all(description.indexes.map(({ indexName }) => database.describeIndex(name, { indexName })));
  return { description, stats: await database.getCollectionStats(name), indexes, loadState: await database.getLoadState(name) };
}

interface Page {
  readonly filter?: string;
  readonly limit?: number;
  readonly offset?: number;
  readonly explain?: boolean;
}

async function rows(target: Collection, { filter, limit = PAGE_ROWS, offset = 0, explain = false }: Page): Promise<object> {
  const which = present('filter', filter === '' ? undefined : filter);
  const found = await target.query({ ...which, limit, offset, outputFields: shownFields(target.schema) });
  const total = await target.count(which.filter);
  return { rows: found.map((row) => withoutVectors(target.schema, row)), total, ...(explain ? { explain: await target.explain(which) } : {}) };
}

// A table has no room for vectors. Keys that no field names come with "*" alone.
function shownFields(schema: Schema): readonly string[] {
  return schema.enableDynamicField ? ['*'] : schema.fields.filter(({ type }) => !isVector(type)).map(({ name }) => name);
}

function withoutVectors(schema: Schema, row: Row): Row {
  const vectors = new Set(vectorFields(schema).map(({ name }) => name));
  return Object.fromEntries(Object.entries(row).filter(([name]) => !vectors.has(name)));
}

interface Sought extends Page {
  readonly annsField?: string;
  readonly data?: readonly JsonInput[];
  readonly ids?: JsonInput;
  readonly recall?: number;
}

async function search(target: Collection, { annsField, filter, limit, recall, explain = false, ...what }: Sought): Promise<object> {
  const { schema } = target;
  const field = searchedField(schema, annsField === '' ? undefined : annsField);
  const options: SearchOptions = { annsField: field.name, outputFields: shownFields(schema), explain, ...present('limit', limit), ...present('recall', recall), ...present('filter', filter === '' ? undefined : filter) };
  // As ids or as several queries, of which there is one: the answer has the same shape for both.
  const request = { ...options, ...(await soughtBy(schema, field, what)) } as SearchOptions & SearchIds;
  const began = performance.now();
  const found = await target.search(request);
  const tookMs = performance.now() - began;
  const hits = found.hits.flat().map(({ id, score, fields }) => ({ id, score, fields: withoutVectors(schema, fields) }));
  const lacking = (found.missing ?? []).map(({ file, reason, rows: count }) => `${count} rows: ${file} is ${reason}`);
  return { hits, recall: found.recall, tookMs, explain: found.explain, missing: lacking };
}

function searchedField(schema: Schema, name: string | undefined): Field {
  const fields = vectorFields(schema);
  const field = name === undefined ? fields[0] : fields.find((one) => one.name === name);
  if (field === undefined) throw new ElanusError('InvalidArgument', `annsField: expected one of ${fields.map((one) => `"${one.name}"`).join(', ')}, found ${JSON.stringify(name)}`);
  return field;
}

async function soughtBy(schema: Schema, field: Field, { data, ids }: Pick<Sought, 'data' | 'ids'>): Promise<SearchIds | { readonly data: readonly Vector[] | readonly string[] }> {
  if (ids !== undefined && data !== undefined) throw new ElanusError('InvalidArgument', 'expected ids or data, found both');
  if (ids !== undefined) return { ids: keysFrom(schema, ids, 'ids') };
  if (data === undefined) throw missing('data or ids');
  return { data: await queriesFrom(schema, field, data) };
}
