// SearchSettings: how a search is asked for by Milvus' clients, which say it in `search_params`, in the JSON text `params`
// within, or in both. What this server has no use for, such as hints, is passed over, as Milvus does.

import { SEARCH_PARAMETERS } from '../../model/index-type.js';
import type { Params, ParamValue } from '../../model/parameter.js';
import type { GroupOptions } from '../../query/grouping.js';
import { flagOf, integerOf, invalid, numberOf, textOf, unsupported, type KeyValues } from './key-values.js';

export interface SearchSettings {
  readonly annsField: string | undefined;
  /** Undefined: that of the field. */
  readonly metricType: string | undefined;
  readonly limit: number;
  readonly offset: number;
  /** By Milvus' names, as the engine checks them. */
  readonly params: Params;
  readonly recall: number | undefined;
  readonly group: GroupOptions;
  /** Undefined: scores are not rounded. */
  readonly roundDecimal: number | undefined;
  readonly iterator: IteratorSettings | undefined;
}

export interface IteratorSettings {
  readonly batchSize: number;
  /** Of the walk that goes on. */
  readonly token: string | undefined;
  /** Score of its last hit. */
  readonly lastBound: number | undefined;
}

const ROUND_DECIMAL_MAX = 6;
const PARAMS_LENGTH_MAX = 65_536;

/** Errors: 1100, 10. */
export function searchSettings(given: KeyValues): SearchSettings {
  const inner = innerParams(textOf(given, 'params'));
  if (textOf(given, 'order_by_fields') !== undefined) throw unsupported('order_by_fields of a search');
  const limit = integerOf(given, 'topk') ?? integerOf(given, 'limit');
  const iterator = iteratorOf(given);
  if (limit === undefined && iterator === undefined) throw invalid('topk not found in search_params');
  return {
    annsField: textOf(given, 'anns_field'),
    metricType: textOf(given, 'metric_type') ?? (typeof inner['metric_type'] === 'string' && inner['metric_type'] !== '' ? inner['metric_type'] : undefined),
    limit: limit ?? iterator?.batchSize ?? 0,
    offset: integerOf(given, 'offset') ?? 0,
    params: knownParams(given, inner),
    recall: numberOf(given, 'recall') ?? recallOf(inner['recall']),
    group: groupOf(given),
    roundDecimal: roundDecimalOf(given),
    iterator,
  };
}

/** Errors: 1100, 10. */
export function groupOf(given: KeyValues): GroupOptions {
  const several = textOf(given, 'group_by_fields')?.split(',').map((name) => name.trim());
  if (several !== undefined && several.length > 1) throw unsupported('group_by_fields with more than one field');
  const field = textOf(given, 'json_path') ?? textOf(given, 'group_by_field') ?? several?.[0];
  const size = integerOf(given, 'group_size');
  const strict = flagOf(given, 'strict_group_size');
  // Sizes without a field to group by say nothing to Milvus.
  if (field === undefined) return {};
  return { groupByField: field, ...(size === undefined ? {} : { groupSize: size }), ...(strict === undefined ? {} : { strictGroupSize: strict }) };
}

/** Undefined: not at all. Errors: 1100. */
export function roundDecimalOf(given: KeyValues): number | undefined {
  const decimals = integerOf(given, 'round_decimal') ?? -1;
  if (decimals < -1 || decimals > ROUND_DECIMAL_MAX) throw invalid(`round_decimal should be between -1 and ${ROUND_DECIMAL_MAX}, found ${decimals}`);
  return decimals === -1 ? undefined : decimals;
}

/** Scores with so many digits. */
export function rounded(scores: Float32Array, decimals: number | undefined): Float32Array {
  if (decimals === undefined) return scores;
  const factor = 10 ** decimals;
  return scores.map((score) => Math.floor(score * factor + 0.5) / factor);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function iteratorOf(given: KeyValues): IteratorSettings | undefined {
  if (flagOf(given, 'search_iter_v2') !== true) return undefined;
  const batchSize = integerOf(given, 'search_iter_batch_size');
  if (batchSize === undefined) throw invalid('search_iter_batch_size: missing, as search_iter_v2 is set');
  const token = textOf(given, 'search_iter_id');
  if (token !== undefined && !UUID.test(token)) throw invalid('search_iter_id: expected the id that the first answer gave');
  return { batchSize, token, lastBound: numberOf(given, 'search_iter_last_bound') };
}

function innerParams(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined || text === '{}') return {};
  const parsed = text.length > PARAMS_LENGTH_MAX ? undefined : parsedJson(text);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw invalid(`params: expected a JSON object, found ${JSON.stringify(text.slice(0, 64))}`);
  return parsed as Readonly<Record<string, unknown>>;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

// What is beside `params` is theirs, too; what is in them wins.
function knownParams(given: KeyValues, inner: Readonly<Record<string, unknown>>): Params {
  const known: Record<string, ParamValue> = {};
  for (const [name, value] of given) if (value !== '' && Object.hasOwn(SEARCH_PARAMETERS, name)) known[name] = value;
  for (const [name, value] of Object.entries(inner)) if (value !== null && Object.hasOwn(SEARCH_PARAMETERS, name)) known[name] = value as ParamValue;
  return known;
}

function recallOf(value: unknown): number | undefined {
  return value === undefined ? undefined : Number(value);
}
