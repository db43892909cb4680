// Our filters over the table of `filter`: compiled, evaluated and counted, as the engine does with a sealed segment in memory:
// with the scalar indexes that it makes once a filter has asked, and an NGRAM that was asked for; or over columns alone.

import { createPredicates } from '../../src/core/predicates/wasm-predicates.js';
import { ScalarIndexes } from '../../src/engine/upkeep/scalar-indexes.js';
import type { Column } from '../../src/model/columns.js';
import type { Field } from '../../src/model/field.js';
import { checkIndex, type IndexDefinition } from '../../src/model/index-definition.js';
import { compileFilter } from '../../src/query/check.js';
import { evaluateFilter } from '../../src/query/evaluate.js';
import { readPath } from '../../src/query/evaluate/json.js';
import { buildJsonIndex, buildScalarIndex } from '../../src/query/indexes/build.js';
import { compileWasm } from '../repository.js';
import { columnsOf, FILTER_SCHEMA, type FilterTable } from './table.js';
import type { Prepare } from './turns.js';

export async function prepareOwn(table: FilterTable, withIndexes: boolean): Promise<Prepare> {
  const predicates = createPredicates(await compileWasm('dist/filter.wasm'));
  const columns = columnsOf(table);
  const scalars = new ScalarIndexes();
  const context = withIndexes ? { indexes: scalars } : {};
  return ({ filter }) => {
    const count = (): number => predicates.count(evaluateFilter(compileFilter(filter, FILTER_SCHEMA), columns, predicates, context));
    if (!withIndexes) return count;
    count();
    for (let { wish } = scalars; wish !== undefined; wish = scalars.wish) {
      const column = columns.byName.get(wish.field) as Column;
      const index = column.type === 'JSON' ? buildJsonIndex(lastOf(readPath(wish.field, wish.path, columns)), predicates) : buildScalarIndex(column, definitionOf(wish.field), predicates);
      scalars.fulfil(wish, lastOf(index));
    }
    return count;
  };
}

function definitionOf(name: string): IndexDefinition | undefined {
  const field = FILTER_SCHEMA.fields.find((of) => of.name === name) as Field;
  return name === 'title' ? checkIndex(field, { fieldName: name, indexType: 'NGRAM', params: { min_gram: 3 } }) : undefined;
}

function lastOf<T>(steps: Generator<void, T>): T {
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}
