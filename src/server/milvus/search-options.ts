// SearchOptions: a search as Milvus' clients ask for it, in the words of the engine. Both protocols go through it.

import type { HighlightOptions } from '../../engine/api/highlight.js';
import type { SearchOptions } from '../../engine/api/search.js';
import type { FilterParams } from '../../model/filter-object.js';
import { vectorFields, type Schema, type VectorField } from '../../model/schema.js';
import type { FunctionScore } from './function-score-message.js';
import { invalid, unsupported } from './key-values.js';
import { searchRerank } from './rerank.js';
import type { SearchSettings } from './search-settings.js';

export interface SearchAsk {
  readonly settings: SearchSettings;
  readonly expr: string;
  readonly exprValues: FilterParams;
  readonly partitionNames: readonly string[];
  readonly functionScore: FunctionScore | undefined;
  readonly highlight: HighlightOptions | undefined;
  /** Names that the engine is asked for. */
  readonly outputFields: readonly string[];
}

/** The field that is searched: the one named, which may be left out where there is one. Errors: 1100. */
export function searchedField(schema: Schema, { annsField, metricType }: Pick<SearchSettings, 'annsField' | 'metricType'>): VectorField {
  const fields = vectorFields(schema);
  const field = annsField === undefined && fields.length === 1 ? fields[0] : fields.find(({ name }) => name === annsField);
  const names = (): string => fields.map(({ name }) => name).join(', ');
  if (field === undefined) throw invalid(annsField === undefined ? `multiple anns_fields exist, please specify a anns_field in search_params: one of ${names()}` : `failed to get field schema by name: fieldName(${annsField}) not found, expected one of ${names()}`);
  if (metricType !== undefined && metricType.toUpperCase() !== field.metric) throw invalid(`metric type not match: invalid parameter[expected=${field.metric}][actual=${metricType}]`);
  return field;
}

/** All but what is searched for. Errors: 1100, 10. */
export function searchOptions(field: VectorField, { settings, expr, exprValues, partitionNames, functionScore, highlight, outputFields }: SearchAsk): SearchOptions {
  const { limit, offset, params, recall, group } = settings;
  const rerank = searchRerank(functionScore);
  return {
    annsField: field.name,
    limit,
    offset,
    params,
    ...group,
    ...filterOf(expr, exprValues),
    ...(recall === undefined ? {} : { recall }),
    ...(partitionNames.length === 0 ? {} : { partitionNames }),
    ...(rerank === undefined ? {} : { rerank }),
    ...(highlight === undefined ? {} : { highlight }),
    ...(outputFields.length === 0 ? {} : { outputFields }),
  };
}

/** An expression that is empty is none. */
export function filterOf(expr: string, exprValues: FilterParams): { readonly filter?: string; readonly filterParams?: FilterParams } {
  if (expr.trim() === '') return {};
  return { filter: expr, ...(Object.keys(exprValues).length === 0 ? {} : { filterParams: exprValues }) };
}

/** Errors: 10 if a request has members that would change its answer. */
export function refuseBeyond(members: readonly string[]): void {
  if (members.length > 0) throw unsupported(members.join(', '));
}
