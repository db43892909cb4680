// Pull: a collection copied from a server. Files are named by their SHA-256, so what is missing is a difference of
// names; each is verified before it is kept, and the manifest that names them is stored last, so that an aborted pull
// changes nothing and the next one goes on where it stopped. Protocol: docs/format.md, "Replication".

import { filesOf, openManifest, sha256Hex, type CollectionFiles, type CurrentManifest } from '../engine/files/collection-files.js';
import type { PullOptions, PullProgress, PullResult } from '../engine/api.js';
import type { EngineCollection } from '../engine/collection/collection.js';
import type { Environment } from '../engine/database/environment.js';
import type { Keyring, ReceivedKey } from '../engine/database/keyring.js';
import { plainVault } from '../engine/files/vault.js';
import { sameBytes } from '../format/bytes.js';
import type { FileEntry, Manifest } from '../format/manifest.js';
import { isSealed, sealedSize } from '../format/sealed-file.js';
import { SENT_KEY_BYTES } from '../format/sealed-key.js';
import { ElanusError, requireIntact } from '../model/errors.js';
import { LIMITS } from '../model/limits.js';
import type { Transport, TransportResponse } from '../ports/transport.js';

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

/** Errors: `NotFound`, `Network`, `Corrupt` naming the file, `Closed` if aborted. */
export async function pullCollection(target: PullTarget, transport: Transport, url: string, name: string, options: PullOptions): Promise<PullResult> {
  const remote = new RemoteCollection(transport, url, name, options);
  const bytes = await remote.manifest(target.current === undefined || !target.intact ? undefined : await sha256Hex(target.environment.ambient, target.current.bytes));
  if (bytes === undefined && target.current !== undefined && target.intact) return resultOf(target.current.manifest, 0, 0);
  requireIntact(bytes !== undefined, name, 'the server says that nothing changed since a manifest we do not have');
  const { manifest, received } = await openReceived(target, bytes, remote, `${url} manifest of ${name}`);
  const isNewer = manifest.version > (target.current?.manifest.version ?? 0) || (target.current !== undefined && sameBytes(target.current.bytes, bytes));
  const continues = target.files?.id === manifest.collection && isNewer;
  const files = continues && target.files !== undefined ? target.files : await target.restart(received);
  const opened = continues ? target.opened : undefined;
  const fetched = await fetchMissing(files, manifest, target.intact ? opened : undefined, remote, options);
  await files.putReceivedManifest(manifest.version, bytes);
  await opened?.switchTo({ manifest, bytes, damaged: [] });
  return resultOf(manifest, fetched.files, fetched.bytes);
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

async function fetchMissing(files: CollectionFiles, manifest: Manifest, opened: EngineCollection | undefined, remote: RemoteCollection, options: PullOptions): Promise<{ readonly files: number; readonly bytes: number }> {
  const missing: FileEntry[] = [];
  for (const file of filesOf(manifest)) if (opened?.file(file.sha256) === undefined && !(await files.isIntact(file))) missing.push(file);
  const bytesTotal = missing.reduce((sum, file) => sum + file.sizeBytes, 0);
  let progress: PullProgress = { files: 0, filesTotal: missing.length, bytes: 0, bytesTotal };
  options.onProgress?.(progress);
  for (const file of missing) {
    await files.putReceived(file, await remote.file(file));
    progress = { ...progress, files: progress.files + 1, bytes: progress.bytes + file.sizeBytes };
    options.onProgress?.(progress);
  }
  return { files: missing.length, bytes: bytesTotal };
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

class RemoteCollection {
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

  async key(): Promise<Uint8Array> {
    return (await this.#get('key', {})).bytes(SENT_KEY_BYTES);
  }

  async file({ sha256, sizeBytes }: FileEntry): Promise<Uint8Array> {
    const response = await this.#get(`files/${sha256}`, {});
    return response.bytes(sizeBytes);
  }

  async #get(path: string, headers: Readonly<Record<string, string>>): Promise<TransportResponse> {
    const { signal } = this.#options;
    if (signal?.aborted) throw new ElanusError('Closed', 'the pull was aborted', { cause: signal.reason });
    const url = `${this.#base}/${path}`;
    const response = await this.#transport.get({ url, headers: { ...this.#options.headers, ...headers }, ...(signal === undefined ? {} : { signal }) });
    const { status } = response;
    if (status === 200 || (status === 304 && 'if-none-match' in headers)) return response;
    throw new ElanusError(status === 404 ? 'NotFound' : 'Network', `GET ${url}: status ${status}`, { status });
  }
}
