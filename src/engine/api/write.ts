// Write: what changes of rows take and give.

import type { AckRequest } from '../../model/ack.js';
import type { PrimaryKey } from '../../model/row.js';
import type { DeclaredModel } from '../../model/vector-model.js';

export interface WriteOptions {
  /**
   * What the write waits for. 'flushed': it is durable, and all before it. 'memory': it is visible; it is durable with the
   * next flushed write, `flush()` or `close()`, else a moment later, and a crash until then loses it and all after it.
   * 'remote': also kept by the server that the collection is a copy from, to which what waits is sent at once, with what the last `pull`, `sync` or push was
   * allowed by. If that fails, the write is kept here all the same and sent by the next `sync`: `Network` if the server is not reached or says no to the caller,
   * the code by which it refused the batch, if it did. Default: that of the database, else 'flushed'. Errors: `Unsupported` for 'remote' where there is no such server.
   */
  readonly ack?: AckRequest;
  /** In which partition the rows are; default `_default`. Errors: `NotFound`; `InvalidArgument` where there is a partition key. */
  readonly partitionName?: string;
  /** Which model made the vectors; refused where a field records another (`Field.model`). */
  readonly model?: DeclaredModel;
  /** Many rows are checked a few at a time, with others served in between; they must not change until the write is acknowledged. Default false. */
  readonly inTurns?: boolean;
}

export interface UpsertOptions extends WriteOptions {
  /**
   * What a row does not give it keeps, if its key is there: fields, keys that no field names, its partition. A row whose key
   * is new must give what an insert must. Nothing can come in between reading and writing.
   */
  readonly partialUpdate?: boolean;
}

export interface MutationResult {
  /** Primary keys in the order of the rows given. */
  readonly ids: readonly PrimaryKey[];
  readonly count: number;
}

export interface DeleteResult {
  /** Rows that were there and are gone. */
  readonly count: number;
}

export interface CompactOptions {
  readonly signal?: AbortSignal;
  /** Rows written so far, of those that are to be. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

export interface CompactResult {
  readonly segmentsBefore: number;
  readonly segmentsAfter: number;
  /** Deleted rows of which nothing is left but in older manifests. */
  readonly rowsDropped: number;
}
