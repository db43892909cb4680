// CollectionFiles: where one collection's files are, which manifest is current, and what may be removed.
// Order of every change: new files, then the manifest, then the removal of what no manifest names any more.

import { hexOf, sameBytes } from '../../format/bytes.js';
import { decodeDeletions } from '../../format/deletion-vector.js';
import { collectionPrefix, fileKey, hashOf, isDeletionsName, isFileName, logKey, logPrefix, lsnOf, manifestKey, manifestPrefix, versionOf } from '../../format/keys.js';
import { decodeManifest, encodeManifest, type FileEntry, type Manifest, type SegmentEntry } from '../../format/manifest.js';
import { RowsReader } from '../../format/rows-reader.js';
import { sealedSize } from '../../format/sealed-file.js';
import { ElanusError, requireIntact } from '../../model/errors.js';
import { LIMITS } from '../../model/limits.js';
import type { Schema } from '../../model/schema.js';
import type { Ambient } from '../../ports/ambient.js';
import type { ByteRange, ReadStorage } from '../../ports/storage.js';
import { writable, type Environment } from '../database/environment.js';
import type { ArrivingFiles } from './arriving-files.js';
import { readBounded } from './bounded-read.js';
import type { Lender } from './lender.js';
import type { FileIdentity, Vault } from './vault.js';

/** As it is stored: encrypted, it takes a little more. */
const MANIFEST_BYTES_MAX = sealedSize(LIMITS.manifestBytesMax);
/** Manifests kept for who reads an older one: the current and the one before. */
const MANIFESTS_KEPT = 2;

export interface CurrentManifest {
  readonly manifest: Manifest;
  readonly bytes: Uint8Array;
  /** Newer manifests that were damaged, by a crash while they were written. */
  readonly damaged: readonly string[];
}

export class CollectionFiles {
  readonly id: string;
  readonly vault: Vault;
  /** Of a copy that is searched while its files come: those that are on their way. */
  arriving: ArrivingFiles | undefined;
  readonly #storage: ReadStorage;
  #bytesRead = 0;
  readonly #optionalStorage: ReadStorage;
  readonly #ambient: Ambient;
  /** Names of files that were put and that no manifest names yet. */
  readonly #unnamed = new Set<string>();
  /** Of who read pieces of files last. */
  #room: ArrayBuffer | undefined;
  #lender: Lender | undefined;

  constructor(id: string, environment: Environment, vault: Vault) {
    this.id = id;
    this.vault = vault;
    this.#storage = environment.storage;
    this.#optionalStorage = environment.optionalStorage ?? environment.storage;
    this.#ambient = environment.ambient;
  }

  /**
   * The newest intact manifest; undefined if there is none at all. A damaged newer one is passed over only while the
   * log still holds every batch since the older one, so that nothing acknowledged is lost; of a copy always, as the next
   * pull fetches it again: one that was torn by a crash is a pull that was not acknowledged. Errors: `Corrupt`, `Unsupported`.
   */
  async currentManifest(isCopy: boolean): Promise<CurrentManifest | undefined> {
    const keys = (await this.#storage.list(manifestPrefix(this.id))).filter((key) => versionOf(key) !== undefined);
    const damaged: ElanusError[] = [];
    for (const key of [...keys].reverse()) {
      try {
        const bytes = await readBounded(this.#storage, key, MANIFEST_BYTES_MAX);
        const manifest = await openManifest(this.vault, this.id, bytes, key);
        requireIntact(manifest.collection === this.id && manifest.version === versionOf(key), key, 'belongs to another collection or version');
        if (damaged.length > 0 && !isCopy && !(await this.#logCovers(manifest.nextLsn))) throw damaged[0];
        return { manifest, bytes, damaged: damaged.map((error) => error.file ?? '') };
      } catch (error) {
        if (!(error instanceof ElanusError) || error.code !== 'Corrupt' || damaged.includes(error)) throw error;
        damaged.push(error);
      }
    }
    if (damaged[0] !== undefined && !isCopy) throw damaged[0];
    return undefined;
  }

  async #logCovers(lsn: bigint): Promise<boolean> {
    const keys = await this.logKeys();
    return keys.some((key) => (lsnOf(key) ?? lsn + 1n) <= lsn);
  }

  /** As it is stored, the manifest before that of `version`; undefined if it is not kept any more. */
  async manifestBefore(version: number): Promise<Uint8Array | undefined> {
    const keys = (await this.#storage.list(manifestPrefix(this.id))).filter((key) => (versionOf(key) ?? version) < version);
    const last = keys.at(-1);
    return last === undefined ? undefined : this.#storage.read(last);
  }

  /** The next version that no file has, damaged ones included. */
  async nextVersion(): Promise<number> {
    const versions = (await this.#storage.list(manifestPrefix(this.id))).map((key) => versionOf(key) ?? 0);
    return Math.max(0, ...versions) + 1;
  }

  /** Writes a manifest that must not exist yet. Errors: `Busy` if it does, as then somebody else writes here. */
  async putManifest(manifest: Manifest): Promise<Uint8Array> {
    const { bytes } = await this.vault.seal(encodeManifest(manifest), manifestAbout(this.id));
    const key = manifestKey(this.id, manifest.version);
    const storage = writable(this.#storage);
    if (!(await storage.create(key, bytes))) throw new ElanusError('Busy', `${key} exists already: another writer is at work`, { file: key });
    for (const { name } of allFilesOf(manifest)) this.#unnamed.delete(name);
    return bytes;
  }

  /** Stores a manifest as a server gave it, in place of one of that version that a crash left. */
  async putReceivedManifest(version: number, bytes: Uint8Array): Promise<void> {
    const key = manifestKey(this.id, version);
    const storage = writable(this.#storage);
    if (await storage.create(key, bytes)) return;
    await storage.remove(key);
    if (!(await storage.create(key, bytes))) throw new ElanusError('Busy', `${key} came back: another writer is at work`, { file: key });
  }

  /** Removes the manifests of all versions but this. */
  async forgetOthers(version: number): Promise<void> {
    const storage = writable(this.#storage);
    for (const key of await storage.list(manifestPrefix(this.id))) if (versionOf(key) !== version) await storage.remove(key);
  }

  /** Stores `bytes` under the name of their hash. A file of that name has that content and is left alone. */
  async putFile(bytes: Uint8Array, nameOf: (sha256: string) => string): Promise<FileEntry> {
    const { stored, file } = await this.#seal(bytes, nameOf);
    await this.#put(file.name, stored);
    return file;
  }

  async #seal(bytes: Uint8Array, nameOf: (sha256: string) => string): Promise<{ readonly stored: Uint8Array; readonly file: FileEntry }> {
    const { bytes: stored, salt } = await this.vault.seal(bytes, fileKey(this.id, nameOf('')));
    const sha256 = await sha256Hex(this.#ambient, stored);
    return { stored, file: { name: nameOf(sha256), sha256, sizeBytes: stored.length, ...(salt === undefined ? {} : { salt }) } };
  }

  /**
   * As putFile, for a file that only a later manifest will name: no sweep takes it before `settle`. `isOptional`: nothing
   * that a reader needs is given up for it.
   */
  async putAhead(bytes: Uint8Array, nameOf: (sha256: string) => string, isOptional = false): Promise<FileEntry> {
    const { stored, file } = await this.#seal(bytes, nameOf);
    try {
      await this.#put(file.name, stored, isOptional ? this.#optionalStorage : this.#storage);
    } catch (error) {
      this.#unnamed.delete(file.name);
      throw error;
    }
    return file;
  }

  /** A manifest names these files now, or none ever will. */
  settle(...files: readonly FileEntry[]): void {
    for (const { name } of files) this.#unnamed.delete(name);
  }

  async #put(name: string, bytes: Uint8Array, storedIn = this.#storage): Promise<void> {
    const storage = writable(storedIn);
    const key = fileKey(this.id, name);
    this.#unnamed.add(name);
    if (await storage.create(key, bytes)) return;
    // Left by a crash: only a whole one may stay.
    if (await this.isIntact({ name, sha256: hashOf(name), sizeBytes: bytes.length })) return;
    await storage.remove(key);
    if (!(await storage.create(key, bytes))) throw new ElanusError('Busy', `${key} came back: another writer is at work`, { file: key });
  }

  /** Stores a file that was received, after checking its size and hash. Errors: `Corrupt`. */
  async putReceived(file: FileEntry, bytes: Uint8Array): Promise<void> {
    requireIntact(bytes.length === file.sizeBytes, file.name, `expected ${file.sizeBytes} bytes, received ${bytes.length}`);
    const sha256 = await sha256Hex(this.#ambient, bytes);
    requireIntact(sha256 === file.sha256, file.name, `received bytes with SHA-256 ${sha256}`);
    await this.#put(file.name, bytes);
  }

  /** True if the file is there with the size and hash of its entry. */
  async isIntact(file: FileEntry): Promise<boolean> {
    const key = fileKey(this.id, file.name);
    if ((await this.#storage.size(key)) !== file.sizeBytes) return false;
    return (await sha256Hex(this.#ambient, await this.#storage.read(key))) === file.sha256;
  }

  /** Of rows, indexes and deletions, since it was opened. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** From now on `lender` counts the memory that is kept to read pieces of files into. */
  useLender(lender: Lender): void {
    this.#lender = lender;
  }

  /** Memory for one who reads vectors piece by piece, to be given back. */
  takeRoom(sizeBytes: number): ArrayBuffer {
    const kept = this.#room;
    this.#room = undefined;
    return kept?.byteLength === sizeBytes ? kept : new ArrayBuffer(sizeBytes);
  }

  giveRoom(room: ArrayBuffer): void {
    this.#lender?.endLoan(this);
    if (this.#lender?.lend(this, room.byteLength, () => (this.#room = undefined)) !== false) this.#room = room;
  }

  /** Opens a rows file to read parts of it. Errors: `Corrupt`, `NotFound`, `Unsupported`. */
  async openRows(file: FileEntry, schema: Schema): Promise<RowsReader> {
    await this.#requireSize(file);
    const sizeBytes = this.vault.plainSize(file.sizeBytes, file.name);
    return RowsReader.open((offset, length, room) => this.readPart(file, { offset, length }, room), sizeBytes, schema, file.name);
  }

  /** A range of what a file says. Errors: `Corrupt`, `NotFound`. */
  readPart(file: FileEntry, { offset, length }: ByteRange, room?: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const read = (start: number, count: number, into?: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> => {
      this.#bytesRead += count;
      return this.#readStored(file, { offset: start, length: count }, into);
    };
    return this.vault.readRange(read, file.sizeBytes, offset, length, this.#identityOf(file), room);
  }

  #readStored({ name }: FileEntry, range: ByteRange, room?: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const coming = this.arriving?.get(name);
    return coming === undefined || this.arriving === undefined ? this.#storage.read(fileKey(this.id, name), range, room) : this.arriving.read(coming, range, room);
  }

  /** Dead rows, ascending. */
  async readDeletions(entry: SegmentEntry): Promise<Uint32Array> {
    if (entry.deletions === undefined) return new Uint32Array(0);
    const { name, count } = entry.deletions;
    const rows = decodeDeletions(await this.readFile(entry.deletions), entry.rows, name);
    requireIntact(rows.length === count, name, `expected ${count} rows, found ${rows.length}`);
    return rows;
  }

  /** The bytes of a file, whose size is as its entry says. Errors: `Corrupt` if it is not, `NotFound`. */
  async readFile(file: FileEntry): Promise<Uint8Array> {
    await this.#requireSize(file);
    this.#bytesRead += file.sizeBytes;
    return this.vault.open(await this.#readStored(file, { offset: 0, length: file.sizeBytes }), this.#identityOf(file));
  }

  #identityOf({ name, sha256, salt }: FileEntry): FileIdentity {
    return { about: fileKey(this.id, name.replace(sha256, '')), where: name, salt };
  }

  async #requireSize({ name, sizeBytes }: FileEntry): Promise<void> {
    if (this.arriving?.get(name) !== undefined) return;
    const key = fileKey(this.id, name);
    const size = await this.#storage.size(key);
    if (size === undefined) throw new ElanusError('NotFound', `${key}: the manifest names it, but it is missing`, { file: key });
    requireIntact(size === sizeBytes, key, `expected ${sizeBytes} bytes, found ${size}`);
  }

  /** Keys of the logs, oldest first. */
  async logKeys(): Promise<readonly string[]> {
    return (await this.#storage.list(logPrefix(this.id))).filter((key) => lsnOf(key) !== undefined);
  }

  logKey(firstLsn: bigint): string {
    return logKey(this.id, firstLsn);
  }

  /** Removes old manifests, files that neither of the newest two nor `kept` names and nobody is writing, and logs other than these. */
  async sweep(current: Manifest, logs: readonly string[], kept: ReadonlySet<string>): Promise<void> {
    const storage = writable(this.#storage);
    const manifests = (await storage.list(manifestPrefix(this.id))).filter((key) => versionOf(key) !== undefined);
    const older = manifests.filter((key) => (versionOf(key) ?? 0) < current.version);
    const named = namedFiles(current);
    for (const key of older.slice(-(MANIFESTS_KEPT - 1))) await this.#addNamedFiles(named, await storage.read(key), key);
    for (const key of older.slice(0, -(MANIFESTS_KEPT - 1))) await storage.remove(key);
    for (const key of await this.logKeys()) if (!logs.includes(key)) await storage.remove(key);
    const prefix = collectionPrefix(this.id);
    for (const key of await storage.list(prefix)) {
      const name = key.slice(prefix.length);
      if (isFileName(name) && !named.has(name) && !kept.has(name) && !this.#unnamed.has(name)) await storage.remove(key);
    }
  }

  // A damaged older manifest names nothing: it can no longer be opened.
  async #addNamedFiles(named: Set<string>, bytes: Uint8Array, key: string): Promise<void> {
    try {
      for (const { name } of allFilesOf(await openManifest(this.vault, this.id, bytes, key))) named.add(name);
    } catch (error) {
      if (!(error instanceof ElanusError)) throw error;
    }
  }

  /**
   * As `sweep`, where another may write: only what manifests named that are removed now, never what nobody is known to
   * have named, as that may be the next writer's. `confirm` tells, after all was listed, that there was none yet.
   * Deletions stay: two segments may share such a file, the later one of another writer.
   */
  async sweepShared(current: Manifest, logs: readonly string[], kept: ReadonlySet<string>, confirm: () => Promise<void>): Promise<void> {
    const storage = writable(this.#storage);
    const manifests = (await storage.list(manifestPrefix(this.id))).filter((key) => (versionOf(key) ?? current.version) < current.version);
    const named = namedFiles(current);
    const unnamed = new Set<string>();
    for (const key of manifests.slice(-(MANIFESTS_KEPT - 1))) await this.#addNamedFiles(named, await storage.read(key), key);
    const outdated = manifests.slice(0, -(MANIFESTS_KEPT - 1));
    for (const key of outdated) await this.#addNamedFiles(unnamed, await storage.read(key), key);
    const files = [...unnamed].filter((name) => !named.has(name) && !kept.has(name) && !this.#unnamed.has(name) && !isDeletionsName(name)).map((name) => fileKey(this.id, name));
    const removed = [...files, ...(await this.logKeys()).filter((key) => !logs.includes(key)), ...outdated];
    if (removed.length === 0) return;
    await confirm();
    for (const key of removed) await storage.remove(key);
  }

  /** True if this very manifest is stored. */
  async holds(manifest: Manifest): Promise<boolean> {
    const key = manifestKey(this.id, manifest.version);
    if ((await this.#storage.size(key)) === undefined) return false;
    const stored = await openManifest(this.vault, this.id, await this.#storage.read(key), key);
    return sameBytes(encodeManifest(stored), encodeManifest(manifest));
  }

  /** Keys of manifests before `current`, and of files that only they or `others` name, less those of the names `kept`. */
  async superseded(current: Manifest, others: readonly Manifest[], kept: ReadonlySet<string>): Promise<readonly string[]> {
    const storage = this.#storage;
    const older = (await storage.list(manifestPrefix(this.id))).filter((key) => (versionOf(key) ?? current.version) < current.version);
    const named = new Set(others.flatMap(allFilesOf).map(({ name }) => name));
    for (const key of older) await this.#addNamedFiles(named, await storage.read(key), key);
    const present = new Set(await storage.list(collectionPrefix(this.id)));
    const files = [...named].filter((name) => !kept.has(name) && !this.#unnamed.has(name)).map((name) => fileKey(this.id, name));
    return [...files.filter((key) => present.has(key)), ...older];
  }

  /** True if every file that copies have of `manifest` is there, of the size that it says. */
  async hasAll(manifest: Manifest): Promise<boolean> {
    for (const { name, sizeBytes } of filesOf(manifest)) if ((await this.#storage.size(fileKey(this.id, name))) !== sizeBytes) return false;
    return true;
  }

  /** Removes everything. */
  async removeAll(): Promise<void> {
    const storage = writable(this.#storage);
    for (const key of await storage.list(collectionPrefix(this.id))) await storage.remove(key);
  }
}

/** What copies have: the files of its segments. */
export function filesOf(manifest: Manifest): readonly FileEntry[] {
  return manifest.segments.flatMap(({ rowsFile, deletions, indexes }) => [rowsFile, ...(deletions === undefined ? [] : [deletions]), ...indexes.values()]);
}

/** Those, and what only who writes to it has. */
export function allFilesOf(manifest: Manifest): readonly FileEntry[] {
  const { file } = manifest.pushes ?? {};
  return file === undefined ? filesOf(manifest) : [...filesOf(manifest), file];
}

function namedFiles(manifest: Manifest): Set<string> {
  return new Set(allFilesOf(manifest).map(({ name }) => name));
}

/** What a manifest of that collection is sealed as. */
export function manifestAbout(id: string): string {
  return `${collectionPrefix(id)}manifest`;
}

/** The manifest that `stored` is, of the collection of that id. Errors: `Corrupt`, `Unsupported`, `WrongKey`. */
export async function openManifest(vault: Vault, id: string, stored: Uint8Array, where: string): Promise<Manifest> {
  return decodeManifest(await vault.open(stored, { about: manifestAbout(id), where }), where);
}

export async function sha256Hex(ambient: Pick<Ambient, 'sha256'>, bytes: Uint8Array): Promise<string> {
  return hexOf(await ambient.sha256(bytes));
}
