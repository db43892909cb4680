// Index definitions as JSON: how a manifest carries the indexes that were asked for, member by member, in order of the
// fields of its schema. Absent if there are none.

import { requireIntact } from '../model/errors.js';
import { checkIndex, type IndexDefinition, type IndexRequest } from '../model/index-definition.js';
import { LIMITS } from '../model/limits.js';
import type { Schema } from '../model/schema.js';
import { arrayAt, intact, nameAt, objectAt } from './checks.js';
import type { JsonObject } from './envelope.js';

export function indexesJson(definitions: readonly IndexDefinition[]): readonly JsonObject[] | undefined {
  if (definitions.length === 0) return undefined;
  return definitions.map(({ fieldName, indexName, indexType, metricType, params }) => ({ fieldName, indexName, indexType, metricType, params: { ...params } }));
}

/** Errors: `Corrupt`, naming `where`. Members that a definition does not have are the caller's to find. */
export function decodeIndexes(value: unknown, schema: Schema, where: string): readonly IndexDefinition[] {
  if (value === undefined) return [];
  const given = arrayAt(value, LIMITS.fieldsMax, where, 'indexes');
  requireIntact(given.length > 0, where, 'indexes: expected at least one');
  let last = -1;
  const definitions = given.map((item, i) => {
    const definition = objectAt(item, where, `indexes[${i}]`);
    const name = nameAt(definition['fieldName'], where, `indexes[${i}].fieldName`);
    const at = schema.fields.findIndex((field) => field.name === name);
    requireIntact(at > last, where, `indexes[${i}].fieldName: expected fields of the schema in their order, each once, found "${name}"`);
    last = at;
    return intact(where, () => checkIndex(schema.fields[at] as Schema['fields'][number], definition as unknown as IndexRequest));
  });
  requireIntact(new Set(definitions.map(({ indexName }) => indexName)).size === definitions.length, where, 'indexes: duplicate indexName');
  return definitions;
}
