// Scalar indexes of random kinds over the columns of the differential test, JSON paths and terms of texts among them.

import type { Columns } from '../../../src/model/columns.js';
import type { PathStep } from '../../../src/model/filter.js';
import type { IndexTypeName } from '../../../src/model/index-type.js';
import type { Predicates } from '../../../src/ports/core.js';
import type { ColumnIndex, ColumnIndexes } from '../../../src/query/column-indexes.js';
import { jsonKey, readPath } from '../../../src/query/evaluate/json.js';
import { buildJsonIndex, buildScalarIndex } from '../../../src/query/indexes/build.js';
import { TextIndex } from '../../../src/query/indexes/text-index.js';
import { chance, pick, type Next } from './draw.js';
import { termsOf } from './text.js';

const TYPES: readonly IndexTypeName[] = ['INVERTED', 'BITMAP', 'STL_SORT', 'Trie', 'NGRAM', 'AUTOINDEX'];

/** Each column has one or none. */
export function drawIndexes(next: Next, columns: Columns, predicates: Predicates): ColumnIndexes {
  const made = new Map<string, ColumnIndex | undefined>();
  for (const [name, column] of columns.byName) {
    if (chance(next, 0.7)) made.set(name, finished(buildScalarIndex(column, { indexName: name, fieldName: name, indexType: pick(next, TYPES), params: {} }, predicates)));
  }
  const terms = new Map<string, ColumnIndex | undefined>();
  for (const [name, column] of columns.byName) {
    if (column.type === 'VarChar' && chance(next, 0.7)) terms.set(name, finished(TextIndex.build(column.values, { analyze: termsOf, hasRoom: () => true })));
  }
  const paths = new Map<string, ColumnIndex>();
  const findPath = (field: string, path: readonly PathStep[]): ColumnIndex | undefined => {
    const key = jsonKey({ kind: 'json', field, path });
    const known = paths.get(key) ?? finished(buildJsonIndex(finished(readPath(field, path, columns)), predicates));
    paths.set(key, known);
    return known;
  };
  const find: ColumnIndexes['find'] = (field, path, over) => (columns.byName.get(field)?.type === 'JSON' ? findPath(field, path) : (over === 'terms' ? terms : made).get(field));
  return { find, has: (...asked) => find(...asked) !== undefined };
}

function finished<T>(steps: Generator<void, T>): T {
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}
