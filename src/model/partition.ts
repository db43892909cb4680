// Partition: a named part of a collection's rows. Each row is in one; `_default` is number 0 and always there. Where a field
// is the partition key, rows are spread over `_default_0`, `_default_1`, ... by its value, and nobody names them.

import type { PrimaryKey } from './row.js';

export interface Partition {
  readonly name: string;
  /** Stored with each row; never used again. */
  readonly number: number;
  /** When it was made, in milliseconds since 1970; absent of those that came with the collection. */
  readonly createdMs?: number;
}

export const DEFAULT_PARTITION: Partition = { name: '_default', number: 0 };

const encoder = new TextEncoder();

/** Those of a collection with a partition key. */
export function keyPartitions(count: number): readonly Partition[] {
  return Array.from({ length: count }, (_, number) => ({ name: `${DEFAULT_PARTITION.name}_${number}`, number }));
}

/** In which of `count` partitions rows with that partition key are. Stored with the rows: do not change it. */
export function partitionOfKey(key: PrimaryKey, count: number): number {
  return mixed(fnv1a(typeof key === 'string' ? encoder.encode(key) : bytesOfInt64(key))) % count;
}

function bytesOfInt64(value: bigint): Uint8Array {
  return new Uint8Array(BigInt64Array.of(value).buffer);
}

/** 32 bits of FNV-1a. */
function fnv1a(bytes: Uint8Array): number {
  let hash = 0x811c_9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x0100_0193);
  return hash >>> 0;
}

// The last step of MurmurHash3: every bit of the hash matters for the lowest ones.
function mixed(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
