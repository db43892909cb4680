// Schema as JSON: how manifests and rows files carry it. Member by member, so that nothing else rides along.

import type { Schema, SchemaFunction } from '../model/schema.js';
import type { JsonObject } from './envelope.js';

export function schemaJson({ fields, enableDynamicField, description, functions }: Schema): JsonObject {
  return { fields: fields.map(fieldJson), enableDynamicField, description, functions: functions?.map(functionJson) };
}

function fieldJson({ name, type, description, primaryKey, autoId, dim, metric, model, maxLength, elementType, maxCapacity, nullable, defaultValue, analyzerParams, enableAnalyzer, enableMatch }: Schema['fields'][number]): JsonObject {
  return { name, type, description, primaryKey, autoId, dim, metric, model: model && { name: model.name, normalized: model.normalized }, maxLength, elementType, maxCapacity, nullable, defaultValue, analyzerParams: analyzerParams as JsonObject | undefined, enableAnalyzer, enableMatch };
}

function functionJson({ name, type, description, inputFieldNames, outputFieldNames }: SchemaFunction): JsonObject {
  return { name, type, description, inputFieldNames, outputFieldNames };
}
