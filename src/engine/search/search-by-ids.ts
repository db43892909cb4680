// Search by ids: rows that are there as queries, by their vectors. The row itself is a hit like any other, as in Milvus.

import { ElanusError, require } from '../../model/errors.js';
import type { FieldValue, PrimaryKey } from '../../model/row.js';
import { primaryField } from '../../model/schema.js';
import type { Predicates } from '../../ports/core.js';
import type { SearchOptions } from '../api.js';
import type { CollectionState } from '../collection/collection-state.js';
import { checkKeys, getRows } from '../read/lookup.js';
import { annsField } from './search-plan.js';

type Request = SearchOptions & { readonly data?: unknown; readonly ids?: unknown };

/** `request` with data: the vectors of its `ids`, if it has these instead. Errors: `InvalidArgument` for a row that is not there, or has no vector. */
export async function withData<R extends Request>(state: CollectionState, request: R, predicates: Predicates): Promise<R & { readonly data: unknown }> {
  if (typeof request !== 'object' || request === null || request.ids === undefined) return request as R & { readonly data: unknown };
  const { ids, ...rest } = request;
  require(request.data === undefined, () => 'search: expected either data or ids');
  const { schema } = state;
  const keys = checkKeys(schema, ids);
  const field = annsField(schema, request.annsField);
  const key = primaryField(schema).name;
  const rows = await getRows(state, schema, { ids: [...new Set(keys)], outputFields: [field.name] }, predicates);
  const vectors = new Map<PrimaryKey, FieldValue | undefined>(rows.map((row) => [row[key] as PrimaryKey, row[field.name]]));
  const absent = keys.filter((id) => !vectors.has(id));
  if (absent.length > 0) throw new ElanusError('InvalidArgument', `ids: some of the provided primary key IDs do not exist: ${absent.slice(0, 10).map(String).join(', ')}`);
  const data = keys.map((id, at) => {
    const vector = vectors.get(id);
    require(vector !== null && vector !== undefined, () => `ids[${at}]: the row ${String(id)} has no vector "${field.name}"`);
    return vector;
  });
  return { ...rest, data } as unknown as R & { readonly data: unknown };
}
