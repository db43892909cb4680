// Pull: a collection copied from a server. Files are named by their SHA-256, so what is missing is a difference of
// names; each is verified before it is kept, and the manifest that names them is stored last, so that an aborted pull
// changes nothing and the next one goes on where it stopped. Protocol: docs/format.md, "Replication".

import { CollectionFiles, filesOf, sha256Hex, type CurrentManifest } from '../engine/collection-files.js';
import type { PullOptions, PullProgress, PullResult } from '../engine/api.js';
import type { EngineCollection } from '../engine/collection.js';
import type { Environment } from '../engine/environment.js';
import { sameBytes } from '../format/bytes.js';
import { decodeManifest, type FileEntry, type Manifest } from '../format/manifest.js';
import { ElanusError, requireIntact } from '../model/errors.js';
import { LIMITS } from '../model/limits.js';
import type { Transport, TransportResponse } from '../ports/transport.js';

/** What the database does for a pull. */
export interface PullTarget {
  readonly environment: Environment;
  /** Files of the replica as it is, if there is one. */
  readonly files: CollectionFiles | undefined;
  /** Its current manifest, if a pull has completed. */
  readonly current: CurrentManifest | undefined;
  /** The collection, if it opens. */
  readonly opened: EngineCollection | undefined;
  /** Whether the files that it has are known to be good. */
  readonly intact: boolean;
  /** Lists a new replica with this id, in place of the one before. */
  restart(id: string): Promise<CollectionFiles>;
}

/** Errors: `NotFound`, `Network`, `Corrupt` naming the file, `Closed` if aborted. */
export async function pullCollection(target: PullTarget, transport: Transport, url: string, name: string, options: PullOptions): Promise<PullResult> {
  const remote = new RemoteCollection(transport, url, name, options);
  const bytes = await remote.manifest(target.current === undefined || !target.intact ? undefined : await sha256Hex(target.environment.ambient, target.current.bytes));
  if (bytes === undefined && target.current !== undefined && target.intact) return resultOf(target.current.manifest, 0, 0);
  requireIntact(bytes !== undefined, name, 'the server says that nothing changed since a manifest we do not have');
  const manifest = decodeManifest(bytes, `${url} manifest of ${name}`);
  requireIntact(manifest.name === name, name, `the server sent the manifest of "${manifest.name}"`);
  const isNewer = manifest.version > (target.current?.manifest.version ?? 0) || (target.current !== undefined && sameBytes(target.current.bytes, bytes));
  const continues = target.files?.id === manifest.collection && isNewer;
  const files = continues && target.files !== undefined ? target.files : await target.restart(manifest.collection);
  const opened = continues ? target.opened : undefined;
  const fetched = await fetchMissing(files, manifest, target.intact ? opened : undefined, remote, options);
  await files.putReceivedManifest(manifest.version, bytes);
  await opened?.switchTo({ manifest, bytes, damaged: [] });
  return resultOf(manifest, fetched.files, fetched.bytes);
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
    return response.status === 304 ? undefined : response.bytes(LIMITS.manifestBytesMax);
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
