// Pull: a collection copied from a server. Files are named by their SHA-256, so what is missing is a difference of
// names; each is verified before it is kept, and the manifest that names them is stored last, so that an aborted pull
// changes nothing and the next one goes on where it stopped. Protocol: docs/format.md, "Replication".

import { filesOf, openManifest, sha256Hex, type CollectionFiles, type CurrentManifest } from '../engine/files/collection-files.js';
import type { PullOptions, PullProgress, PullResult } from '../engine/api.js';
import type { EngineCollection } from '../engine/collection/collection.js';
import { writable, type Environment } from '../engine/database/environment.js';
import type { Keyring, ReceivedKey } from '../engine/database/keyring.js';
import { plainVault } from '../engine/files/vault.js';
import { sameBytes } from '../format/bytes.js';
import { HEAD_BYTES_MAX } from '../format/head.js';
import type { FileEntry, Manifest } from '../format/manifest.js';
import { isSealed, sealedSize } from '../format/sealed-file.js';
import { SENT_KEY_BYTES } from '../format/sealed-key.js';
import type { Trust } from '../format/trust.js';
import { ElanusError, requireIntact } from '../model/errors.js';
import { LIMITS } from '../model/limits.js';
import type { ByteRange, Storage } from '../ports/storage.js';
import type { Transport, TransportResponse } from '../ports/transport.js';
import { dropParts, fetchFile } from './fetch-file.js';
import { believe, checkTrusted, HEAD_KEY_HEADER, storedTrust, storeTrust } from './trust.js';

/** What the database does for a pull. */
export interface PullTarget {
  readonly environment: Environment;
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
  /** Lists a new replica with this id and key, in place of the one before. */
  restart(received: ReceivedKey): Promise<CollectionFiles>;
}

/** Errors: `NotFound`, `Network`, `Corrupt` naming the file, `Untrusted`, `Closed` if aborted. */
export async function pullCollection(target: PullTarget, transport: Transport, url: string, name: string, options: PullOptions): Promise<PullResult> {
  const remote = new RemoteCollection(transport, url, name, options);
  const { bytes, believed } = await newestManifest(target, remote, `${url} head of ${name}`, options);
  if (bytes === undefined && target.current !== undefined && target.intact) {
    if (believed !== undefined && target.files !== undefined) await storeTrust(writable(target.environment.storage), target.files.id, believed);
    return resultOf(target.current.manifest, 0, 0);
  }
  requireIntact(bytes !== undefined, name, 'the server says that nothing changed since a manifest we do not have');
  const { manifest, received } = await openReceived(target, bytes, remote, `${url} manifest of ${name}`);
  if (believed !== undefined && manifest.collection !== believed.head.collection) throw new ElanusError('Untrusted', `${url} manifest of ${name}: it is of collection ${manifest.collection}, the head of ${believed.head.collection}`, { reason: 'collection' });
  const isNewer = manifest.version > (target.current?.manifest.version ?? 0) || (target.current !== undefined && sameBytes(target.current.bytes, bytes));
  const continues = target.files?.id === manifest.collection && isNewer;
  const files = continues && target.files !== undefined ? target.files : await target.restart(received);
  const opened = continues ? target.opened : undefined;
  const storage = writable(target.environment.storage);
  if (believed !== undefined) await storeTrust(storage, files.id, believed);
  const fetched = await fetchMissing(files, manifest, target.intact ? opened : undefined, { storage, remote, options });
  await files.putReceivedManifest(manifest.version, bytes);
  await opened?.switchTo({ manifest, bytes, damaged: [] });
  return resultOf(manifest, fetched.files, fetched.bytes);
}

interface Newest {
  /** Undefined if it is the one that the copy has. */
  readonly bytes: Uint8Array | undefined;
  readonly believed: Pick<Trust, 'publicKey' | 'head'> | undefined;
}

/** Times that a manifest is asked for which is not the one of the head, as the server has written in between. */
const RACES_MAX = 5;

async function newestManifest(target: PullTarget, remote: RemoteCollection, where: string, options: PullOptions): Promise<Newest> {
  const { environment, files, current, intact } = target;
  const own = current === undefined || !intact ? undefined : await sha256Hex(environment.ambient, current.bytes);
  const trusted = checkTrusted(options.trust);
  const before = files === undefined ? undefined : await storedTrust(writable(environment.storage), files.id);
  if (trusted === undefined && before === undefined) return { bytes: await remote.manifest(own), believed: undefined };
  if (environment.signatures === undefined) throw new ElanusError('Unsupported', 'trust: this database was opened without signatures');
  for (let attempt = 1; ; attempt++) {
    const { bytes: head, publicKey } = await remote.head();
    const believed = await believe(head, publicKey, where, { signatures: environment.signatures, ambient: environment.ambient, before, trusted, collection: files?.id });
    if (believed.head.manifest.sha256 === own) return { bytes: undefined, believed };
    const bytes = (await remote.manifest(undefined)) as Uint8Array;
    if ((await sha256Hex(environment.ambient, bytes)) === believed.head.manifest.sha256) return { bytes, believed };
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

async function fetchMissing(files: CollectionFiles, manifest: Manifest, opened: EngineCollection | undefined, { storage, remote, options }: Fetching): Promise<{ readonly files: number; readonly bytes: number }> {
  const missing: FileEntry[] = [];
  for (const file of filesOf(manifest)) if (opened?.file(file.sha256) === undefined && !(await files.isIntact(file))) missing.push(file);
  const bytesTotal = missing.reduce((sum, file) => sum + file.sizeBytes, 0);
  let progress: PullProgress = { files: 0, filesTotal: missing.length, bytes: 0, bytesTotal };
  options.onProgress?.(progress);
  for (const file of missing) {
    const before = progress;
    const onBytes = (bytes: number): void => options.onProgress?.((progress = { ...before, bytes: before.bytes + bytes }));
    await fetchFile(files, file, storage, remote, onBytes, options.partBytes);
    progress = { ...before, files: before.files + 1, bytes: before.bytes + file.sizeBytes };
    options.onProgress?.(progress);
  }
  await dropParts(storage, files.id);
  return { files: missing.length, bytes: bytesTotal };
}

interface Fetching {
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
  readonly #transport: Transport;
  readonly #base: string;
  readonly #options: PullOptions;

  constructor(transport: Transport, url: string, name: string, options: PullOptions) {
    this.#transport = transport;
    this.#base = `${url}/v1/collections/${encodeURIComponent(name)}`;
    this.#options = options;
  }

  /** The manifest's bytes; undefined if its SHA-256 is still `known`. */
  async manifest(known: string | undefined): Promise<Uint8Array | undefined> {
    const response = await this.#get('manifest', known === undefined ? {} : { 'if-none-match': `"${known}"` });
    return response.status === 304 ? undefined : response.bytes(sealedSize(LIMITS.manifestBytesMax));
  }

  /** The newest head, and the public key that the server says it is signed by. */
  async head(): Promise<{ readonly bytes: Uint8Array; readonly publicKey: string | undefined }> {
    const response = await this.#get('head', {});
    return { bytes: await response.bytes(HEAD_BYTES_MAX), publicKey: response.header(HEAD_KEY_HEADER) };
  }

  async key(): Promise<Uint8Array> {
    return (await this.#get('key', {})).bytes(SENT_KEY_BYTES);
  }

  /** All of the file, or, if the server can, `length` bytes of it. */
  async file({ sha256, sizeBytes }: FileEntry, range?: ByteRange): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly isPart: boolean }> {
    const headers = range === undefined ? {} : { range: `bytes=${range.offset}-${range.offset + range.length - 1}`, 'if-range': `"${sha256}"` };
    const response = await this.#get(`files/${sha256}`, headers);
    const isPart = response.status === 206;
    return { bytes: await response.bytes(isPart && range !== undefined ? range.length : sizeBytes), isPart };
  }

  async #get(path: string, headers: Readonly<Record<string, string>>): Promise<TransportResponse> {
    const { signal } = this.#options;
    if (signal?.aborted) throw new ElanusError('Closed', 'the pull was aborted', { cause: signal.reason });
    const url = `${this.#base}/${path}`;
    const response = await this.#transport.get({ url, headers: { ...this.#options.headers, ...headers }, ...(signal === undefined ? {} : { signal }) });
    const { status } = response;
    if (status === 200 || (status === 304 && 'if-none-match' in headers) || (status === 206 && 'range' in headers)) return response;
    throw new ElanusError(status === 404 ? 'NotFound' : 'Network', `GET ${url}: status ${status}`, { status });
  }
}
