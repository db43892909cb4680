// IndexWords: an index as Milvus' clients ask for it and read it back: settings by name, of which `params` holds others as JSON.

import type { IndexDefinition, IndexRequest } from '../../model/index-definition.js';
import type { Params, ParamValue } from '../../model/parameter.js';
import { RefusedRequest, STATUS } from '../status.js';

export interface Setting {
  readonly key: string;
  readonly value: string;
}

const MMAP = 'mmap.enabled';
const OWN: ReadonlySet<string> = new Set(['index_type', 'metric_type', 'params', 'index_name', 'field_name', 'dim']);

/** Errors: 1100 if `params` is no JSON object of numbers, texts and truths. */
export function indexRequestOf(fieldName: string, indexName: string, settings: readonly Setting[]): IndexRequest {
  const text = (name: string): string | undefined => settings.find(({ key, value }) => key === name && value !== '')?.value;
  const { index_type: olderType, metric_type: olderMetric, ...inner } = paramsOf(text('params') ?? '{}');
  const indexType = text('index_type') ?? (olderType === undefined ? undefined : String(olderType));
  const metricType = text('metric_type') ?? (olderMetric === undefined ? undefined : String(olderMetric));
  const outer = Object.fromEntries(settings.filter(({ key }) => !OWN.has(key)).map(({ key, value }) => [key, value]));
  return {
    fieldName,
    params: { ...inner, ...outer },
    ...(indexName === '' ? {} : { indexName }),
    ...(indexType === undefined ? {} : { indexType }),
    ...(metricType === undefined ? {} : { metricType: metricType.toUpperCase() }),
  };
}

/** What clients read back: as it was asked for. */
export function settingsOf({ indexType, metricType, params }: IndexDefinition): readonly Setting[] {
  // What came as a setting of its own is a text; what came within `params` is what JSON has.
  const own = Object.entries(params).filter(([key, value]) => typeof value === 'string' || key === MMAP);
  const inner = Object.fromEntries(Object.entries(params).filter(([key, value]) => typeof value !== 'string' && key !== MMAP));
  return [
    { key: 'index_type', value: indexType },
    ...(metricType === undefined ? [] : [{ key: 'metric_type', value: metricType }]),
    ...(Object.keys(inner).length === 0 ? [] : [{ key: 'params', value: JSON.stringify(inner) }]),
    ...own.map(([key, value]) => ({ key, value: String(value) })),
  ];
}

function paramsOf(text: string): Params {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject || !Object.values(value as object).every(isParam)) throw new RefusedRequest(STATUS.invalidParameter, `index params: expected a JSON object of numbers, texts and truths, found ${text.slice(0, 128)}`);
  return value as Params;
}

function isParam(value: unknown): value is ParamValue {
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean';
}
