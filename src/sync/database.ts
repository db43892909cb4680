// SyncDatabase: the engine's database and what goes over a network: pulling collections, and serving them.

import type { Database, PullOptions, PullResult, SearchResult } from '../engine/api.js';
import { collectionCalled, collectionMeant, inDatabase, requireFree } from '../engine/database/catalog-names.js';
import { sha256Hex, type CollectionFiles, type CurrentManifest } from '../engine/files/collection-files.js';
import type { EngineCollection } from '../engine/collection/collection.js';
import { EngineDatabase } from '../engine/database/database.js';
import { fullName, type DatabaseState } from '../engine/database/database-state.js';
import { requireDatabase } from '../engine/database/databases.js';
import { writable } from '../engine/database/environment.js';
import { numbersAsked } from '../engine/collection/partitions.js';
import { mayBeWithin } from '../engine/scoped/row-rule.js';
import type { AskedRule } from '../engine/scoped/scoped-views.js';
import type { ScopedManifest } from '../engine/scoped/scoped-view.js';
import type { ReceivedKey } from '../engine/database/keyring.js';
import { DEFAULT_DATABASE, type CatalogEntry } from '../format/catalog.js';
import { encodeSentKey, sealedKeyOfHex } from '../format/sealed-key.js';
import type { ConflictRules, OnConflict, PushAnswer } from '../engine/api/push.js';
import type { SessionOptions } from '../engine/api/session.js';
import type { AdoptedSegment, UploadOptions, UploadResult } from '../engine/api/upload.js';
import { Outbox } from '../engine/write/outbox.js';
import { isFaultOfBatch } from '../engine/write/received.js';
import type { RefusedWrites, SyncOptions, SyncResult } from '../engine/api/sync.js';
import { encodeText } from '../format/bytes.js';
import type { Push } from '../format/push.js';
import { ElanusError, require } from '../model/errors.js';
import { ALL_WRITABLE, checkScope, EVERY_ROW, type RowRule, type RowScope, type WritableRows } from '../model/row-scope.js';
import { checkName } from '../model/schema.js';
import type { ByteRange } from '../ports/storage.js';
import type { SendingTransport } from '../ports/transport.js';
import type { HeadOf } from './heads.js';
import { NetworkCalls } from './network-calls.js';
import { addressOf, checkUrl, originOf, originText, type Origin } from './origin.js';
import { pullCollection, RemoteCollection, unlessCorrupt } from './pull.js';
import { Sessions, type SessionHandle } from './session/sessions.js';
import { checkSync, refusedWrites, syncDatabase } from './sync.js';
import type { RemoteAnswer, SentSearch } from './remote-answer.js';
import { answerSent, searchRemote } from './remote-search.js';
import { publishCollection, type PublishedCollection, type PublishOptions } from './publish.js';
import { pushOutbox, type PushOptions, type PushResult } from './push.js';
import { checkTrusted } from './trust.js';
import { uploadCollection } from './upload.js';
import { Uploads, type SentName, type TakenPart, type UploadPart } from './uploads.js';

const SUBJECT_BYTES = 8;
/** Times that a pull begins anew as a file has gone from the server. */
const PULLS_MAX = 3;
/** The headers with which copies were pulled or pushed last, by their full names: what is to be kept by a server is sent with these. */
const allowedBy = new WeakMap<DatabaseState, Map<string, Readonly<Record<string, string>>>>();

export interface ServedManifest {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

export interface ServedFile {
  readonly name: string;
  readonly sizeBytes: number;
  read(range?: ByteRange): Promise<Uint8Array<ArrayBuffer>>;
}

/** Files that are being sent. */
const uploadsOf = new WeakMap<EngineCollection, Uploads>();

export class SyncDatabase extends EngineDatabase implements Database {
  /** Of all databases of the storage. */
  readonly #sessions: Sessions;

  readonly #calls: NetworkCalls;

  constructor(state: DatabaseState, database?: string, sessions = new Sessions(), calls = new NetworkCalls(state.pulls)) {
    super(state, database);
    this.#sessions = sessions;
    this.#calls = calls;
  }

  async useDatabase(name: string): Promise<SyncDatabase> {
    this.state.requireOpen();
    requireDatabase(this.state.content, name);
    return new SyncDatabase(this.state, name, this.#sessions, this.#calls);
  }

  /** Its writes reach the server that it is a copy from, if it is one, and so do searches that ask for it. */
  override async opened(name: string): Promise<EngineCollection> {
    const opened = await super.opened(name);
    opened.useSender((lsn) => this.#send(opened.name, lsn));
    opened.reads.remote ??= (request) => this.#searchRemote(opened, request);
    return opened;
  }

  async pull(url: string, collection: string, options: PullOptions = {}): Promise<PullResult> {
    this.state.requireOpen();
    checkName('collection name', collection);
    const base = checkUrl(url, 'pull');
    writable(this.state.environment.storage);
    const { database = this.database } = options;
    checkName('database name', database);
    const origin = { url: base, database };
    const scope = checkScope(options.partitions, options.filter);
    this.#noteHeaders(collection, options.headers);
    return this.#calls.inTurn(fullName({ database: this.database, name: collection }), options.signal, (signal) => this.#pullAgain(() => this.#pull(origin, collection, scope, { ...options, signal })));
  }

  /** Where the server has merged or removed a file meanwhile, another manifest says which are there now. */
  async #pullAgain(pull: () => Promise<PullResult>): Promise<PullResult> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await pull();
      } catch (error) {
        if (!(error instanceof ElanusError) || error.code !== 'NotFound' || error.file === undefined || attempt === PULLS_MAX) throw error;
      }
    }
  }

  async #pull(from: Origin, name: string, scope: RowScope | undefined, options: PullOptions): Promise<PullResult> {
    const origin = originText(from);
    const { catalogs, collections, environment } = this.state;
    const { transport } = environment;
    if (transport === undefined) throw new ElanusError('Unsupported', 'pull: this database was opened without a network');
    requireDatabase(this.state.content, this.database);
    const entry = collectionCalled(this.state.content, this.database, name);
    if (entry === undefined) requireFree(this.state.content, this.database, name);
    if (entry !== undefined && entry.origin !== origin) throw new ElanusError('AlreadyExists', `collection "${name}" is ${entry.origin === undefined ? 'a local one' : `a copy from ${entry.origin}`}: drop it before pulling it from ${origin}`);
    const files = entry === undefined ? undefined : await this.state.filesOf(entry);
    const current = await unlessCorrupt(async () => files?.currentManifest(true));
    const opened = current === undefined ? undefined : await unlessCorrupt(() => this.opened(name));
    const restart = async ({ id, key }: ReceivedKey): Promise<CollectionFiles> => {
      const waiting = opened === undefined && files !== undefined ? await Outbox.pendingIn(environment, files) : (opened?.outbox?.pending ?? 0);
      if (waiting !== 0) throw new ElanusError('ReadOnly', `${origin} has another collection "${name}" than before, or an older one, and ${waiting ?? 'unreadable'} own writes wait to be sent to that: drop the copy to give them up`);
      return this.#restart(entry, { id, name, origin, ...(key === undefined ? {} : { key }), ...inDatabase(this.database), createdMs: Math.floor(environment.ambient.nowMs()) });
    };
    const own = files && { id: files.id, key: entry?.key, vault: files.vault };
    const intact = opened !== undefined && opened.missing.length === 0 && (await files?.hasAll(opened.manifest.manifest)) === true;
    const open = async (received: CollectionFiles, manifest: CurrentManifest): Promise<EngineCollection> => {
      const listed = collectionCalled(this.state.content, this.database, name);
      if (listed?.id !== received.id) throw new ElanusError('NotFound', `collection "${name}" was dropped while it was pulled`);
      return collections.openBefore(listed, received, manifest);
    };
    const close = (received: CollectionFiles): Promise<void> => collections.close(received.id);
    const remote = new RemoteCollection(transport, from, name, scope, options);
    return pullCollection({ environment, room: this.state.context.room, keyring: catalogs.keyring, own, files, current, opened, intact, open, close, restart }, remote, options);
  }

  async #searchRemote(copy: EngineCollection, request: Parameters<typeof searchRemote>[2]): Promise<SearchResult<unknown>> {
    const entry = this.state.entries.find(({ id }) => id === copy.manifest.manifest.collection);
    require(entry?.origin !== undefined, () => `remote: collection "${copy.name}" is no copy`);
    const { transport } = this.state.environment;
    if (transport === undefined || !('post' in transport)) throw new ElanusError('Unsupported', 'remote: this database was opened without a network that sends');
    return searchRemote(copy, { transport: transport as SendingTransport, url: addressOf(originOf(entry.origin), entry.name, 'search') }, request);
  }

  /** Answers a search that the copy of a client sent, of rows of `rule`. Errors: those of `search`; `Unsupported` of texts. */
  async answerSearch(collection: string, search: SentSearch, rule: RowRule = EVERY_ROW): Promise<RemoteAnswer> {
    const { reads, manifest } = await this.opened(collection);
    return answerSent(reads, search, rule, manifest.manifest);
  }

  /** Brings copies and the server together. Errors: those of `pull` and `push`. */
  sync(options: SyncOptions): Promise<SyncResult> {
    this.state.requireOpen();
    return syncDatabase(this, options);
  }

  /** Goes on bringing them together. Errors: `InvalidArgument`, `Unsupported`. */
  async syncSession(options: SessionOptions): Promise<SessionHandle> {
    this.state.requireOpen();
    const { environment, ownWrites, roomCame } = this.state;
    const { transport, waking, ambient } = environment;
    checkSync(options);
    const url = checkUrl(options.url, 'syncSession');
    const { database = this.database } = options;
    checkName('database name', database);
    checkScope(options.partitions, options.filter);
    checkTrusted(options.trust === 'nobody' ? undefined : options.trust);
    writable(environment.storage);
    if (transport === undefined || waking === undefined) throw new ElanusError('Unsupported', 'syncSession: this database was opened without a network, or without a clock');
    return this.#sessions.open(this.database, { ...options, url, database }, { database: this, transport, waking, ambient, ownWrites, roomCame, warn: (message) => this.state.warn(message) });
  }

  override async close(): Promise<void> {
    const stopped = this.#sessions.close();
    this.#calls.end();
    await stopped;
    await super.close();
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

  /** The manifest that `pull` of others gets: what the last flush sealed, of all rows or of some. Errors: `NotFound`; those of `ScopedViews.manifest`. */
  async servedManifest(collection: string, rows?: AskedRule): Promise<ServedManifest> {
    const opened = await this.opened(collection);
    if (isOfSome(rows)) {
      const { bytes, sha256 } = await scopedManifest(opened, rows);
      return { bytes, etag: `"${sha256}"` };
    }
    opened.leaseManifest();
    const { bytes } = opened.manifest;
    return { bytes: Uint8Array.from(bytes), etag: `"${await sha256Hex(this.state.environment.ambient, bytes)}"` };
  }

  /** What a head says of that manifest. Errors: as above. */
  async headOf(collection: string, rows?: AskedRule): Promise<HeadOf> {
    const opened = await this.opened(collection);
    if (isOfSome(rows)) {
      const { manifest, bytes, sha256, parent } = await scopedManifest(opened, rows);
      return { collection: manifest.collection, version: manifest.version, manifest: { sha256, sizeBytes: bytes.length }, ...(parent === undefined ? {} : { parent }), ...(manifest.scope === undefined ? {} : { scope: manifest.scope }) };
    }
    const { bytes, manifest } = opened.manifest;
    const { ambient } = this.state.environment;
    const before = await opened.manifestBefore();
    const parent = before === undefined ? {} : { parent: await sha256Hex(ambient, before) };
    return { collection: manifest.collection, version: manifest.version, manifest: { sha256: await sha256Hex(ambient, bytes), sizeBytes: bytes.length }, ...parent };
  }

  /**
   * Takes what a client pushed, each batch once. `subject` says whom it is bound to, `rules` what becomes of conflicts, `rows` which rows he may
   * write. Errors: `NotFound`, `Unsupported`; those of the storage, then it may be sent again.
   */
  async receive(collection: string, push: Push, subject: string, rules: ConflictRules = {}, rows: WritableRows = ALL_WRITABLE): Promise<PushAnswer> {
    const opened = await this.opened(collection);
    return opened.receive(push, await this.#subject(subject), this.#ruleOf(opened, rules), rows);
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
    this.#noteHeaders(collection, options.headers);
    // One after the other: they would send the same.
    const url = addressOf(originOf(entry.origin), collection, 'push');
    return this.#calls.inTurn(`push ${fullName({ database: this.database, name: collection })}`, options.signal, (signal) => pushOutbox(opened, transport as SendingTransport, url, { ...options, signal }));
  }

  /** What has come of a file that is sent in place of batches. Errors: `NotFound`, `Unsupported` if the collection takes none, `InvalidArgument`. */
  async sentSegment(collection: string, sha256: string): Promise<{ readonly bytes: number; readonly taken: boolean }> {
    const { opened, uploads } = await this.#uploads(collection);
    const bytes = await uploads.bytesOf(sha256);
    return { bytes, taken: opened.hasTaken(sha256) };
  }

  /** Keeps bytes of a file. Errors: as of `sentSegment`; those of the storage. */
  takePart(collection: string, part: UploadPart): Promise<TakenPart> {
    return this.#calls.inTurn(`segments ${fullName({ database: this.database, name: collection })}`, undefined, async () => (await this.#uploads(collection)).uploads.add(part));
  }

  /** Makes a segment of the rows of a file that has come whole; it is forgotten then, also if that is refused. `subject` and `rules` as of `receive`. Errors: those of `Adoption`. */
  takeSegment(collection: string, { sha256, sizeBytes }: SentName, subject: string, rules: ConflictRules = {}): Promise<AdoptedSegment> {
    return this.#calls.inTurn(`segments ${fullName({ database: this.database, name: collection })}`, undefined, async () => {
      const { opened, uploads } = await this.#uploads(collection);
      const { ambient } = this.state.environment;
      const isKnown = (await this.sentSegment(collection, sha256)).taken;
      const bytes = isKnown ? new Uint8Array(0) : await uploads.whole({ sha256, sizeBytes }, ambient);
      try {
        const adopted = await opened.adopt({ bytes, sha256 }, { subject: await this.#subject(subject), hasRule: this.#ruleOf(opened, rules) !== undefined });
        await uploads.drop(sha256);
        return adopted;
      } catch (error) {
        if (isFaultOfBatch(error, false)) await uploads.drop(sha256);
        throw error;
      }
    });
  }

  async #uploads(collection: string): Promise<{ readonly opened: EngineCollection; readonly uploads: Uploads }> {
    const opened = await this.opened(collection);
    const entry = collectionMeant(this.state.content, this.database, collection);
    if (!opened.takesSegments || entry === undefined) throw new ElanusError('Unsupported', `collection "${collection}" takes no segments: its property sync.push is not true, or it is a copy`);
    if (entry.key !== undefined) throw new ElanusError('Unsupported', `collection "${collection}" is encrypted, and takes no segments: push or upsert its rows`);
    const uploads = uploadsOf.get(opened) ?? new Uploads(writable(this.state.environment.storage), await this.state.filesOf(entry));
    uploadsOf.set(opened, uploads);
    return { opened, uploads };
  }

  /**
   * Sends all rows of a collection of this database, as whole segments, to one of a server that takes pushes, where they are then, in place of those of their keys; what
   * was sent before is not sent again. Errors: `NotFound`; `Unsupported` of what is a copy or encrypted, here or there; `InvalidArgument` for rows that the server's schema does not
   * take; `Network`, `Closed` if aborted: then what was taken stays, and the next call goes on.
   */
  async upload(collection: string, url: string, options: UploadOptions = {}): Promise<UploadResult> {
    const opened = await this.opened(collection);
    const entry = collectionMeant(this.state.content, this.database, collection);
    if (entry?.origin !== undefined) throw new ElanusError('Unsupported', `upload: collection "${collection}" is a copy: what is written to it is pushed`);
    if (entry?.key !== undefined) throw new ElanusError('Unsupported', `upload: collection "${collection}" is encrypted, and would be sent in clear: export it, if that is meant`);
    const { transport, ambient } = this.state.environment;
    if (transport === undefined || !('post' in transport)) throw new ElanusError('Unsupported', 'upload: this database was opened without a network that sends');
    const place = { transport: transport as SendingTransport, ambient, origin: { url: checkUrl(url, 'upload'), database: options.database ?? this.database } };
    return this.#calls.whileOpen(options.signal, (signal) => uploadCollection(opened, place, { ...options, signal, as: options.as ?? opened.name }));
  }

  async #subject(user: string): Promise<Uint8Array> {
    return (await this.state.environment.ambient.sha256(encodeText(user))).slice(0, SUBJECT_BYTES);
  }

  #ruleOf({ name }: EngineCollection, rules: ConflictRules): OnConflict | undefined {
    const full = this.database === DEFAULT_DATABASE ? name : `${this.database}.${name}`;
    return Object.hasOwn(rules, full) ? rules[full] : undefined;
  }

  /** Sends own writes, unless the server has that one by then. */
  async #send(name: string, lsn: bigint): Promise<void> {
    const headers = allowedBy.get(this.state)?.get(fullName({ database: this.database, name }));
    await this.push(name, { ...(headers === undefined ? {} : { headers }), until: lsn });
  }

  #noteHeaders(name: string, headers: PullOptions['headers']): void {
    if (headers === undefined) return;
    const byName = allowedBy.get(this.state) ?? new Map<string, Readonly<Record<string, string>>>();
    byName.set(fullName({ database: this.database, name }), headers);
    allowedBy.set(this.state, byName);
  }

  /** What a relay is to serve of a collection, as the last flush sealed it. Errors: `NotFound`; those of `publishCollection`. */
  async publish(collection: string, options: PublishOptions): Promise<PublishedCollection> {
    const opened = await this.opened(collection);
    const { environment, content } = this.state;
    const entry = collectionMeant(content, this.database, collection);
    const key = entry?.key === undefined ? undefined : await this.servedKey(collection);
    return publishCollection({ database: this.database, name: collection, opened, of: await this.headOf(collection), key, own: writable(environment.storage), ambient: environment.ambient }, options);
  }

  /** The key of a collection, as only the master key opens it. Errors: `NotFound`, also if it is not encrypted. */
  async servedKey(collection: string): Promise<Uint8Array<ArrayBuffer>> {
    this.state.requireOpen();
    const entry = collectionMeant(this.state.content, this.database, collection);
    if (entry?.key === undefined) throw new ElanusError('NotFound', entry === undefined ? `no collection "${collection}"` : `collection "${collection}" is not encrypted`);
    return encodeSentKey(entry.id, sealedKeyOfHex(entry.key, collection, 'key'));
  }

  /**
   * A file that the current manifest, the one before or one that was served lately names; where `rows` are some, that one of these rows
   * names. Undefined if none does. Errors: `NotFound`, those of `servedManifest`.
   */
  async servedFile(collection: string, sha256: string, rows?: AskedRule): Promise<ServedFile | undefined> {
    const opened = await this.opened(collection);
    if (isOfSome(rows)) {
      const file = await opened.scoped.file(rows, sha256);
      return file && { name: file.name, sizeBytes: file.sizeBytes, read: (range) => opened.scoped.read(file, range) };
    }
    const file = opened.file(sha256);
    return file && { name: file.name, sizeBytes: file.sizeBytes, read: (range) => opened.readFile(file, range) };
  }
}

function isOfSome(rows: AskedRule | undefined): rows is AskedRule {
  return rows !== undefined && rows.rule.length > 0;
}

/** Whether a partition that nobody granted is there is not told: none of its rows is given, as of one that is not. */
async function scopedManifest(collection: EngineCollection, rows: AskedRule): Promise<ScopedManifest> {
  numbersAsked(collection.manifest.manifest, rows.asked?.partitions?.filter((name) => mayBeWithin(rows.rule, name)));
  return collection.scoped.manifest(rows);
}
