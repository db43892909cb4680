// Scalar indexes of random kinds over the columns of the differential test, JSON paths among them.

import type { Columns } from '../../../src/model/columns.js';
import type { PathStep } from '../../../src/model/filter.js';
import type { IndexTypeName } from '../../../src/model/index-type.js';
import type { Predicates } from '../../../src/ports/core.js';
import type { ColumnIndex, ColumnIndexes } from '../../../src/query/column-indexes.js';
import { jsonKey, readPath } from '../../../src/query/evaluate/json.js';
import { buildJsonIndex, buildScalarIndex } from '../../../src/query/indexes/build.js';
import { chance, pick, type Next } from './draw.js';

const TYPES: readonly IndexTypeName[] = ['INVERTED', 'BITMAP', 'STL_SORT', 'Trie', 'NGRAM', 'AUTOINDEX'];

/** Each column has one or none. */
export function drawIndexes(next: Next, columns: Columns, predicates: Predicates): ColumnIndexes {
  const made = new Map<string, ColumnIndex | undefined>();
  for (const [name, column] of columns.byName) {
    if (chance(next, 0.7)) made.set(name, finished(buildScalarIndex(column, { indexName: name, fieldName: name, indexType: pick(next, TYPES), params: {} }, predicates)));
  }
  const paths = new Map<string, ColumnIndex>();
  const findPath = (field: string, path: readonly PathStep[]): ColumnIndex | undefined => {
    const key = jsonKey({ kind: 'json', field, path });
    const known = paths.get(key) ?? finished(buildJsonIndex(finished(readPath(field, path, columns)), predicates));
    paths.set(key, known);
    return known;
  };
  return { has: (field) => columns.byName.get(field)?.type === 'JSON' || made.get(field) !== undefined, find: (field, path) => (columns.byName.get(field)?.type === 'JSON' ? findPath(field, path) : made.get(field)) };
}

function finished<T>(steps: Generator<void, T>): T {
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}
