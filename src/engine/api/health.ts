// Health: what a database tells of itself: its storage, its memory, its work in the background.

import type { IndexFileKind } from '../../model/index-kind.js';
import type { MissingRows } from './search.js';

export interface Health {
  /** 'memory' | 'fs' | 'opfs' | 'idb' | 'r2' */
  readonly storage: string;
  /** False if closing the process or tab loses everything. */
  readonly durable: boolean;
  /** False if the browser may evict the data under pressure; undefined where there is no such thing. */
  readonly persisted?: boolean;
  readonly usageBytes?: number;
  readonly quotaBytes?: number;
  /** Batches written to copies that no server is known to have, of the copies that were used since the database was opened. */
  readonly unsent: number;
  /** 'follower': another tab owns the storage, and this one works through it. */
  readonly role: 'owner' | 'follower';
  readonly core: 'native' | 'wasm';
  readonly kernels: string;
  /** Name of the GPU in use for batches, if any. */
  readonly accelerator?: string;
  readonly coreMemoryBytes: number;
  /** Writes that wait now for seals, merges or memory, as more is written than these keep up with. */
  readonly waitingWrites: number;
  /** What is wrong, in words, with the file it concerns. Empty when all is well. */
  readonly warnings: readonly string[];
}

export type TaskKind = 'seal' | 'index' | 'compact' | 'load';

/** A step of work in the background. Events of one piece of work have one `id`; the last is none of 'started' and 'progress'. */
export interface TaskEvent {
  readonly id: number;
  readonly collection: string;
  /** That of `describeCollection`: one of another database may have the same name. */
  readonly collectionId: string;
  /** 'seal': rows go from the log into a file; 'index': one is built; 'compact': segments are merged; 'load': rows are read into memory. */
  readonly task: TaskKind;
  readonly state: 'started' | 'progress' | 'finished' | 'failed' | 'aborted';
  /** Rows. */
  readonly done: number;
  readonly total: number;
  /** Why it failed. */
  readonly error?: string;
}

/** Bytes written since the database was opened, by purpose. */
export interface WrittenBytes {
  readonly log: number;
  readonly rows: number;
  readonly index: number;
  readonly deletions: number;
  readonly manifests: number;
}

/** What a segment has of one vector field. */
export interface VectorStats {
  readonly field: string;
  /** Kind of its index; 'none' while it has none: then its rows are looked at one by one. */
  readonly index: IndexFileKind | 'none';
  readonly indexBytes: number;
}

export interface SegmentStats {
  /** Its number in the manifest, as `explain` tells it; 'growing' for rows that are in no file yet. */
  readonly segment: string;
  /** 'Sealing': no more rows come in, and its file is being written. */
  readonly state: 'Growing' | 'Sealing' | 'Sealed';
  /** With those that are deleted. */
  readonly rows: number;
  readonly liveRows: number;
  readonly fileBytes: number;
  readonly memoryBytes: number;
  /** Of each vector field, in any order. */
  readonly vectors: readonly VectorStats[];
  /** Why its files cannot be read: it takes no part in answers. */
  readonly damage?: string;
}

export interface CollectionStats {
  readonly name: string;
  readonly segments: { readonly sealed: number; readonly indexed: number; readonly sealing: number; readonly growing: number };
  /** Each of them, in order of insertion. */
  readonly segmentList: readonly SegmentStats[];
  /** `live`: also those that have expired and are not dropped yet. `deleted`: rows that are stored or in memory and no longer there. */
  readonly rows: { readonly live: number; readonly deleted: number; readonly growing: number };
  /** Live rows of each partition; of a collection that has several a column is read for it. */
  readonly partitions: Readonly<Record<string, number>>;
  /** Bytes of the files that are in use. */
  readonly files: { readonly rows: number; readonly index: number; readonly deletions: number; readonly logs: number };
  /** Bytes, about. */
  readonly memory: { readonly vectors: number; readonly indexes: number; readonly columns: number; readonly keys: number };
  readonly missing: readonly MissingRows[];
  readonly written: WrittenBytes;
  /** Since it was opened. */
  readonly merges: { readonly done: number; readonly rowsDropped: number };
  /** How far merges are behind while one is under way: from 1 on writes are slowed, from 2 on they wait. */
  readonly backlog: number;
  /** Writes that wait now for seals, merges or memory, and that have waited since it was opened. */
  readonly writes: { readonly waiting: number; readonly waited: number };
}

export interface DatabaseStats {
  /** Of the collections that are open. */
  readonly collections: readonly CollectionStats[];
  /** What is held against `limitBytes`, absent if there is none. */
  readonly memory: { readonly usedBytes: number; readonly limitBytes?: number; readonly coreBytes: number };
  /** Work under way: the last event of each. */
  readonly tasks: readonly TaskEvent[];
}
