// Snapshot: the stored files that together are a database as of one moment, for who copies them while it is written to. Every
// write that was acknowledged before is in them: what grows is sealed first. Files are immutable and stay until they are released.

import { CATALOG_PREFIX, fileKey, logKey, manifestKey, versionOf } from '../../format/keys.js';
import { ElanusError } from '../../model/errors.js';
import type { CatalogEntry } from '../../format/catalog.js';
import { filesOf, sha256Hex } from '../files/collection-files.js';
import { fullName, type DatabaseState } from './database-state.js';

export interface SnapshotFile {
  readonly key: string;
  readonly sizeBytes: number;
  /** Of what is stored, in hexadecimal. */
  readonly sha256: string;
  /** What is stored, of a file that is not named by its content. */
  readonly bytes?: Uint8Array;
}

export interface Snapshot {
  /** Ordered so that what names files comes behind them; last the catalog, without which there is no database. */
  readonly files: readonly SnapshotFile[];
  readonly collections: number;
  readonly rows: number;
  /** Lets the files go. */
  release(): void;
}

/** Errors: those of opening a collection and of sealing it: a copy that lacks one is none. */
export async function takeSnapshot(state: DatabaseState): Promise<Snapshot> {
  // What takes long is done before the catalog is held still.
  for (const entry of state.entries) await sealed(state, entry);
  return state.change(async () => {
    const releases: (() => void)[] = [];
    const release = (): void => releases.splice(0).forEach((one) => one());
    try {
      const files: SnapshotFile[] = [];
      let rows = 0;
      for (const entry of state.entries) {
        const collection = await sealed(state, entry);
        if (collection === undefined) continue;
        const { held, letGo } = collection.holdManifest();
        releases.push(letGo);
        rows += held.manifest.segments.reduce((sum, segment) => sum + segment.rows - (segment.deletions?.count ?? 0), 0);
        files.push(...filesOf(held.manifest).map(({ name, sizeBytes, sha256 }) => ({ key: fileKey(entry.id, name), sizeBytes, sha256 })));
        files.push(await small(state, manifestKey(entry.id, held.manifest.version), held.bytes));
        // An empty log: what was acknowledged is in the segments, and writing goes on behind it.
        if (entry.origin === undefined) files.push(await small(state, logKey(entry.id, held.manifest.nextLsn), new Uint8Array(0)));
      }
      files.push(...(await catalogFiles(state)));
      return { files: distinct(files), collections: state.entries.length, rows, release };
    } catch (error) {
      release();
      throw error;
    }
  });
}

// Undefined: dropped meanwhile, or a copy of which nothing has come yet.
async function sealed(state: DatabaseState, entry: CatalogEntry): Promise<Awaited<ReturnType<DatabaseState['collections']['get']>> | undefined> {
  try {
    const collection = await state.collections.get(entry);
    if (entry.origin === undefined) await collection.flush();
    return collection;
  } catch (error) {
    if (!state.hasId(entry.id) || (entry.origin !== undefined && error instanceof ElanusError && error.code === 'NotFound')) return undefined;
    throw error instanceof ElanusError ? new ElanusError(error.code, `collection "${fullName(entry)}": ${error.message}`, { cause: error, ...(error.file === undefined ? {} : { file: error.file }) }) : error;
  }
}

async function small(state: DatabaseState, key: string, bytes: Uint8Array): Promise<SnapshotFile> {
  return { key, sizeBytes: bytes.length, sha256: await sha256Hex(state.environment.ambient, bytes), bytes };
}

/** Both copies of the current one; none of a database in which there was never anything. */
async function catalogFiles(state: DatabaseState): Promise<readonly SnapshotFile[]> {
  const { storage } = state.environment;
  const { version } = state.catalogs.catalog;
  const first = version - ((version + 1) % 2);
  const keys = (await storage.list(CATALOG_PREFIX)).filter((key) => version > 0 && (versionOf(key) ?? 0) >= first);
  return Promise.all(keys.map(async (key) => small(state, key, await storage.read(key))));
}

/** Two segments may have the same deletions. */
function distinct(files: readonly SnapshotFile[]): readonly SnapshotFile[] {
  return [...new Map(files.map((file) => [file.key, file])).values()];
}
