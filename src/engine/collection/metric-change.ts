// MetricChange: the metric of a field of dense vectors changes as long as nobody has asked for an index of it, as Milvus'
// clients name it with the index. Vectors stay as they are stored; what was built over them by the metric before goes.

import type { Manifest } from '../../format/manifest.js';
import { ElanusError, require } from '../../model/errors.js';
import type { IndexRequest } from '../../model/index-definition.js';
import { metricsOf } from '../../model/index-type.js';
import type { VectorMetric } from '../../model/metric.js';
import { denseFields, fieldNamed, type DenseField, type Schema } from '../../model/schema.js';
import type { Sealer } from '../upkeep/sealer.js';
import { changeManifest } from './collection-schema.js';
import type { CollectionState } from './collection-state.js';
import { withIndex, type Definitions } from './indexes.js';

/** Times that it is begun anew as a seal came in between. */
const ATTEMPTS_MAX = 100;
/** Calls that go on after so long, or so many pauses, find another metric: searches begin again, pages of iterators may be by either, or fail. */
const QUIET_MS_MAX = 1000;
const PAUSES_MAX = 100_000;

/** The schema with the metric that `request` names, where it may still change; itself where it is to stay. Errors: `InvalidArgument`, `AlreadyExists`: the index would be refused. */
export function schemaForIndex(schema: Schema, definitions: Definitions, request: IndexRequest): Schema {
  require(typeof request === 'object' && request !== null, () => 'createIndex: expected an object with fieldName');
  const { metricType } = request;
  const field = fieldNamed(schema, request.fieldName);
  if (metricType === undefined || metricType === field.metric || !isDense(schema, field.name) || definitions.some(({ fieldName }) => fieldName === field.name)) return schema;
  require(metricsOf(field.type).some((metric) => metric === metricType), () => `metric type ${metricType} not found or not supported, supported: [${metricsOf(field.type).join(' ')}]`);
  const changed = withMetric(schema, field.name, metricType as VectorMetric);
  withIndex(changed, definitions, request);
  return changed;
}

const isDense = (schema: Schema, name: string): boolean => denseFields(schema).some((field) => field.name === name);

function withMetric(schema: Schema, name: string, metric: VectorMetric): Schema {
  return { ...schema, fields: schema.fields.map((field) => (field.name === name ? { ...field, metric } : field)) };
}

/** Makes `metric` that of a dense field, by a manifest that names no index of it. Errors: those of the storage, then nothing changed; `OutOfMemory`; `Busy`. */
export async function changeMetric(state: CollectionState, sealer: Pick<Sealer, 'settled'>, fieldName: string, metric: VectorMetric): Promise<void> {
  const signal = new AbortController().signal;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    await sealer.settled();
    // Whoever has the turn in the background is alone with the segments: no index is built, nothing is merged.
    const hasTurn = state.table().sealed.length > 0;
    const change = (): Promise<boolean> => state.writer().exclusive(() => changeAlone(state, hasTurn, fieldName, metric));
    if (await (hasTurn ? state.background.run(signal, change) : change())) return;
  }
  throw new ElanusError('Busy', `createIndex: the metric of "${fieldName}" could not be changed, as rows were sealed all the time`);
}

/** False if something is being sealed, or was meanwhile. Within `exclusive` of the writer. */
async function changeAlone(state: CollectionState, hasTurn: boolean, fieldName: string, metric: VectorMetric): Promise<boolean> {
  const { frozen, sealed } = state.table();
  if (frozen.length > 0 || (!hasTurn && sealed.length > 0)) return false;
  const field = denseFields(withMetric(state.schema, fieldName, metric)).find(({ name }) => name === fieldName) as DenseField;
  const undo = state.ownTable.prepareMetric(field);
  try {
    await store(state, fieldName, metric);
    return true;
  } catch (error) {
    undo();
    throw error;
  }
}

async function store(state: CollectionState, fieldName: string, metric: VectorMetric): Promise<void> {
  await changeManifest(state, (manifest) => ({ ...manifest, schema: withMetric(manifest.schema, fieldName, metric), segments: withoutIndexes(manifest, fieldName) }), () => quiet(state));
}

function withoutIndexes({ segments }: Manifest, fieldName: string): Manifest['segments'] {
  return segments.map((entry) => (entry.indexes.has(fieldName) ? { ...entry, indexes: new Map([...entry.indexes].filter(([name]) => name !== fieldName)) } : entry));
}

/** Resolves when no call runs, or when it has waited long enough. */
async function quiet({ environment, residency }: CollectionState): Promise<void> {
  const { ambient } = environment;
  const until = ambient.nowMs() + QUIET_MS_MAX;
  for (let pauses = 0; residency.isCalled && pauses < PAUSES_MAX && ambient.nowMs() < until; pauses++) await ambient.pause();
}
