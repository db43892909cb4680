// ReplicaSource: what the server hands to those who keep a copy of a collection: its manifest, and the files that
// the manifest names. Files are immutable and named by the SHA-256 of their content, so they may be cached for ever.

import type { ByteRange } from '../ports/storage.js';

export interface ReplicaManifest {
  readonly bytes: Uint8Array;
  /** SHA-256 of `bytes`, 64 lower-case hex digits. */
  readonly etag: string;
}

export interface ReplicaFile {
  /** Name of the file in its collection, e.g. `rows-<sha>.parquet`. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Exactly the bytes of `range`. Errors: `NotFound` once the file is dropped, `Corrupt` if it is shorter. */
  read(range: ByteRange): Promise<Uint8Array>;
}

export interface ReplicaSource {
  /** The current manifest; undefined if there is no such collection, or it never sealed anything. */
  manifest(collection: string): Promise<ReplicaManifest | undefined>;
  /** Undefined unless the collection's current manifest names a file of that hash (64 lower-case hex digits). */
  file(collection: string, sha256: string): Promise<ReplicaFile | undefined>;
}
