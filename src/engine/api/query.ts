// Query: what reading rows without a vector takes and gives.

export interface QueryOptions {
  readonly filter?: string;
  /** Rows at most, 1..16,384. Default: 16,384. Rows come in order of their primary key. */
  readonly limit?: number;
  readonly offset?: number;
  /** Default ["*"]. The primary key is always returned. */
  readonly outputFields?: readonly string[];
}

export interface KeysOptions {
  readonly filter?: string;
  /** 'key': ascending, texts by code point; 'stored': as the segments hold them, which is cheaper. Default 'key'. */
  readonly order?: 'key' | 'stored';
}

/** Primary keys in one array: Int64 packed, or VarChar. */
export type KeyList = BigInt64Array | readonly string[];
