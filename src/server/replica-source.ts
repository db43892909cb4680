// ReplicaSource: what the server needs of a database to hand out copies of its collections: the manifest, and the
// files that it names. Files are immutable and named by the SHA-256 of their content, so they may be cached for ever.

import type { AskedRule } from '../engine/scoped/scoped-views.js';
import type { ByteRange } from '../ports/storage.js';

export interface ReplicaManifest {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** An HTTP entity tag: the SHA-256 of `bytes` in hex, in quotes. */
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
  /** Of these rows, if they are given. Errors: `NotFound`. */
  servedManifest(collection: string, rows?: AskedRule): Promise<ReplicaManifest>;
  /** The key of an encrypted collection, itself encrypted. Errors: `NotFound`, also if the collection is not encrypted. */
  servedKey(collection: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Undefined unless a manifest of these rows that is still served names a file of that hash. Errors: `NotFound`. */
  servedFile(collection: string, sha256: string, rows?: AskedRule): Promise<ReplicaFile | undefined>;
}
