// Definition: how collections and indexes are asked for, and what is told of them.

import type { ConsistencyLevel } from '../../model/consistency-level.js';
import type { Field } from '../../model/field.js';
import type { IndexDefinition, IndexRequest } from '../../model/index-definition.js';
import type { Metric } from '../../model/metric.js';
import type { Schema, SchemaFunction } from '../../model/schema.js';
import type { PropertiesInput } from './naming.js';
import type { MissingRows } from './search.js';

export interface CollectionSettings {
  readonly indexParams?: readonly IndexRequest[];
  /** Partitions over which the partition key spreads rows: 1..1,024, default 16. Only where a field is one. */
  readonly numPartitions?: number;
  /** `collection.ttl.seconds`: rows expire so long after they were written; `ttl_field`: at the time in that Timestamptz field. Others are kept and told. */
  readonly properties?: PropertiesInput;
  /** Kept and told; reads are strongly consistent whatever it says. Default 'Bounded'. */
  readonly consistencyLevel?: ConsistencyLevel;
  /** False: it is as one that was released, until it is loaded. Default true. */
  readonly loaded?: boolean;
}

/**
 * A new collection: either every field, or the quick form with `dimension`: a primary key `id`, a FloatVector
 * `vector`, and any other key of a row kept as a dynamic field. `indexParams`: as `createIndex` takes them.
 */
export type CollectionDefinition = CollectionSettings & (
  | { readonly name: string; readonly fields: readonly Field[]; readonly functions?: readonly SchemaFunction[]; readonly enableDynamicField?: boolean; readonly description?: string }
  | { readonly name: string; readonly dimension: number; readonly metric?: Metric; readonly idType?: 'Int64' | 'VarChar'; readonly autoId?: boolean }
);

/** What of a field may change: what it may hold only grows. */
export interface FieldChange {
  readonly description?: string;
  readonly maxLength?: number;
  readonly maxCapacity?: number;
  readonly mmapEnabled?: boolean;
}

export interface CollectionDescription {
  readonly name: string;
  readonly database: string;
  /** 16 hexadecimal digits, its own for ever. */
  readonly id: string;
  /** When it was made, or pulled first, in milliseconds since 1970; absent if that is not known. */
  readonly createdMs?: number;
  readonly aliases: readonly string[];
  readonly properties: Readonly<Record<string, string>>;
  readonly consistencyLevel: ConsistencyLevel;
  readonly numPartitions: number;
  readonly schema: Schema;
  /** Every index, in order of the fields. */
  readonly indexes: readonly IndexDefinition[];
  /** Live rows, with those that have expired and are not dropped yet: `count` leaves these out. */
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
