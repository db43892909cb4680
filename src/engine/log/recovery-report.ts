// Recovery: what the opening of a collection found in its logs, as numbers and in words.

/** Consecutive batches that were durable, and are not in the log any more. */
export interface LostBatches {
  /** Key of the damaged log. */
  readonly file: string;
  readonly firstLsn: bigint;
  readonly count: bigint;
}

/** The end of a log that holds no whole record, cut off. */
export interface TornTail {
  readonly file: string;
  readonly bytes: number;
  /** Batches that can be made out in it. */
  readonly batches: number;
  /** What was found there. */
  readonly damage: string;
}

export interface Recovery {
  /** Batches that were not in the sealed segments, and were applied from the logs. */
  readonly batchesReplayed: number;
  readonly torn: readonly TornTail[];
  /** Bytes of `torn`. */
  readonly tornBytes: number;
  /** Batches that can be made out in them; none was acknowledged as durable, unless the end of the log was damaged after a crash. */
  readonly tornBatches: number;
  /** Batches that were acknowledged as durable and are damaged. Those after them were applied. */
  readonly lost: readonly LostBatches[];
  /** True if the last log ends with the mark of a clean close; false after a crash, and if the log was cut since. */
  readonly cleanlyClosed: boolean;
  /** Key of the last log, if there was one. */
  readonly log?: string;
}

/** For `health()`: what was lost, or may have been. */
export function recoveryWarnings({ lost, torn }: Recovery): readonly string[] {
  const gone = lost.map(({ file, firstLsn, count }) => `${file}: ${batches(firstLsn, count)} damaged and lost; what came before and after is kept, and the file stays until it is sealed`);
  const cut = torn
    .filter(({ file }) => !lost.some((damaged) => damaged.file === file))
    .map(({ file, bytes, batches: count, damage }) => `${file}: ${damage}; cut ${bytes} bytes, in which ${count} batches can be made out`);
  return [...gone, ...cut];
}

/** For the log, if the last opening was not ended by a close. */
export function recoveryNotice({ cleanlyClosed, log, batchesReplayed }: Recovery): string | undefined {
  if (cleanlyClosed || log === undefined) return undefined;
  return `${log}: not closed cleanly, ${batchesReplayed} batches replayed`;
}

function batches(first: bigint, count: bigint): string {
  return count === 1n ? `batch ${first} is` : `batches ${first} to ${first + count - 1n} are`;
}
