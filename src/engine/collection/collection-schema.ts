// CollectionSchema: how the schema of a collection changes. Fields are added, never taken away, and values that were
// allowed stay so; what was written by an older schema is read by that. A change is a new manifest: all or nothing.

import type { Manifest } from '../../format/manifest.js';
import { SCHEMAS_MAX } from '../../format/schema-json.js';
import { ElanusError, require } from '../../model/errors.js';
import { isVector, type Field } from '../../model/field.js';
import { checkField } from '../../model/field-check.js';
import { LIMITS } from '../../model/limits.js';
import { MILVUS } from '../../model/milvus-code.js';
import { fieldNamed, schemaVersion, type Schema } from '../../model/schema.js';
import { checkAnalyzer, loadAnalyzers } from '../database/analyzers.js';
import type { FieldChange } from '../api.js';
import type { CollectionState } from './collection-state.js';
import { hasStamps, usePushes } from './pushes-file.js';

/** Stores the manifest that `edit` gives, unless it is the same. Another schema gets a version of its own, which is used after `settle`. Within `exclusive` of the writer. Errors: those of the storage, then nothing changed. */
export async function changeManifest(state: CollectionState, edit: (before: Manifest) => Manifest, settle?: () => Promise<void>): Promise<void> {
  const { manifests } = state;
  const { schema: before } = manifests.manifest;
  const edited = edit(manifests.manifest);
  if (edited === manifests.manifest) return manifests.settle();
  if (edited.schema === before) await manifests.change(() => edited);
  else await changeSchema(state, before, edited, settle);
  await state.sweep();
}

async function changeSchema(state: CollectionState, before: Schema, edited: Manifest, settle?: () => Promise<void>): Promise<void> {
  const schema = { ...edited.schema, version: schemaVersion(before) + 1 };
  await loadAnalyzers(schema);
  const schemas = [...olderSchemas(state), before];
  if (schemas.length > SCHEMAS_MAX) throw new ElanusError('InvalidArgument', `the schema was changed ${schemas.length} times since the database was opened: open it again`, { milvusCode: MILVUS.capacityExceeded });
  state.ownTable.prepareSchema(schema);
  await state.manifests.change(() => ({ ...edited, schema, schemas }));
  await settle?.();
  state.takeEntries();
  state.ownTable.useSchema(schema);
  usePushes(state);
}

/** Those that segments are of, or logged batches may be. */
function olderSchemas({ manifests, openedWith }: CollectionState): readonly Schema[] {
  const { segments, schemas = [], schema } = manifests.manifest;
  // Who pushes may have written by any.
  if (hasStamps(schema)) return schemas;
  const named = new Set(segments.map((entry) => entry.schema ?? 0));
  return schemas.filter((older) => {
    const version = schemaVersion(older);
    return version >= openedWith.version || named.has(version) || openedWith.logged.has(version);
  });
}

/** `schema` with one field more. Errors: `InvalidArgument`, `AlreadyExists`. */
export function withField(schema: Schema, given: unknown): Schema {
  const field = checkField(given);
  const { name, type, nullable = false, defaultValue, primaryKey = false, partitionKey = false } = field;
  require(!isVector(type), () => `addField: not support to add vector field, field name = ${name}`);
  require(!partitionKey, () => `addField: not support to add partition key field, field name = ${name}`);
  require(!primaryKey, () => `addField: "${name}": a collection has one primary key, that it was created with`);
  require(nullable || defaultValue !== undefined, () => `addField: "${name}": expected nullable, or a default value, as rows that are there lack it`);
  if (schema.fields.some((before) => before.name === name)) throw new ElanusError('AlreadyExists', `addField: duplicated field name: ${name}`, { milvusCode: MILVUS.invalidParameter });
  require(schema.fields.length < LIMITS.fieldsMax, () => `addField: at most ${LIMITS.fieldsMax} fields`);
  checkAnalyzer(field);
  return { ...schema, fields: [...schema.fields, field] };
}

/** `schema` with other properties of a field; itself if nothing changes. Errors: `InvalidArgument`. */
export function withFieldChange(schema: Schema, fieldName: string, change: FieldChange): Schema {
  const field = fieldNamed(schema, fieldName);
  require(typeof change === 'object' && change !== null, () => 'alterField: expected an object');
  const unknown = Object.keys(change).find((key) => !CHANGEABLE.has(key));
  require(unknown === undefined, () => `alterField: expected ${[...CHANGEABLE].join(', ')}, found ${String(unknown)}`);
  const changed = checkField({ ...field, ...change });
  requireWider(field, changed, 'maxLength');
  requireWider(field, changed, 'maxCapacity');
  if (JSON.stringify(changed) === JSON.stringify(field)) return schema;
  return { ...schema, fields: schema.fields.map((before) => (before === field ? changed : before)) };
}

const CHANGEABLE: ReadonlySet<string> = new Set<keyof FieldChange>(['description', 'maxLength', 'maxCapacity', 'mmapEnabled']);

function requireWider(before: Field, after: Field, member: 'maxLength' | 'maxCapacity'): void {
  const [least = 0, found = 0] = [before[member], after[member]];
  require(found >= least, () => `alterField: ${before.name}.${member}: expected ${least} or more, as rows may have as much, found ${found}`);
}
