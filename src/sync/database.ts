// SyncDatabase: the engine's database and what goes over a network: pulling collections, and serving them.

import type { Database, PullOptions, PullResult } from '../engine/api.js';
import { collectionCalled, collectionMeant, inDatabase, requireFree } from '../engine/database/catalog-names.js';
import { sha256Hex, type CollectionFiles } from '../engine/files/collection-files.js';
import { EngineDatabase } from '../engine/database/database.js';
import { fullName } from '../engine/database/database-state.js';
import { requireDatabase } from '../engine/database/databases.js';
import { writable } from '../engine/database/environment.js';
import type { ReceivedKey } from '../engine/database/keyring.js';
import type { CatalogEntry } from '../format/catalog.js';
import { encodeSentKey, sealedKeyOfHex } from '../format/sealed-key.js';
import type { PushAnswer } from '../engine/api/push.js';
import type { RefusedWrites, SyncOptions, SyncResult } from '../engine/api/sync.js';
import { encodeText } from '../format/bytes.js';
import type { Push } from '../format/push.js';
import { ElanusError, require } from '../model/errors.js';
import { checkName } from '../model/schema.js';
import type { ByteRange } from '../ports/storage.js';
import type { SendingTransport } from '../ports/transport.js';
import type { HeadOf } from './heads.js';
import { pullCollection, unlessCorrupt } from './pull.js';
import { refusedWrites, syncDatabase } from './sync.js';
import { pushOutbox, type PushOptions, type PushResult } from './push.js';

const SUBJECT_BYTES = 8;

export interface ServedManifest {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

export interface ServedFile {
  readonly name: string;
  readonly sizeBytes: number;
  read(range?: ByteRange): Promise<Uint8Array<ArrayBuffer>>;
}

export class SyncDatabase extends EngineDatabase implements Database {
  async useDatabase(name: string): Promise<SyncDatabase> {
    this.state.requireOpen();
    requireDatabase(this.state.content, name);
    return new SyncDatabase(this.state, name);
  }

  async pull(url: string, collection: string, options: PullOptions = {}): Promise<PullResult> {
    this.state.requireOpen();
    checkName('collection name', collection);
    require(typeof url === 'string' && /^https?:\/\/[^?#]+$/.test(url), () => `pull: expected an http(s) URL without query, found ${JSON.stringify(url)}`);
    writable(this.state.environment.storage);
    const base = url.replace(/\/+$/, '');
    return this.#inTurn(fullName({ database: this.database, name: collection }), () => this.#pull(base, collection, options));
  }

  /** Calls of one key take turns. */
  #inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const { pulls } = this.state;
    const done = (pulls.get(key) ?? Promise.resolve()).then(work);
    const settled = done.catch(() => undefined);
    pulls.set(key, settled);
    void settled.then(() => pulls.get(key) === settled && pulls.delete(key));
    return done;
  }

  async #pull(url: string, name: string, options: PullOptions): Promise<PullResult> {
    const { catalogs, environment } = this.state;
    const { transport } = environment;
    if (transport === undefined) throw new ElanusError('Unsupported', 'pull: this database was opened without a network');
    requireDatabase(this.state.content, this.database);
    const entry = collectionCalled(this.state.content, this.database, name);
    if (entry === undefined) requireFree(this.state.content, this.database, name);
    if (entry !== undefined && entry.origin !== url) throw new ElanusError('AlreadyExists', `collection "${name}" is ${entry.origin === undefined ? 'a local one' : `a copy from ${entry.origin}`}: drop it before pulling it from ${url}`);
    const files = entry === undefined ? undefined : await this.state.filesOf(entry);
    const current = await unlessCorrupt(async () => files?.currentManifest(true));
    const opened = current === undefined ? undefined : await unlessCorrupt(() => this.opened(name));
    const restart = async ({ id, key }: ReceivedKey): Promise<CollectionFiles> => {
      const waiting = opened?.outbox?.pending ?? 0;
      if (waiting > 0) throw new ElanusError('ReadOnly', `${url} has another collection "${name}" than before, or an older one, and ${waiting} own writes wait to be sent to that: drop the copy to give them up`);
      return this.#restart(entry, { id, name, origin: url, ...(key === undefined ? {} : { key }), ...inDatabase(this.database), createdMs: Math.floor(environment.ambient.nowMs()) });
    };
    const own = files && { id: files.id, key: entry?.key, vault: files.vault };
    const intact = opened !== undefined && opened.missing.length === 0 && (await files?.hasAll(opened.manifest.manifest)) === true;
    return pullCollection({ environment, keyring: catalogs.keyring, own, files, current, opened, intact, restart }, transport, url, name, options);
  }

  /** Brings copies and the server together. Errors: those of `pull` and `push`. */
  sync(options: SyncOptions): Promise<SyncResult> {
    this.state.requireOpen();
    return syncDatabase(this, options);
  }

  /** Errors: `NotFound`. */
  async listRefused(collection: string): Promise<readonly RefusedWrites[]> {
    return refusedWrites(await this.opened(collection));
  }

  /** Takes refused writes off the list. Errors: `NotFound`. */
  async discardRefused(collection: string, ids: readonly string[]): Promise<void> {
    require(Array.isArray(ids) && ids.every((id) => typeof id === 'string' && /^\d{1,20}$/.test(id)), () => 'discardRefused: expected ids as listRefused tells them');
    await (await this.opened(collection)).outbox?.discard(ids.map(BigInt));
  }

  async #restart(before: CatalogEntry | undefined, entry: CatalogEntry): Promise<CollectionFiles> {
    return this.state.change(async () => {
      if (before !== undefined) await this.state.unlist(before);
      if (this.state.hasId(entry.id)) throw new ElanusError('AlreadyExists', `another collection is a copy of "${entry.name}" already`);
      await this.state.list(entry);
      return this.state.filesOf(entry);
    });
  }

  /** The manifest that `pull` of others gets: what the last flush sealed. Errors: `NotFound`. */
  async servedManifest(collection: string): Promise<ServedManifest> {
    const opened = await this.opened(collection);
    opened.leaseManifest();
    const { bytes } = opened.manifest;
    return { bytes: Uint8Array.from(bytes), etag: `"${await sha256Hex(this.state.environment.ambient, bytes)}"` };
  }

  /** What a head says of that manifest. Errors: `NotFound`. */
  async headOf(collection: string): Promise<HeadOf> {
    const opened = await this.opened(collection);
    const { bytes, manifest } = opened.manifest;
    const { ambient } = this.state.environment;
    const before = await opened.manifestBefore();
    const parent = before === undefined ? {} : { parent: await sha256Hex(ambient, before) };
    return { collection: manifest.collection, version: manifest.version, manifest: { sha256: await sha256Hex(ambient, bytes), sizeBytes: bytes.length }, ...parent };
  }

  /** Takes what a client pushed, each batch once. `subject` says whom it is bound to. Errors: `NotFound`, `Unsupported`; those of the storage, then it may be sent again. */
  async receive(collection: string, push: Push, subject: string): Promise<PushAnswer> {
    const opened = await this.opened(collection);
    return opened.receive(push, (await this.state.environment.ambient.sha256(encodeText(subject))).slice(0, SUBJECT_BYTES));
  }

  /**
   * Sends the own writes of a copy to where it was pulled from. Errors: `NotFound`; `ReadOnly` for what is no copy, or whose writes are somebody
   * else's; `Network`, `Closed` if aborted.
   */
  async push(collection: string, options: PushOptions = {}): Promise<PushResult> {
    const opened = await this.opened(collection);
    const entry = collectionMeant(this.state.content, this.database, collection);
    if (entry?.origin === undefined) throw new ElanusError('ReadOnly', `push: collection "${collection}" is no copy`);
    const { transport } = this.state.environment;
    if (transport === undefined || !('post' in transport)) throw new ElanusError('Unsupported', 'push: this database was opened without a network that sends');
    // One after the other: they would send the same.
    const url = `${entry.origin}/v1/collections/${encodeURIComponent(collection)}/push`;
    return this.#inTurn(`push ${fullName({ database: this.database, name: collection })}`, () => pushOutbox(opened, transport as SendingTransport, url, options));
  }

  /** The key of a collection, as only the master key opens it. Errors: `NotFound`, also if it is not encrypted. */
  async servedKey(collection: string): Promise<Uint8Array<ArrayBuffer>> {
    this.state.requireOpen();
    const entry = collectionMeant(this.state.content, this.database, collection);
    if (entry?.key === undefined) throw new ElanusError('NotFound', entry === undefined ? `no collection "${collection}"` : `collection "${collection}" is not encrypted`);
    return encodeSentKey(entry.id, sealedKeyOfHex(entry.key, collection, 'key'));
  }

  /** A file that the current manifest, the one before or one that was served lately names; undefined if none does. Errors: `NotFound`. */
  async servedFile(collection: string, sha256: string): Promise<ServedFile | undefined> {
    const opened = await this.opened(collection);
    const file = opened.file(sha256);
    return file && { name: file.name, sizeBytes: file.sizeBytes, read: (range) => opened.readFile(file, range) };
  }
}
