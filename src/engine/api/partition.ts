// Partition: what the verbs of partitions and of loading take and give.

export interface PartitionStats {
  readonly name: string;
  /** Live rows. */
  readonly rows: number;
}

/** 'LoadStateNotLoad': it was released, and reads of it are refused. */
export type LoadState = 'LoadStateNotExist' | 'LoadStateNotLoad' | 'LoadStateLoaded';
