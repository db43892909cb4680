// Queries: Query, which reads rows, counts them and adds them up; the iterators of clients are queries, too.

import type { EngineCollection } from '../../../../engine/collection/collection.js';
import { LIMITS } from '../../../../model/limits.js';
import type { FieldValue, PrimaryKey, Row } from '../../../../model/row.js';
import { primaryField, type Schema } from '../../../../model/schema.js';
import { isAggregate, parseAggregate } from '../../../../query/aggregate.js';
import { parsePath } from '../../../../query/field-path.js';
import type { OrderBy } from '../../../../query/order.js';
import { integerOf, invalid, textOf, type KeyValues } from '../../../milvus/key-values.js';
import { columnsInTurns, planResult, type ResultColumn } from '../../../milvus/result-columns.js';
import { filterOf, refuseBeyond } from '../../../milvus/search-options.js';
import { encodeQueryAnswer, type QueryAnswer } from '../../codec/answers.js';
import { readQueryRequest, type QueryRequest } from '../../codec/read-request.js';
import { onCollection } from '../../rules.js';
import { verb, type GrpcCall, type Verbs } from '../../verb.js';
import { bufferOf } from './bytes.js';
import { sessionOf } from './searches.js';

export const QUERY_VERBS: Verbs = {
  Query: verb<QueryRequest, QueryAnswer>({ rule: onCollection('Query'), isLarge: true, decode: (bytes) => readQueryRequest(bufferOf(bytes)), encode: encodeQueryAnswer, run: query }),
};

interface Window {
  /** Undefined: all. */
  readonly limit: number | undefined;
  readonly offset: number;
}

type Filtered = Pick<NonNullable<Parameters<EngineCollection['query']>[0]>, 'filter' | 'filterParams' | 'partitionNames'>;

async function query({ database }: GrpcCall, request: QueryRequest): Promise<QueryAnswer> {
  refuseBeyond(request.beyond);
  const collection = await database.opened(request.collection_name);
  const { schema } = collection;
  const filtered = { ...filterOf(request.expr, request.exprValues), ...(request.partitionNames.length === 0 ? {} : { partitionNames: request.partitionNames }) };
  const window = windowOf(request.params);
  const groupBy = namesOf(textOf(request.params, 'group_by_fields'));
  const orderBy = orderOf(textOf(request.params, 'order_by_fields'));
  const answered = { collectionName: request.collection_name, primaryFieldName: primaryField(schema).name, sessionTs: sessionOf(request) };
  if (groupBy.length > 0 || request.outputFields.some(isAggregate)) {
    const rows = await collection.query({ ...filtered, ...windowed(window), outputFields: request.outputFields, ...(groupBy.length === 0 ? {} : { groupBy }), orderBy });
    return { ...answered, outputFields: request.outputFields, columns: totalColumns(schema, [...new Set([...groupBy, ...request.outputFields.filter(isAggregate)])], rows) };
  }
  if (window.limit === undefined && filtered.filter === undefined) throw invalid('empty expression should be used with limit');
  const plan = planResult(schema, request.outputFields, true);
  const rows = await matching(collection, { ...filtered, outputFields: plan.asked, orderBy }, window);
  return { ...answered, outputFields: plan.outputFields, columns: await columnsInTurns(schema, plan, rows) };
}

/** Rows by primary key, or as ordered. Without a limit they are all, which may take more than one query. */
async function matching(collection: EngineCollection, asked: Filtered & { readonly outputFields: readonly string[]; readonly orderBy: readonly OrderBy[] }, window: Window): Promise<readonly Row[]> {
  const first = await collection.query({ ...asked, ...windowed(window) });
  if (window.limit !== undefined || window.offset + first.length < LIMITS.topKMax) return first;
  if (asked.orderBy.length > 0) throw invalid(`order_by_fields: expected a limit, as more than ${LIMITS.topKMax} rows match`);
  const { outputFields, orderBy: _, ...filtered } = asked;
  const keys = await collection.keys(filtered);
  const rows: Row[] = [];
  for (let at = window.offset; at < keys.length; at += LIMITS.topKMax) {
    const ids = Array.from<PrimaryKey>(keys.slice(at, at + LIMITS.topKMax) as ArrayLike<PrimaryKey>);
    for (const row of await collection.get({ ids, outputFields, ...filtered })) rows.push(row);
  }
  return rows;
}

function windowOf(params: KeyValues): Window {
  const limit = integerOf(params, 'limit');
  return { limit: limit === -1 ? undefined : limit, offset: integerOf(params, 'offset') ?? 0 };
}

function windowed({ limit, offset }: Window): { readonly limit?: number; readonly offset: number } {
  return { ...(limit === undefined ? {} : { limit }), offset };
}

function namesOf(list: string | undefined): readonly string[] {
  return list === undefined ? [] : list.split(',').map((name) => name.trim()).filter((name) => name !== '');
}

/** `field`, `field:asc` or `field:desc`, in a list. Errors: 1100. */
function orderOf(list: string | undefined): readonly OrderBy[] {
  return namesOf(list).map((text) => {
    const [field = '', direction = 'asc', ...rest] = text.split(':').map((part) => part.trim());
    const way = direction.toLowerCase();
    if (rest.length > 0 || (way !== 'asc' && way !== 'desc')) throw invalid(`order_by_fields: expected field:asc or field:desc, found ${JSON.stringify(text.slice(0, 64))}`);
    return { field, desc: way === 'desc' };
  });
}

function totalColumns(schema: Schema, names: readonly string[], rows: readonly Row[]): readonly ResultColumn[] {
  return names.map((name) => {
    const values = rows.map((row): FieldValue => row[name] ?? null);
    return { name, type: totalType(schema, name), fieldId: 0, nullable: values.includes(null), isDynamic: false, values };
  });
}

const INTEGERS = /^Int\d+$/;

/** What a group or an aggregate comes to. */
function totalType(schema: Schema, name: string): ResultColumn['type'] {
  if (!isAggregate(name)) return parsePath(name, schema, 'group_by_fields').type;
  const { op, path } = parseAggregate(name, schema);
  if (op === 'count') return 'Int64';
  if (op === 'avg' || path === undefined) return 'Double';
  if (op === 'sum') return INTEGERS.test(path.type) ? 'Int64' : 'Double';
  return path.type;
}
