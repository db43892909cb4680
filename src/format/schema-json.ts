// Schema as JSON: how manifests and rows files carry it. Member by member, so that nothing else rides along.

import { requireIntact } from '../model/errors.js';
import { checkStoredSchema, schemaVersion, type Schema, type SchemaFunction } from '../model/schema.js';
import { arrayAt, intact, type Unchecked } from './checks.js';
import type { JsonObject } from './envelope.js';

/** Schemas that a manifest keeps beside the current one. */
export const SCHEMAS_MAX = 1024;

export function schemaJson({ fields, enableDynamicField, description, functions, version, hidden }: Schema): JsonObject {
  return { fields: fields.map(fieldJson), enableDynamicField, description, functions: functions?.map(functionJson), version, hidden: hidden?.map(fieldJson) };
}

/** A schema, and older ones of its collection that are still read. */
export interface Schemas {
  readonly schema: Schema;
  /** Ascending by version; absent if there are none. */
  readonly schemas?: readonly Schema[];
}

/** Errors: `Corrupt`, naming `where`. */
export function decodeSchemas(object: Unchecked, where: string): Schemas {
  const schema = intact(where, () => checkStoredSchema(object['schema']));
  if (object['schemas'] === undefined) return { schema };
  const given = arrayAt(object['schemas'], SCHEMAS_MAX, where, 'schemas');
  const schemas = given.map((older) => intact(where, () => checkStoredSchema(older)));
  const versions = [...schemas, schema].map(schemaVersion);
  requireIntact(schemas.length > 0 && versions.every((version, i) => i === 0 || version > (versions[i - 1] as number)), where, 'schemas: expected versions that ascend to that of the schema');
  return { schema, schemas };
}

/** The one of that version; undefined if it is not there. */
export function schemaOf({ schema, schemas = [] }: Schemas, version: number): Schema | undefined {
  return schemaVersion(schema) === version ? schema : schemas.find((older) => schemaVersion(older) === version);
}

function fieldJson({ name, type, description, primaryKey, autoId, dim, metric, model, maxLength, elementType, maxCapacity, nullable, partitionKey, mmapEnabled, defaultValue, analyzerParams, enableAnalyzer, enableMatch }: Schema['fields'][number]): JsonObject {
  return { name, type, description, primaryKey, autoId, dim, metric, model: model && { name: model.name, normalized: model.normalized }, maxLength, elementType, maxCapacity, nullable, partitionKey, mmapEnabled, defaultValue, analyzerParams: analyzerParams as JsonObject | undefined, enableAnalyzer, enableMatch };
}

function functionJson({ name, type, description, inputFieldNames, outputFieldNames }: SchemaFunction): JsonObject {
  return { name, type, description, inputFieldNames, outputFieldNames };
}
