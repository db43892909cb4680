// Definition: how collections and indexes are asked for, and what is told of them.

import type { Field } from '../../model/field.js';
import type { IndexDefinition, IndexRequest } from '../../model/index-definition.js';
import type { Metric } from '../../model/metric.js';
import type { Schema, SchemaFunction } from '../../model/schema.js';
import type { MissingRows } from './search.js';

/**
 * A new collection: either every field, or the quick form with `dimension`: a primary key `id`, a FloatVector
 * `vector`, and any other key of a row kept as a dynamic field. `indexParams`: as `createIndex` takes them.
 */
export type CollectionDefinition = { readonly indexParams?: readonly IndexRequest[] } & (
  | { readonly name: string; readonly fields: readonly Field[]; readonly functions?: readonly SchemaFunction[]; readonly enableDynamicField?: boolean; readonly description?: string }
  | { readonly name: string; readonly dimension: number; readonly metric?: Metric; readonly idType?: 'Int64' | 'VarChar'; readonly autoId?: boolean }
);

export interface CollectionDescription {
  readonly name: string;
  readonly schema: Schema;
  /** Every index, in order of the fields. */
  readonly indexes: readonly IndexDefinition[];
  /** Live rows. */
  readonly rows: number;
  /** Immutable segments, less the growing one. */
  readonly sealedSegments: number;
  /** Of these, those with an approximate index. */
  readonly indexedSegments: number;
  /** Where the collection was pulled from; it is then read-only. */
  readonly origin?: string;
  /** Rows that answers lack, as files of them are damaged or missing; absent if none. */
  readonly missing?: readonly MissingRows[];
}

/** An index as it was asked for, and how far it is. */
export interface IndexDescription extends IndexDefinition {
  /** 'InProgress' while segments wait for the index; searches are answered meanwhile, exactly where there is none. */
  readonly state: 'Finished' | 'InProgress';
  /** Live rows. */
  readonly totalRows: number;
  /** Of these, sealed rows that wait for nothing: their segment has its index, or is looked at row by row by choice. */
  readonly indexedRows: number;
  /** Sealed rows whose segment waits for its index. What is still growing is neither. */
  readonly pendingRows: number;
}

/** Which index is meant: by its name, or by that of its field. */
export type IndexChoice = { readonly indexName: string } | { readonly fieldName: string };
