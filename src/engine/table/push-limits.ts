// PushLimits: how much a collection remembers of those who push. What would be more is refused when it comes: it is never given up in
// silence, and whatever is stored can be read.

export interface PushLimits {
  /** Clients, files that were sent among them. */
  readonly clients: number;
  /** Clients of one user, where users have names. */
  readonly clientsOfUser: number;
  /** Keys that were deleted. */
  readonly tombstones: number;
  /** UTF-16 units of these, where they are texts. */
  readonly tombstoneUnits: number;
  /** Refused batches that their clients do not know of. */
  readonly refusals: number;
}

export const PUSH_LIMITS: PushLimits = { clients: 1_000_000, clientsOfUser: 10_000, tombstones: 10_000_000, tombstoneUnits: 64 * 1024 * 1024, refusals: 100_000 };

/** For how long deletions and clients are remembered that nothing is heard of. */
export const REMEMBERED_DAYS = 90;

/** Of a server that asks nobody for a name: the first 8 bytes of the SHA-256 of none. */
export const NOBODY = 'e3b0c44298fc1c14';
