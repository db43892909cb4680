// Reads: the routes below entities/ that give rows without a search.

import { Type } from 'typebox';
import type { Collection, OrderBy } from '../../engine/api.js';
import type { FilterParams } from '../../model/filter-object.js';
import type { JsonObject } from '../json.js';
import { checkConsistencyLevel } from '../../model/consistency-level.js';
import { missing, present } from './parameters.js';
import { route, type Answer, type Route } from './route.js';
import { keysFrom } from './rows.js';
import { ofCollection } from './rules.js';
import { COLLECTION, CONSISTENCY, Count, Keys, Request, SomeObject, Text, Texts } from './schema.js';

export const LIMIT_DEFAULT = 100;
const COUNT_FIELD = 'count(*)';

export const PARTITIONS = { partitionNames: Texts('Only rows in these partitions; default: all.') };
export const FILTER = { filter: Text('Only rows for which it holds.'), exprParams: SomeObject('Values of the {name} in the filter.') };
export const WINDOW = { limit: Count(`Rows at most; default ${LIMIT_DEFAULT}.`), offset: Count('Rows before these.') };
export const OUTPUT = { outputFields: Texts('Fields to give; "*" for all.') };
export const ROW = Type.Object({}, { description: 'Values by the names of fields.' });

export const READ_ROUTES: readonly Route[] = [
  route({
    path: 'entities/get',
    summary: 'The rows of some primary keys, in the order of these.',
    request: Request({ ...COLLECTION, ...PARTITIONS, ...OUTPUT, ...CONSISTENCY, partitionName: Text('A partition.'), id: Keys('One key, or several.') }),
    answer: Type.Array(ROW),
    rule: ofCollection('Query'), isLarge: true,
    async run({ database }, { collectionName, id, outputFields, partitionName = '', partitionNames, consistencyLevel }) {
      checkLevel(consistencyLevel);
      const collection = await database.collection(collectionName);
      if (id === '') throw missing('id');
      const partitions = partitionName === '' ? partitionNames : [partitionName, ...(partitionNames ?? [])];
      const rows = await collection.get({ ids: keysFrom(collection.schema, id, 'id'), outputFields: outputOr(outputFields, ['*']), ...present('partitionNames', partitions) });
      return { data: rows, cost: 0 };
    },
  }),
  route({
    path: 'entities/query',
    summary: 'The rows that a filter finds, in the order of their primary keys unless another is asked for; or what they come to.',
    request: Request({ ...COLLECTION, ...PARTITIONS, ...FILTER, ...WINDOW, ...OUTPUT, ...CONSISTENCY, orderByFields: Texts('Fields, each with ":asc" or ":desc" behind it.'), groupByFields: Texts('With aggregates in outputFields: one row for each of their values.') }),
    answer: Type.Array(ROW),
    rule: ofCollection('Query'), isLarge: true,
    run: async ({ database }, { collectionName, ...body }) => query(await database.collection(collectionName), body),
  }),
];

interface QueryBody {
  readonly partitionNames?: readonly string[];
  readonly filter?: string;
  readonly exprParams?: JsonObject;
  readonly limit?: number;
  readonly offset?: number;
  readonly outputFields?: readonly string[];
  readonly consistencyLevel?: string;
  readonly orderByFields?: readonly string[];
  readonly groupByFields?: readonly string[];
}

async function query(collection: Collection, { partitionNames, filter, exprParams, limit = LIMIT_DEFAULT, offset = 0, outputFields: asked, consistencyLevel, orderByFields = [], groupByFields = [] }: QueryBody): Promise<Answer> {
  checkLevel(consistencyLevel);
  const outputFields = outputOr(asked, ['*']);
  const which = { ...filterOf(filter, exprParams), ...present('partitionNames', partitionNames) };
  if (outputFields.length === 1 && outputFields[0]?.toLowerCase().trim() === COUNT_FIELD && groupByFields.length === 0) {
    return { data: [{ [COUNT_FIELD]: await collection.count(which.filter, which.filterParams, which) }], cost: 0 };
  }
  const order = orderByFields.length === 0 ? undefined : orderByFields.map(orderFrom);
  const rows = await collection.query({ ...which, limit, offset, outputFields, ...present('orderBy', order), ...present('groupBy', groupByFields.length === 0 ? undefined : groupByFields) });
  return { data: rows, cost: 0 };
}

/** Of a request that names none, or an empty list. */
export function outputOr(outputFields: readonly string[] | undefined, preset: readonly string[]): readonly string[] {
  return outputFields === undefined || outputFields.length === 0 ? preset : outputFields;
}

export function filterOf(filter: string | undefined, exprParams: JsonObject | undefined): { readonly filter?: string; readonly filterParams?: FilterParams } {
  return { ...present('filter', filter === '' ? undefined : filter), ...present('filterParams', exprParams as FilterParams | undefined) };
}

/** `name`, `name:desc`, `name asc`. */
function orderFrom(given: string): OrderBy {
  const [, field = given, direction = 'asc'] = /^(.*?)(?:\s*[:\s]\s*(asc|desc))?$/i.exec(given.trim()) ?? [];
  return { field, desc: direction.toLowerCase() === 'desc' };
}

/** Errors: `InvalidArgument` for one that Milvus has not. */
export function checkLevel(level: string | undefined): void {
  if (level !== undefined && level !== '' && level !== 'Customized') checkConsistencyLevel(level);
}
