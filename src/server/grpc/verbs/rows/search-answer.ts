// SearchAnswer: hits of the engine as Milvus answers them: all queries' hits one behind the other, column by column.

import type { EngineCollection } from '../../../../engine/collection/collection.js';
import type { Hit } from '../../../../model/hit.js';
import type { FieldValue } from '../../../../model/row.js';
import { primaryField, type Schema } from '../../../../model/schema.js';
import { parsePath } from '../../../../query/field-path.js';
import { columnsOf, type ResultColumn, type ResultPlan } from '../../../milvus/result-columns.js';
import { rounded } from '../../../milvus/search-settings.js';
import type { SearchAnswer } from '../../codec/answers.js';

export interface Found {
  /** Of each query. */
  readonly hits: readonly (readonly Hit[])[];
  readonly recall: number;
  readonly iterator?: SearchAnswer['iterator'];
}

export interface Asked {
  readonly collectionName: string;
  readonly plan: ResultPlan;
  readonly limit: number;
  readonly roundDecimal: number | undefined;
  readonly groupBy: string | undefined;
  readonly highlighted: boolean;
  readonly sessionTs: bigint;
}

export function searchAnswer({ schema, rows }: EngineCollection, asked: Asked, { hits, recall, iterator }: Found): SearchAnswer {
  const all = hits.length === 1 ? (hits[0] as readonly Hit[]) : hits.flat();
  const ids = all.map(({ id }) => id);
  return {
    collectionName: asked.collectionName,
    topK: asked.limit,
    topks: hits.map(({ length }) => length),
    scores: rounded(Float32Array.from(all, ({ score }) => score), asked.roundDecimal),
    ids,
    columns: columnsOf(schema, asked.plan, all.map(({ fields }) => fields), ids),
    outputFields: asked.plan.outputFields,
    primaryFieldName: primaryField(schema).name,
    group: asked.groupBy === undefined ? undefined : groupColumn(schema, asked.groupBy, all),
    recalls: new Float32Array(hits.length).fill(recall),
    iterator,
    highlights: asked.highlighted ? highlightsOf(all) : undefined,
    sessionTs: asked.sessionTs,
    allSearchCount: rows,
  };
}

function groupColumn(schema: Schema, name: string, hits: readonly Hit[]): ResultColumn {
  const { column, type } = parsePath(name, schema, 'group_by_field');
  const values = hits.map(({ group }): FieldValue => group ?? null);
  const at = schema.fields.findIndex((field) => field.name === column);
  return { name, type, fieldId: 100 + (at < 0 ? schema.fields.length : at), nullable: values.includes(null), isDynamic: false, values };
}

function highlightsOf(hits: readonly Hit[]): ReadonlyMap<string, readonly (readonly string[])[]> {
  const names = new Set(hits.flatMap(({ highlight = {} }) => Object.keys(highlight)));
  return new Map(Array.from(names, (name) => [name, hits.map(({ highlight = {} }) => highlight[name] ?? [])]));
}
