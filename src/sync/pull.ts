// Pull: a collection copied from a server. Files are named by their SHA-256, so what is missing is a difference of
// names; each is verified before it is kept, and the manifest that names them is stored last, so that an aborted pull
// changes nothing and the next one goes on where it stopped. Protocol: docs/format.md, "Replication".

import { filesOf, openManifest, sha256Hex, type CollectionFiles, type CurrentManifest } from '../engine/files/collection-files.js';
import type { PullOptions, PullProgress, PullResult } from '../engine/api.js';
import type { EngineCollection } from '../engine/collection/collection.js';
import { writable, type Environment } from '../engine/database/environment.js';
import type { Keyring, ReceivedKey } from '../engine/database/keyring.js';
import type { Room } from '../engine/files/room.js';
import { plainVault } from '../engine/files/vault.js';
import { Outbox } from '../engine/write/outbox.js';
import { sameBytes } from '../format/bytes.js';
import { HEAD_BYTES_MAX } from '../format/head.js';
import { partPrefix } from '../format/keys.js';
import type { FileEntry, Manifest } from '../format/manifest.js';
import { sameMark, scopeId } from '../format/row-scope.js';
import { isSealed, sealedSize } from '../format/sealed-file.js';
import { SENT_KEY_BYTES } from '../format/sealed-key.js';
import type { Trust } from '../format/trust.js';
import { ElanusError, requireIntact } from '../model/errors.js';
import { LIMITS } from '../model/limits.js';
import type { RowScope } from '../model/row-scope.js';
import type { ByteRange, Storage } from '../ports/storage.js';
import type { Transport, TransportResponse } from '../ports/transport.js';
import { dropParts, fetchFile } from './fetch-file.js';
import { abortedBy, IDLE_MS } from './network-calls.js';
import { addressOf, type Origin } from './origin.js';
import { ProgressivePull } from './progressive.js';
import { refusalOf } from './refusal.js';
import { scopeQuery } from './scope-query.js';
import { believe, checkTrusted, HEAD_KEY_HEADER, storedTrust, storeTrust } from './trust.js';

/** What the database does for a pull. */
export interface PullTarget {
  readonly environment: Environment;
  readonly room: Room | undefined;
  readonly keyring: Keyring;
  /** The key of the replica as it is, if there is one. */
  readonly own: ReceivedKey | undefined;
  /** Files of the replica as it is, if there is one. */
  readonly files: CollectionFiles | undefined;
  /** Its current manifest, if a pull has completed. */
  readonly current: CurrentManifest | undefined;
  /** The collection, if it opens. */
  readonly opened: EngineCollection | undefined;
  /** Whether the files that it has are known to be good. */
  readonly intact: boolean;
  /** Opens the collection before its manifest is stored, for who asks for it. */
  open(files: CollectionFiles, current: CurrentManifest): Promise<EngineCollection>;
  /** Closes what `open` opened. */
  close(files: CollectionFiles): Promise<void>;
  /** Lists a new replica with this id and key, in place of the one before. */
  restart(received: ReceivedKey): Promise<CollectionFiles>;
}

/** Errors: `NotFound`, `Network`, `Corrupt` naming the file, `Untrusted`, `Closed` if aborted. */
export async function pullCollection(target: PullTarget, remote: RemoteCollection, options: PullOptions): Promise<PullResult> {
  const { url, name } = remote;
  const asked = remote.scope && (await scopeId(remote.scope, (bytes) => target.environment.ambient.sha256(bytes)));
  const { bytes, believed, isRestored } = await newestManifest(target, remote, `${url} head of ${name}`, { ...options, asked });
  if (bytes === undefined && target.current !== undefined && target.intact) {
    if (isRestored) await target.opened?.outbox?.renew();
    if (believed !== undefined && target.files !== undefined) await storeTrust(writable(target.environment.storage), target.files.id, believed);
    return resultOf(target.current.manifest, 0, 0);
  }
  requireIntact(bytes !== undefined, name, 'the server says that nothing changed since a manifest we do not have');
  const { manifest, received } = await openReceived(target, bytes, remote, `${url} manifest of ${name}`);
  if (believed !== undefined && manifest.collection !== believed.head.collection) throw new ElanusError('Untrusted', `${url} manifest of ${name}: it is of collection ${manifest.collection}, the head of ${believed.head.collection}`, { reason: 'collection' });
  if (manifest.scope?.asked !== asked) throw new ElanusError('Untrusted', `${url} manifest of ${name}: it is not of the rows that were asked for`, { reason: 'scope' });
  const isNewer = manifest.version > (target.current?.manifest.version ?? 0) || (target.current !== undefined && sameBytes(target.current.bytes, bytes));
  const isOfOthers = target.current !== undefined && target.current.manifest.version <= manifest.version && !sameMark(target.current.manifest.scope, manifest.scope);
  // Of other rows, as others were asked for, or as other rights are given, or of a server that was set back: what was there goes.
  const isReset = target.current !== undefined && (isRestored || isOfOthers);
  const continues = target.files?.id === manifest.collection && (isNewer || isReset);
  const files = continues && target.files !== undefined ? target.files : await target.restart(received);
  const before = continues ? target.opened : undefined;
  const storage = writable(target.environment.storage);
  // What the server said it has of own writes was of what it had before. Renewed before the head is believed, which then tells no more that it was restored.
  if (isRestored && continues) await (before === undefined ? Outbox.renewIn(target.environment, files) : before.outbox?.renew());
  if (believed !== undefined) await storeTrust(storage, files.id, believed);
  const current = { manifest, bytes, damaged: [] };
  const fetching = { storage, remote, options };
  const missing = await missingFiles(files, manifest, target.intact ? before : undefined);
  await requireRoom(target, missing, remote, storage, files.id);
  const isProgressive = options.progressive === true && before === undefined;
  const fetched = isProgressive ? await fetchProgressively(target, files, current, missing, fetching) : await fetchMissing(files, missing, fetching);
  try {
    await dropParts(storage, files.id);
    await files.putReceivedManifest(manifest.version, bytes);
    if (isReset) await files.forgetOthers(manifest.version);
    if (isReset && before !== undefined) await before.resetTo(current);
    else await (before ?? fetched.opened)?.switchTo(current);
  } catch (error) {
    // It may show what no stored manifest names.
    if (fetched.opened !== undefined) await target.close(files);
    throw error;
  }
  return resultOf(manifest, missing.length, fetched.bytes);
}

/** What a server says of sizes is not believed beyond what there is room for: so nothing is fetched in vain. */
async function requireRoom({ room }: PullTarget, missing: readonly FileEntry[], remote: RemoteCollection, storage: Storage, id: string): Promise<void> {
  const large = missing.find(({ sizeBytes }) => sizeBytes > LIMITS.receivedFileBytesMax);
  requireIntact(large === undefined, large?.name ?? '', `${remote.where}: it says that the file has ${large?.sizeBytes} bytes, at most ${LIMITS.receivedFileBytesMax}`);
  let bytes = missing.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  for (const key of await storage.list(partPrefix(id))) bytes -= (await storage.size(key)) ?? 0;
  await room?.requireFor(bytes, remote.where);
}

interface Newest {
  /** Undefined if it is the one that the copy has. */
  readonly bytes: Uint8Array | undefined;
  readonly believed: Pick<Trust, 'publicKey' | 'head'> | undefined;
  /** Whether the server says that its data were put back from a backup since. */
  readonly isRestored: boolean;
}

/** Times that a manifest is asked for which is not the one of the head, as the server has written in between. */
const RACES_MAX = 5;

async function newestManifest(target: PullTarget, remote: RemoteCollection, where: string, options: Pick<PullOptions, 'trust'> & { readonly asked: string | undefined }): Promise<Newest> {
  const { environment, files, current, intact } = target;
  const own = current === undefined || !intact ? undefined : await sha256Hex(environment.ambient, current.bytes);
  const trusted = checkTrusted(options.trust);
  const before = files === undefined ? undefined : await storedTrust(writable(environment.storage), files.id);
  if (trusted === undefined && before === undefined) return { bytes: await remote.manifest(own), believed: undefined, isRestored: false };
  if (environment.signatures === undefined) throw new ElanusError('Unsupported', 'trust: this database was opened without signatures');
  for (let attempt = 1; ; attempt++) {
    const { bytes: head, publicKey } = await remote.head();
    const believed = await believe(head, publicKey, where, { signatures: environment.signatures, ambient: environment.ambient, before, trusted, collection: files?.id, asked: options.asked });
    const isRestored = before !== undefined && (believed.head.restoredMs ?? 0) > (before.head.restoredMs ?? 0);
    if (believed.head.manifest.sha256 === own) return { bytes: undefined, believed, isRestored };
    const bytes = (await remote.manifest(undefined)) as Uint8Array;
    if ((await sha256Hex(environment.ambient, bytes)) === believed.head.manifest.sha256) return { bytes, believed, isRestored };
    if (attempt === RACES_MAX) throw new ElanusError('Untrusted', `${where}: the manifest that is served is not the one that was signed`, { reason: 'signature' });
  }
}

interface Received {
  readonly manifest: Manifest;
  readonly received: ReceivedKey;
}

/** Of an encrypted collection the key is asked for, unless the replica has it. Errors: `Corrupt`, `WrongKey` if only one side is encrypted, or by another key. */
async function openReceived({ keyring, own }: PullTarget, bytes: Uint8Array, remote: RemoteCollection, where: string): Promise<Received> {
  if (!keyring.encrypts) {
    const manifest = await openManifest(plainVault, '', bytes, where);
    return { manifest, received: { id: manifest.collection, key: undefined, vault: plainVault } };
  }
  if (!isSealed(bytes)) throw new ElanusError('WrongKey', `${where}: it is not encrypted, and can only be pulled into a database that is not`);
  if (own !== undefined) {
    const manifest = await unlessCorrupt(() => openManifest(own.vault, own.id, bytes, where));
    if (manifest !== undefined) return { manifest, received: own };
  }
  const received = await keyring.receive(await remote.key(), `${where}, its key`);
  const manifest = await openManifest(received.vault, received.id, bytes, where);
  requireIntact(manifest.collection === received.id, where, `the key is of collection ${received.id}`);
  return { manifest, received };
}

interface Fetched {
  readonly bytes: number;
  /** The collection, if it was opened meanwhile. */
  readonly opened: EngineCollection | undefined;
}

async function missingFiles(files: CollectionFiles, manifest: Manifest, opened: EngineCollection | undefined): Promise<readonly FileEntry[]> {
  const missing: FileEntry[] = [];
  for (const file of filesOf(manifest)) if (opened?.file(file.sha256) === undefined && !(await files.isIntact(file))) missing.push(file);
  return missing;
}

async function fetchProgressively(target: PullTarget, files: CollectionFiles, current: CurrentManifest, missing: readonly FileEntry[], fetching: Fetching): Promise<Fetched> {
  const { core } = target.environment;
  return abortedBy([fetching.options.signal], async (ending) => {
    const pull = new ProgressivePull({ core, files, current, open: () => target.open(files, current), close: () => target.close(files) }, missing, fetching, ending);
    const opened = await pull.run();
    return { bytes: pull.bytesFetched, opened };
  });
}

async function fetchMissing(files: CollectionFiles, missing: readonly FileEntry[], { storage, remote, options }: Fetching): Promise<Fetched> {
  const bytesTotal = missing.reduce((sum, file) => sum + file.sizeBytes, 0);
  let progress: PullProgress = { files: 0, filesTotal: missing.length, bytes: 0, bytesTotal };
  options.onProgress?.(progress);
  for (const file of missing) {
    const before = progress;
    const onBytes = (bytes: number): void => options.onProgress?.((progress = { ...before, bytes: before.bytes + bytes }));
    await fetchFile(files, file, storage, remote, onBytes, options);
    progress = { ...before, files: before.files + 1, bytes: before.bytes + file.sizeBytes };
    options.onProgress?.(progress);
  }
  return { bytes: bytesTotal, opened: undefined };
}

export interface Fetching {
  readonly storage: Storage;
  readonly remote: RemoteCollection;
  readonly options: PullOptions;
}

function resultOf(manifest: Manifest, filesFetched: number, bytesFetched: number): PullResult {
  const rows = manifest.segments.reduce((sum, segment) => sum + segment.rows - (segment.deletions?.count ?? 0), 0);
  return { version: manifest.version, rows, filesFetched, bytesFetched };
}

// Where a file of a replica is damaged its manifest is asked for again, and every file is verified.
export async function unlessCorrupt<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ElanusError && error.code === 'Corrupt') return undefined;
    throw error;
  }
}

export class RemoteCollection {
  readonly name: string;
  /** Of its rows; undefined: all that the caller may have. */
  readonly scope: RowScope | undefined;
  readonly #transport: Transport;
  readonly #origin: Origin;
  readonly #options: PullOptions;

  constructor(transport: Transport, origin: Origin, name: string, scope: RowScope | undefined, options: PullOptions) {
    this.name = name;
    this.scope = scope;
    this.#transport = transport;
    this.#origin = origin;
    this.#options = options;
  }

  /** Of the server. */
  get url(): string {
    return this.#origin.url;
  }

  /** In words. */
  get where(): string {
    return `${this.#origin.url} ${this.name}`;
  }

  /** The manifest's bytes; undefined if its SHA-256 is still `known`. */
  async manifest(known: string | undefined): Promise<Uint8Array | undefined> {
    const response = await this.#get('manifest', known === undefined ? {} : { 'if-none-match': `"${known}"` });
    return response.status === 304 ? undefined : bodyOf(response, sealedSize(LIMITS.manifestBytesMax), this.where);
  }

  /** The newest head, and the public key that the server says it is signed by. */
  async head(): Promise<{ readonly bytes: Uint8Array; readonly publicKey: string | undefined }> {
    const response = await this.#get('head', {});
    return { bytes: await bodyOf(response, HEAD_BYTES_MAX, `${this.where} head`), publicKey: response.header(HEAD_KEY_HEADER) };
  }

  async key(): Promise<Uint8Array> {
    return bodyOf(await this.#get('key', {}), SENT_KEY_BYTES, `${this.where} key`);
  }

  /** All of the file, or, if the server can, `length` bytes of it. `signal` counts in place of that of the pull. */
  async file({ name, sha256, sizeBytes }: FileEntry, range?: ByteRange, signal?: AbortSignal): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly isPart: boolean }> {
    // Without If-Range, as nothing else is ever under that name: so a page of another origin need not ask before whether it may.
    const headers = range === undefined ? {} : { range: `bytes=${range.offset}-${range.offset + range.length - 1}` };
    const response = await this.#get(`files/${sha256}`, headers, { file: name, signal, ...(range === undefined ? {} : { cache: 'no-store' }) });
    const isPart = response.status === 206;
    return { bytes: await bodyOf(response, isPart && range !== undefined ? range.length : sizeBytes, name), isPart };
  }

  /** Errors: `NotFound` naming `file`, if it is of one. */
  async #get(path: string, headers: Readonly<Record<string, string>>, { file, cache, signal = this.#options.signal }: { readonly file?: string; readonly cache?: 'no-store'; readonly signal?: AbortSignal | undefined } = {}): Promise<TransportResponse> {
    if (signal?.aborted) throw new ElanusError('Closed', 'the pull was aborted', { cause: signal.reason });
    const url = addressOf(this.#origin, this.name, path, scopeQuery(this.scope));
    const response = await this.#transport.get({ url, headers: { ...this.#options.headers, ...headers }, idleMs: IDLE_MS, ...(cache === undefined ? {} : { cache }), ...(signal === undefined ? {} : { signal }) });
    const { status } = response;
    if (status === 200 || (status === 304 && 'if-none-match' in headers) || (status === 206 && 'range' in headers)) return response;
    throw refusalOf(`GET ${url}`, response, file);
  }
}

/** Errors: `Corrupt`, naming `file`, if there is more than `bytesMax`, of which no more is taken. */
async function bodyOf(response: TransportResponse, bytesMax: number, file: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await response.bytes(bytesMax);
  } catch (error) {
    if (!(error instanceof ElanusError) || error.code !== 'InvalidArgument') throw error;
    throw new ElanusError('Corrupt', `${file}: ${error.message}`, { file, cause: error });
  }
}
