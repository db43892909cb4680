// IndexDefinition: the index that a caller asked for on one field, in Milvus' words and as it was given, so that it can be
// told back. Built by `checkIndex` only: who holds one need not check it again. `planIndex` says what it is here.

import { ElanusError, require } from './errors.js';
import { INDEX_TYPES, metricsOf, type IndexedType, type IndexForm, type IndexMetric, type IndexType, type IndexTypeName } from './index-type.js';
import { checkParams, readNumber, type Parameter, type Params, type ParamValue } from './parameter.js';
import { checkName } from './schema.js';

export interface IndexDefinition {
  readonly fieldName: string;
  readonly indexName: string;
  readonly indexType: IndexTypeName;
  /** That of the field; absent where the field is no vector. */
  readonly metricType?: IndexMetric;
  readonly params: Params;
}

/** What an index is asked for by. */
export interface IndexRequest {
  readonly fieldName: string;
  /** Default: the name of the field. */
  readonly indexName?: string;
  /** One of Milvus' names; default AUTOINDEX. */
  readonly indexType?: string;
  /** Default: the metric of the field. Another becomes its metric, while no index of a field of dense vectors has been asked for. */
  readonly metricType?: string;
  /** Build parameters, as numbers or as text. */
  readonly params?: Params;
}

/** What a definition needs to know of its field. */
export interface IndexedField {
  readonly name: string;
  readonly type: IndexedType;
  readonly dim?: number;
  readonly metric?: IndexMetric;
}

/** Checks `request` for `field` and fills in defaults; `params` stay as given. Errors: `InvalidArgument`. */
export function checkIndex(field: IndexedField, request: IndexRequest): IndexDefinition {
  const { indexName, indexType = 'AUTOINDEX', metricType, params = {} } = request;
  if (indexName !== undefined) checkName('index name', indexName);
  require(typeof indexType === 'string' && Object.hasOwn(INDEX_TYPES, indexType), () => `invalid index type: ${String(indexType)}, expected one of [${Object.keys(INDEX_TYPES).join(' ')}]`);
  const name = indexType as IndexTypeName;
  const { fields, build }: IndexType = INDEX_TYPES[name];
  require(fields.includes(field.type), () => `index ${name} do not support data type: ${field.type}, expected one of [${fields.join(' ')}]`);
  checkMetric(field, metricType);
  checkParams(`index ${name}`, build, params);
  for (const [key, parameter] of Object.entries(build)) checkAgainstField(field, name, key, parameter, params);
  return { fieldName: field.name, indexName: indexName ?? field.name, indexType: name, ...(field.metric === undefined ? {} : { metricType: field.metric }), params: { ...params } };
}

function checkMetric(field: IndexedField, given: unknown): void {
  if (given === undefined) return;
  const metrics = metricsOf(field.type);
  require(metrics.some((metric) => metric === given), () => `metric type ${String(given)} not found or not supported, supported: [${metrics.join(' ')}]`);
  require(given === field.metric, () => `metric type not match: invalid parameter[expected=${String(field.metric)}][actual=${String(given)}]: the metric of field "${field.name}" was set with its collection`);
}

function checkAgainstField(field: IndexedField, indexType: string, name: string, parameter: Parameter, params: Params): void {
  if (parameter.kind !== 'integer') return;
  const value = Object.hasOwn(params, name) ? params[name] : undefined;
  if (value === undefined) {
    if (parameter.required === true) throw new ElanusError('InvalidArgument', `param '${name}' not exist in json: index ${indexType} needs it, in range [${parameter.min}, ${parameter.max}]`);
    return;
  }
  const number = readNumber(name, parameter, value);
  require(
    parameter.dividesDim !== true || (field.dim ?? 0) % number === 0,
    () => `The dimension of a vector (dim) should be a multiple of param '${name}'. Dimension: ${String(field.dim)}, ${name}: ${number}`,
  );
}

/** The index of a field for which none was asked. */
export function autoIndex(field: IndexedField): IndexDefinition {
  return checkIndex(field, { fieldName: field.name });
}

/** True if the two ask for the same, however their values are written down. */
export function sameIndex(a: IndexDefinition, b: IndexDefinition): boolean {
  const [ours, theirs] = [Object.entries(a.params), Object.entries(b.params)];
  return (
    a.fieldName === b.fieldName &&
    a.indexName === b.indexName &&
    a.indexType === b.indexType &&
    ours.length === theirs.length &&
    ours.every(([name, value]) => sameValue(value, b.params[name]))
  );
}

function sameValue(a: ParamValue, b: ParamValue | undefined): boolean {
  return String(a).toUpperCase() === String(b).toUpperCase() || Number(a) === Number(b);
}

/** What a definition is here. */
export interface IndexPlan {
  readonly form: IndexForm;
  /** Of form 'ivf': the number of lists asked for by `nlist`; absent, the number of rows decides. */
  readonly lists?: number;
}

export function planIndex(field: IndexedField, { indexType, params }: IndexDefinition): IndexPlan {
  if (field.type === 'BinaryVector') return { form: 'binary' };
  if (field.type === 'SparseFloatVector') return { form: 'sparse' };
  if (metricsOf(field.type).length === 0) return { form: 'scalar' };
  const { form }: IndexType = INDEX_TYPES[indexType];
  const lists = form === 'ivf' ? nlistOf(params) : undefined;
  return { form, ...(lists === undefined ? {} : { lists }) };
}

/** The `nlist` that was given, as a number. */
export function nlistOf(params: Params): number | undefined {
  return params['nlist'] === undefined ? undefined : Number(params['nlist']);
}
