// CollectionMetric: another metric for a field of vectors. Stored bytes do not depend on it, but what is in memory and every
// index does: so all is sealed, a manifest without the indexes of that field is stored, and its segments are read anew.

import type { Manifest, SegmentEntry } from '../../format/manifest.js';
import { ElanusError, require } from '../../model/errors.js';
import { isVector } from '../../model/field.js';
import { checkField } from '../../model/field-check.js';
import type { VectorMetric } from '../../model/metric.js';
import { fieldNamed, functionOf, type Schema } from '../../model/schema.js';
import type { Table } from '../table/table.js';
import type { CollectionState, MissingSegment } from './collection-state.js';
import { loadTable } from './loading.js';

/** Times that it is sealed anew, where writes come in between. */
const ATTEMPTS_MAX = 8;

export interface MetricChange {
  readonly fieldName: string;
  readonly metric: VectorMetric;
}

export interface ChangingCollection {
  readonly seal: () => Promise<void>;
  /** Takes the table that counts from now on. */
  readonly changed: (table: Table, unknown: readonly MissingSegment[]) => void;
}

/** Errors: `InvalidArgument`, `ReadOnly`, `Busy`, those of the storage; then nothing changed. */
export async function changeMetric(state: CollectionState, change: MetricChange, collection: ChangingCollection): Promise<void> {
  const writer = state.writer();
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    if (withMetric(state.manifests.manifest, change) === state.manifests.manifest) return;
    await collection.seal();
    const isDone = await writer.exclusive(async () => {
      const { manifest } = state.manifests;
      if (writer.nextLsn !== manifest.nextLsn || state.table().frozen.length > 0) return false;
      await apply(state, change, collection);
      return true;
    });
    if (isDone) return;
  }
  throw new ElanusError('Busy', `alterField: ${change.fieldName}.metric: collection "${state.name}" is being written to: try again when it is not`);
}

async function apply(state: CollectionState, change: MetricChange, { changed }: ChangingCollection): Promise<void> {
  const { environment, files, manifests, residency, warn } = state;
  const edited = withMetric(manifests.manifest, change);
  if (edited === manifests.manifest) return;
  // Read before it is stored: what cannot be read must not be what counts.
  const { table, unknown } = await loadTable(environment, files, edited, residency, warn);
  try {
    const lost = unknown.find(({ entry }) => !state.unknown.some((before) => before.entry.id === entry.id));
    if (lost !== undefined) throw lost.error;
    await manifests.change(() => edited);
  } catch (error) {
    for (const segment of table.sealed) residency.forget(segment);
    table.close();
    throw error;
  }
  changed(table, unknown);
  await state.sweep();
}

/** The same if the field has that metric. Errors: `InvalidArgument`. */
function withMetric(manifest: Manifest, change: MetricChange): Manifest {
  const { schema, schemas, indexes = [], segments } = manifest;
  const { fieldName, metric } = change;
  const field = fieldNamed(schema, fieldName);
  require(isVector(field.type), () => `alterField: ${fieldName}.metric: expected a vector, found ${field.type}`);
  checkField({ ...field, metric });
  if (field.metric === metric) return manifest;
  require((metric === 'BM25') === (functionOf(schema, fieldName) !== undefined), () => `alterField: ${fieldName}.metric: the output of a BM25 function, and nothing else, has the metric BM25`);
  require(!indexes.some((index) => index.fieldName === fieldName), () => `alterField: ${fieldName}.metric: an index was asked for with ${String(field.metric)}: drop it first`);
  return {
    ...manifest,
    schema: schemaWith(schema, change),
    ...(schemas === undefined ? {} : { schemas: schemas.map((older) => schemaWith(older, change)) }),
    segments: segments.map((segment) => withoutIndex(segment, fieldName)),
  };
}

function schemaWith(schema: Schema, { fieldName, metric }: MetricChange): Schema {
  return { ...schema, fields: schema.fields.map((field) => (field.name === fieldName ? { ...field, metric } : field)) };
}

function withoutIndex(segment: SegmentEntry, fieldName: string): SegmentEntry {
  return segment.indexes.has(fieldName) ? { ...segment, indexes: new Map([...segment.indexes].filter(([field]) => field !== fieldName)) } : segment;
}
