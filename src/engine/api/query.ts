// Query: what reading rows without a vector takes and gives.

import type { FilterInput, FilterParams } from '../../model/filter-object.js';
import type { ConsistencyLevel } from '../../model/consistency-level.js';
import type { PrimaryKey } from '../../model/row.js';
import type { OrderBy } from '../../query/order.js';

export type { OrderBy };

/** What every read takes. */
export interface ReadOptions {
  /** Taken for Milvus' clients, and checked: a read sees every write acknowledged before it, whatever the level. */
  readonly consistencyLevel?: ConsistencyLevel;
}

/** Which partitions a read looks at. */
export interface CountOptions extends ReadOptions {
  /** Only rows in these partitions; all if it is empty or left out. Errors: `NotFound`; `InvalidArgument` where there is a partition key. */
  readonly partitionNames?: readonly string[];
}

export interface GetRequest extends CountOptions {
  readonly ids: readonly (PrimaryKey | number)[];
  /** Default ["*"]. */
  readonly outputFields?: readonly string[];
  /** Of these only rows for which it holds. */
  readonly filter?: FilterInput;
  /** Values of the `{name}` in a filter. */
  readonly filterParams?: FilterParams;
}

export interface QueryOptions extends CountOptions {
  readonly filter?: FilterInput;
  /** Values of the `{name}` in a filter. */
  readonly filterParams?: FilterParams;
  /** Rows at most, 1..16,384. Default: 16,384. */
  readonly limit?: number;
  readonly offset?: number;
  /** Default ["*"]. The primary key is always returned. */
  readonly outputFields?: readonly string[];
  /** Default: by primary key, which also decides between rows that are equal in all of these. */
  readonly orderBy?: readonly OrderBy[];
  /**
   * Instead of rows, what they come to: "count(*)", and count, sum, min, max and avg of a scalar field, a dynamic key or a
   * path into a JSON field, such as "sum(price)"; also accepted in `outputFields`. Nulls are passed over, and what has no
   * value at all is null. The sum of an integer field is an exact bigint, of any size.
   */
  readonly aggregate?: readonly string[];
  /** One row for each of the values that these have together, null among them. Default order: theirs, null last. */
  readonly groupBy?: readonly string[];
}

export interface KeysOptions extends CountOptions {
  readonly filter?: FilterInput;
  /** Values of the `{name}` in a filter. */
  readonly filterParams?: FilterParams;
  /** 'key': ascending, texts by code point; 'stored': as the segments hold them, which is cheaper. Default 'key'. */
  readonly order?: 'key' | 'stored';
}

/** Primary keys in one array: Int64 packed, or VarChar. */
export type KeyList = BigInt64Array | readonly string[];
