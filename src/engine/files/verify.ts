// Verify: every checksum of every stored file of a database that nobody has open. Nothing is changed, and nothing stops it: what is
// damaged is told, and the rest is looked at all the same.

import { CATALOG_PREFIX, collectionPrefix, fileKey, isFileName, isIndexKey, logPrefix, lsnOf, manifestPrefix, versionOf } from '../../format/keys.js';
import { decodeCatalog, type Catalog } from '../../format/catalog.js';
import { firstLsnIn, readLog } from '../../format/log.js';
import type { FileEntry, Manifest } from '../../format/manifest.js';
import { ElanusError, requireIntact } from '../../model/errors.js';
import type { Ambient } from '../../ports/ambient.js';
import type { ReadStorage } from '../../ports/storage.js';
import { plainKeyring, type Keyring } from '../database/keyring.js';
import { filesOf, openManifest, sha256Hex } from './collection-files.js';
import type { Vault } from './vault.js';

/**
 * 'damaged': its bytes are not what was stored. 'torn': its end is not whole, as a crash leaves it, or damage there. 'missing':
 * what names it is there and it is not. 'derived': missing, and made anew when it is needed. 'unnamed': left over, used by nobody.
 */
export type FileState = 'intact' | 'damaged' | 'torn' | 'missing' | 'derived' | 'unnamed';

export interface VerifiedFile {
  readonly key: string;
  readonly state: FileState;
  readonly sizeBytes: number;
  /** What was expected and found, unless it is intact. */
  readonly message?: string;
}

/** True if something that was stored is lost, or may be. */
export function isBad({ state }: VerifiedFile): boolean {
  return state === 'damaged' || state === 'torn' || state === 'missing';
}

const COLLECTION_KEY = /^c([0-9a-f]{16})\//;

/** Errors: `WrongKey`, and those of a storage that fails. */
export async function* verifyFiles(storage: ReadStorage, ambient: Ambient, keyring: Keyring = plainKeyring): AsyncGenerator<VerifiedFile> {
  const { catalog, found } = await verifyCatalogs(storage, keyring);
  yield* found;
  const ids = [...new Set((await storage.list('c')).flatMap((key) => COLLECTION_KEY.exec(key)?.[1] ?? []))];
  const listed = new Map(catalog?.collections.map((entry) => [entry.id, entry]));
  for (const entry of listed.values()) yield* verifyCollection(storage, ambient, entry.id, await keyring.vaultOf(entry), entry.origin !== undefined);
  for (const id of ids.filter((one) => !listed.has(one))) {
    if (catalog === undefined && !keyring.encrypts) yield* verifyCollection(storage, ambient, id, await keyring.vaultOf({ id }), false);
    else for (const key of await storage.list(collectionPrefix(id))) yield await unnamed(storage, key, catalog === undefined ? 'the catalog that has its key is damaged' : 'no catalog lists its collection');
  }
}

async function verifyCatalogs(storage: ReadStorage, keyring: Keyring): Promise<{ readonly catalog: Catalog | undefined; readonly found: readonly VerifiedFile[] }> {
  const found: VerifiedFile[] = [];
  let catalog: Catalog | undefined;
  for (const key of (await storage.list(CATALOG_PREFIX)).filter((one) => versionOf(one) !== undefined)) {
    found.push(await checked(storage, key, async (bytes) => {
      const decoded = decodeCatalog(await keyring.openCatalog(bytes, key), key);
      requireIntact(decoded.version === versionOf(key), key, `expected version ${versionOf(key)}, found ${decoded.version}`);
      catalog = decoded;
    }));
  }
  // A database in which there was never anything has none.
  const isNew = found.length === 0 && (await storage.list('c')).length === 0;
  return { catalog: isNew ? { formatVersion: 1, version: 0, collections: [] } : catalog, found };
}

async function* verifyCollection(storage: ReadStorage, ambient: Ambient, id: string, vault: Vault, isCopy: boolean): AsyncGenerator<VerifiedFile> {
  const manifests: Manifest[] = [];
  for (const key of (await storage.list(manifestPrefix(id))).filter((one) => versionOf(one) !== undefined)) {
    yield await checked(storage, key, async (bytes) => {
      const manifest = await openManifest(vault, id, bytes, key);
      requireIntact(manifest.collection === id && manifest.version === versionOf(key), key, 'belongs to another collection or version');
      manifests.push(manifest);
    });
  }
  if (manifests.length === 0 && !isCopy) yield { key: manifestPrefix(id), state: 'missing', sizeBytes: 0, message: 'the collection has no manifest that is intact' };
  const current = new Set(manifests.at(-1) === undefined ? [] : filesOf(manifests.at(-1) as Manifest).map(({ name }) => name));
  const named = new Map(manifests.flatMap(filesOf).map((file) => [file.name, file]));
  for (const file of named.values()) yield* verifyFile(storage, ambient, id, file, current.has(file.name) && !isCopy);
  yield* verifyLogs(storage, id, vault);
  const prefix = collectionPrefix(id);
  for (const key of await storage.list(prefix)) {
    const name = key.slice(prefix.length);
    if (isFileName(name) && !named.has(name)) yield await unnamed(storage, key, 'no manifest names it');
  }
}

async function* verifyFile(storage: ReadStorage, ambient: Ambient, id: string, file: FileEntry, isNeeded: boolean): AsyncGenerator<VerifiedFile> {
  const key = fileKey(id, file.name);
  if ((await storage.size(key)) === undefined) {
    // What only an older manifest names may be gone, and so may what a copy gave up for room: the next pull brings it.
    const message = 'a manifest names it, but it is not there';
    if (isNeeded) yield { key, state: isIndexKey(key) ? 'derived' : 'missing', sizeBytes: file.sizeBytes, message };
    return;
  }
  yield await checked(storage, key, async (bytes) => {
    requireIntact(bytes.length === file.sizeBytes, key, `expected ${file.sizeBytes} bytes, found ${bytes.length}`);
    const sha256 = await sha256Hex(ambient, bytes);
    requireIntact(sha256 === file.sha256, key, `expected SHA-256 ${file.sha256}, found ${sha256}`);
  });
}

async function* verifyLogs(storage: ReadStorage, id: string, vault: Vault): AsyncGenerator<VerifiedFile> {
  const keys = (await storage.list(logPrefix(id))).filter((key) => lsnOf(key) !== undefined);
  let began = 0n;
  const results: VerifiedFile[] = [];
  // From the last to the first: where one begins, all before it was durable.
  for (const key of [...keys].reverse()) {
    let torn: string | undefined;
    const result = await checked(storage, key, async (bytes) => {
      if (bytes.length === 0) return;
      const opened = await vault.openLog(bytes, key);
      const content = readLog(opened.bytes, key, began);
      requireIntact(content.goodBytes === 0 || (content.id === id && content.firstLsn === lsnOf(key)), key, 'belongs to another collection or batch');
      requireIntact(content.lost.length === 0, key, `batches ${content.lost.map(({ first, count }) => `${first} to ${first + count - 1n}`).join(', ')} are damaged`);
      began = firstLsnIn(opened.bytes) ?? began;
      torn = content.damage;
    });
    results.push(result.state === 'intact' && torn !== undefined ? { ...result, state: 'torn', message: torn } : result);
  }
  yield* results.reverse();
}

async function checked(storage: ReadStorage, key: string, check: (bytes: Uint8Array) => Promise<void>): Promise<VerifiedFile> {
  let sizeBytes = 0;
  try {
    const bytes = await storage.read(key);
    sizeBytes = bytes.length;
    await check(bytes);
    return { key, state: 'intact', sizeBytes };
  } catch (error) {
    if (!(error instanceof ElanusError) || (error.code !== 'Corrupt' && error.code !== 'Unsupported')) throw error;
    return { key, state: 'damaged', sizeBytes, message: error.message };
  }
}

async function unnamed(storage: ReadStorage, key: string, message: string): Promise<VerifiedFile> {
  return { key, state: 'unnamed', sizeBytes: (await storage.size(key)) ?? 0, message };
}
