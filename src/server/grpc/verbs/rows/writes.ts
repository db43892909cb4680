// Writes: Insert, Upsert and Delete. What is inserted goes from the bytes of the request into columns, and as columns into
// the engine; no row becomes an object on the way, but where rows are updated in part.

import type { MutationResult, WriteOptions } from '../../../../engine/api.js';
import { factsOf } from '../../../milvus/facts.js';
import { unsupported } from '../../../milvus/key-values.js';
import { filterOf } from '../../../milvus/search-options.js';
import { writtenColumns } from '../../../milvus/written-columns.js';
import { encodeMutationAnswer, type MutationAnswer } from '../../codec/answers.js';
import { readInsertRequest, readUpsertRequest, type WriteRequest } from '../../codec/insert-request.js';
import { readDeleteRequest, type DeleteRequest } from '../../codec/read-request.js';
import { onCollection } from '../../rules.js';
import { StatusError } from '../../status.js';
import { verb, type GrpcCall, type Verbs } from '../../verb.js';
import { nextTimestamp } from '../server.js';
import { bufferOf } from './bytes.js';

export const WRITE_VERBS: Verbs = {
  Insert: verb<WriteRequest, MutationAnswer>({ rule: onCollection('Insert'), isLarge: true, decode: (bytes) => readInsertRequest(bufferOf(bytes)), encode: encodeMutationAnswer, run: insert }),
  Upsert: verb<WriteRequest, MutationAnswer>({ rule: onCollection('Upsert'), isLarge: true, decode: (bytes) => readUpsertRequest(bufferOf(bytes)), encode: encodeMutationAnswer, run: upsert }),
  Delete: verb<DeleteRequest, MutationAnswer>({ rule: onCollection('Delete'), isLarge: true, decode: (bytes) => readDeleteRequest(bufferOf(bytes)), encode: encodeMutationAnswer, run: remove }),
};

async function insert({ database }: GrpcCall, request: WriteRequest): Promise<MutationAnswer> {
  const collection = await database.opened(request.collection_name);
  refuseNamespace(request);
  await checkSchemaTime(database, request);
  const result = await collection.insert(writtenColumns(collection.schema, request.fields, request.rows), { ...partitionOf(request.partition_name), inTurns: true });
  return { ...writtenAnswer(result), inserted: result.count };
}

async function upsert({ database }: GrpcCall, request: WriteRequest): Promise<MutationAnswer> {
  const collection = await database.opened(request.collection_name);
  refuseNamespace(request);
  await checkSchemaTime(database, request);
  const ops = [...request.fieldOps].filter(([, op]) => op !== 0);
  if (ops.length > 0) throw unsupported(`field_ops of ${ops.map(([name]) => `"${name}"`).join(', ')}: appending to arrays and removing from them`);
  const columns = writtenColumns(collection.schema, request.fields, request.rows);
  const result = await collection.upsert(columns, { ...partitionOf(request.partition_name), partialUpdate: request.partialUpdate, inTurns: true });
  return { ...writtenAnswer(result), upserted: result.count };
}

async function remove({ database }: GrpcCall, request: DeleteRequest): Promise<MutationAnswer> {
  const collection = await database.opened(request.collection_name);
  refuseNamespace(request);
  const partitions = request.partitionName === '' ? {} : { partitionNames: [request.partitionName] };
  const { count } = await collection.delete({ filter: request.expr, ...filterOf(request.expr, request.exprValues), ...partitions });
  return { ids: [], succeeded: 0, inserted: 0, deleted: count, upserted: 0, timestamp: BigInt(nextTimestamp()) };
}

function writtenAnswer({ ids, count }: MutationResult): MutationAnswer {
  return { ids, succeeded: count, inserted: 0, deleted: 0, upserted: 0, timestamp: BigInt(nextTimestamp()) };
}

function partitionOf(name: string): WriteOptions {
  return name === '' ? {} : { partitionName: name };
}

function refuseNamespace({ namespace }: { readonly namespace: string }): void {
  if (namespace !== '') throw unsupported('namespace');
}

/** Milvus' number of a schema that has changed since the client was told of it: it then asks again, and sends what fits. */
const SCHEMA_MISMATCH = 109;

async function checkSchemaTime(database: GrpcCall['database'], { collection_name, schemaTimestamp }: WriteRequest): Promise<void> {
  if (schemaTimestamp === 0n) return;
  const { name, updated } = await factsOf(database, collection_name);
  if (schemaTimestamp < BigInt(updated)) throw new StatusError(SCHEMA_MISMATCH, `collection schema mismatch[collection=${name}]: the schema has changed since ${schemaTimestamp}, to that of ${updated}`);
}
