// Definition: what `createCollection` is given, in either form, as a checked name, Schema and indexes.

import type { Properties } from '../../format/properties.js';
import { checkConsistencyLevel, type ConsistencyLevel } from '../../model/consistency-level.js';
import { require } from '../../model/errors.js';
import type { Field } from '../../model/field.js';
import { LIMITS } from '../../model/limits.js';
import { checkName, checkSchema, type Schema } from '../../model/schema.js';
import { checkAnalyzer } from '../database/analyzers.js';
import type { CollectionDefinition } from '../api.js';
import { definitionsOf, type Definitions } from './indexes.js';
import { hasPartitionKey } from './partitions.js';
import { checkProperties, mergedProperties } from './properties.js';

export interface CheckedDefinition {
  readonly name: string;
  readonly schema: Schema;
  readonly indexes: Definitions;
  /** By a partition key; undefined if there is none. */
  readonly numPartitions: number | undefined;
  readonly properties: Properties;
  readonly consistencyLevel: ConsistencyLevel | undefined;
  readonly isLoaded: boolean;
}

/** Errors: `InvalidArgument`; `AlreadyExists` if a field has two indexes. */
export function checkDefinition(given: CollectionDefinition): CheckedDefinition {
  require(typeof given === 'object' && given !== null, () => 'createCollection: expected an object with name and fields, or name and dimension');
  checkName('collection name', given.name);
  require('fields' in given !== 'dimension' in given, () => 'createCollection: expected either fields or dimension');
  const schema = 'fields' in given ? checkSchema(given) : quickSchema(given);
  for (const field of schema.fields) checkAnalyzer(field);
  const properties = mergedProperties({}, given.properties ?? {});
  checkProperties(properties, schema);
  const { loaded = true } = given;
  require(typeof loaded === 'boolean', () => 'loaded: expected true or false');
  const consistencyLevel = given.consistencyLevel === undefined ? undefined : checkConsistencyLevel(given.consistencyLevel);
  return { name: given.name, schema, indexes: definitionsOf(schema, given.indexParams ?? []), numPartitions: partitionCount(schema, given.numPartitions), properties, consistencyLevel, isLoaded: loaded };
}

function partitionCount(schema: Schema, given: unknown): number | undefined {
  const isKeyed = hasPartitionKey(schema);
  require(isKeyed || given === undefined, () => 'numPartitions: num_partitions should only be specified with partition key field enabled');
  if (!isKeyed) return undefined;
  const { partitionsMax, partitionsOfKey } = LIMITS;
  require(given === undefined || (Number.isInteger(given) && (given as number) >= 1 && (given as number) <= partitionsMax), () => `numPartitions: expected 1 to ${partitionsMax}, found ${String(given)}`);
  return (given as number | undefined) ?? partitionsOfKey;
}

function quickSchema({ dimension, metric = 'COSINE', idType = 'Int64', autoId = false }: Extract<CollectionDefinition, { readonly dimension: number }>): Schema {
  const fields: readonly Field[] = [
    { name: 'id', type: idType, primaryKey: true, autoId },
    { name: 'vector', type: 'FloatVector', dim: dimension, metric },
  ];
  return checkSchema({ fields, enableDynamicField: true });
}
