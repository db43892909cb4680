// Push: what a server does with the batches of a client, and what it answers.

import type { PrimaryKey, Row, RowInput } from '../../model/row.js';

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
  | { readonly kind: Exclude<PushRefusal, 'foreign'>; readonly lastId: bigint }
  | { readonly kind: 'foreign' };

/** A row of a push that meets what somebody else wrote under its key. A row is as reads give it, dynamic keys in it. */
export interface Conflict {
  readonly key: PrimaryKey;
  /** What is there; undefined if it was deleted. */
  readonly existing: Row | undefined;
  /** What came; undefined for a deletion. */
  readonly incoming: Row | undefined;
  /** Which of them would stay by their stamps. */
  readonly later: 'existing' | 'incoming';
}

/**
 * Says which row stays, or gives the one that both become, with the same key; not for a deletion. It is asked of every pushed row that meets one of
 * another client or of the server, or a deletion of theirs, also where who pushes had seen that; and again where a copy sends again what it cannot know to
 * be there. So it must give the same whenever it is asked the same, give for its own result and what came the result again, and not wait for anything. What
 * it throws refuses the batch.
 */
export type OnConflict = (conflict: Conflict) => 'existing' | 'incoming' | RowInput;

/** By the names of collections; of one in another database than `default` by `database.collection`. */
export type ConflictRules = { readonly [collection: string]: OnConflict };
