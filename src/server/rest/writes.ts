// Writes: the routes below entities/ that change rows.

import { Type } from 'typebox';
import type { Collection, MutationResult } from '../../engine/api.js';
import { ElanusError } from '../../model/errors.js';
import type { FilterParams } from '../../model/filter-object.js';
import type { JsonInput } from '../json.js';
import { RefusedRequest, STATUS } from '../status.js';
import { missing, present, refuseUnsupported } from './parameters.js';
import { route, type Answer, type Route } from './route.js';
import { keysFrom, rowsFrom } from './rows.js';
import { ofCollection } from './rules.js';
import { AnyArray, COLLECTION, Flag, Int64, Keys, Request, SomeObject, Text } from './schema.js';

const PARTITION = { partitionName: Text('The partition; default "_default", or what the partition key says.') };
const ROWS = Type.Unsafe<JsonInput>({ type: ['array', 'object'], description: 'Rows, or one: values by the names of fields.', items: { type: 'object' } });
const FILTER = { filter: Text('Which rows.'), exprParams: SomeObject('Values of the {name} in the filter.') };

const counted = (what: string) => Type.Object({ [`${what}Count`]: Type.Integer(), [`${what}Ids`]: Type.Array(Int64) });

export const WRITE_ROUTES: readonly Route[] = [
  route({
    path: 'entities/insert',
    summary: 'Adds rows. One whose primary key is there already is replaced.',
    request: Request({ ...COLLECTION, ...PARTITION, data: ROWS }),
    answer: counted('insert'),
    rule: ofCollection('Insert'), isLarge: true,
    async run({ database }, { collectionName, partitionName, data }) {
      const collection = await database.collection(collectionName);
      const { count, ids } = await written(async () => collection.insert(await rowsFrom(collection.schema, data), { ...into(partitionName), inTurns: true }));
      return { data: { insertCount: count, insertIds: ids }, cost: 0 };
    },
  }),
  route({
    path: 'entities/upsert',
    summary: 'Adds or replaces rows by their primary keys; with partialUpdate what a row does not give stays.',
    request: Request({ ...COLLECTION, ...PARTITION, data: ROWS, partialUpdate: Flag('What a row does not give stays as it is.'), fieldOps: Type.Optional(AnyArray('Not supported.')) }),
    answer: counted('upsert'),
    rule: ofCollection('Upsert'), isLarge: true,
    async run({ database }, { collectionName, partitionName, data, partialUpdate, ...body }) {
      refuseUnsupported(body, ['fieldOps']);
      const collection = await database.collection(collectionName);
      const { count, ids } = await written(async () => collection.upsert(await rowsFrom(collection.schema, data), { ...into(partitionName), ...present('partialUpdate', partialUpdate), inTurns: true }));
      return { data: { upsertCount: count, upsertIds: ids }, cost: 0 };
    },
  }),
  route({
    path: 'entities/delete',
    summary: 'Removes the rows that a filter finds, or those of some keys.',
    request: Request({ ...COLLECTION, ...PARTITION, ...FILTER, id: Type.Optional(Keys('Keys, instead of a filter.')), ids: Type.Optional(Keys('As id.')) }),
    answer: Type.Object({ deleteCount: Type.Integer() }),
    rule: ofCollection('Delete'), isLarge: true,
    run: async ({ database }, { collectionName, ...body }) => remove(await database.collection(collectionName), body),
  }),
];

function into(partitionName = ''): { readonly partitionName?: string } {
  return present('partitionName', partitionName === '' ? undefined : partitionName);
}

/** What of rows is refused has a code of its own. */
async function written(write: () => Promise<MutationResult>): Promise<MutationResult> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof ElanusError) || error.milvusCode !== STATUS.invalidParameter) throw error;
    throw new RefusedRequest(STATUS.badInsertData, `fail to deal the insert data, error: ${error.message}`);
  }
}

interface Removal {
  readonly filter?: string;
  readonly exprParams?: object;
  readonly id?: JsonInput;
  readonly ids?: JsonInput;
  readonly partitionName?: string;
}

async function remove(collection: Collection, { filter = '', exprParams, id, ids = id, partitionName = '' }: Removal): Promise<Answer> {
  if (filter === '' && ids === undefined) throw missing('filter or ids');
  if (filter !== '' && ids !== undefined) throw new ElanusError('InvalidArgument', 'expected filter or ids, found both');
  const which = ids === undefined
    ? { filter, ...present('filterParams', exprParams as FilterParams | undefined), ...present('partitionNames', partitionName === '' ? undefined : [partitionName]) }
    : { ids: keysFrom(collection.schema, ids, 'ids') };
  const { count } = await collection.delete(which, into(ids === undefined ? '' : partitionName));
  return { data: { deleteCount: count } };
}
