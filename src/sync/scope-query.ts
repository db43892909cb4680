// ScopeQuery: the rows that are asked for, in the query of a URL. Format: docs/format.md, "Replication".

import { checkScope, type RowScope } from '../model/row-scope.js';

export function scopeQuery(scope: RowScope | undefined): Readonly<Record<string, string>> {
  const { partitions, filter } = scope ?? {};
  return { ...(partitions === undefined ? {} : { partitions: partitions.join(',') }), ...(filter === undefined ? {} : { filter }) };
}

/** Undefined if all rows are asked for. `query` gives the value of a name. Errors: `InvalidArgument`. */
export function scopeOfQuery(query: (name: string) => string | undefined): RowScope | undefined {
  return checkScope(query('partitions')?.split(','), query('filter'));
}
