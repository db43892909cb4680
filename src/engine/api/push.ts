// Push: what a server does with the batches of a client, and what it answers.

/** Why a client cannot go on: batches are missing before its first, or what it says it sent is not what came. */
export type PushRefusal = 'gap' | 'fork' | 'foreign';

/** A batch that changed nothing, and why. */
export interface RefusedBatch {
  /** Its number. */
  readonly id: bigint;
  /** Of an `ElanusError`. */
  readonly code: string;
  readonly message: string;
}

export type PushAnswer =
  | {
      readonly kind: 'taken';
      /** Number of the client's last batch that is durable here. */
      readonly lastId: bigint;
      /** Manifests whose `nextLsn` is not below this have all of it in their segments. */
      readonly lsn: bigint;
      /** The server's clock: stamps of later writes are above it. */
      readonly time: bigint;
      readonly refused: readonly RefusedBatch[];
      /** Rows whose stamps were too far ahead and were set back. */
      readonly clamped: number;
    }
  | { readonly kind: PushRefusal; readonly lastId: bigint };

/** One row that a push meets, where the collection decides by itself. */
export interface Conflict {
  readonly key: bigint | string;
  /** What is there. */
  readonly existing: Readonly<Record<string, unknown>>;
  /** What came; undefined for a deletion. */
  readonly incoming: Readonly<Record<string, unknown>> | undefined;
  /** Which of them would win by their stamps. */
  readonly later: 'existing' | 'incoming';
}

/** Says which row stays. Must give the same whenever it is asked the same. */
export type OnConflict = (conflict: Conflict) => 'existing' | 'incoming';
