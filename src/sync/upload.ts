// Upload: the rows of a collection sent to one of a server as whole segments, encoded by its schema. The same rows give the same
// files, which are named by their hash: what the server has is not sent again, and a file that was cut off goes on.

import type { UploadOptions, UploadProgress, UploadResult } from '../engine/api/upload.js';
import type { EngineCollection } from '../engine/collection/collection.js';
import { hasPartitionKey, partitionsOf } from '../engine/collection/partitions.js';
import { loadAnalyzers } from '../engine/database/analyzers.js';
import { openManifest, sha256Hex } from '../engine/files/collection-files.js';
import { plainVault } from '../engine/files/vault.js';
import { columnsToBatch } from '../engine/write/column-batch.js';
import { inputOf } from '../engine/write/received.js';
import { concatBytes, decodeText, encodeText, lengthOf } from '../format/bytes.js';
import { integerAt, objectAt } from '../format/checks.js';
import type { Manifest } from '../format/manifest.js';
import { RowsEncoder } from '../format/rows-file.js';
import { isSealed } from '../format/sealed-file.js';
import { UPLOAD_PART_BYTES_MAX } from '../format/upload.js';
import type { Columns } from '../model/columns.js';
import { ElanusError } from '../model/errors.js';
import { PARTITION_FIELD } from '../model/hidden-field.js';
import { LIMITS } from '../model/limits.js';
import { NO_STAMP } from '../model/stamp.js';
import type { Ambient } from '../ports/ambient.js';
import type { SendingTransport, TransportResponse } from '../ports/transport.js';
import { IDLE_MS } from './network-calls.js';
import { addressOf, type Origin } from './origin.js';
import { RemoteCollection } from './pull.js';
import { refusalOf } from './refusal.js';

/** Of a file, about: it ends with the portion that passes it. */
const FILE_BYTES = 48 * 1024 * 1024;
const ANSWER_BYTES_MAX = 64 * 1024;
const MESSAGE_MAX = 500;

export interface UploadPlace {
  readonly transport: SendingTransport;
  readonly ambient: Ambient;
  readonly origin: Origin;
}

/** Errors: as of `SyncDatabase.upload`. */
export async function uploadCollection(collection: EngineCollection, place: UploadPlace, options: UploadOptions & { readonly as: string }): Promise<UploadResult> {
  const remote = new RemoteSegments(place, options);
  const target = await remote.manifest();
  await loadAnalyzers(target.schema);
  let result: UploadResult = { segments: 0, segmentsKnown: 0, rows: 0, replaced: 0, bytesSent: 0 };
  let done = 0;
  const told = (bytes: number): void => options.onProgress?.({ rows: done, rowsTotal: collection.rows, bytes } satisfies UploadProgress);
  told(0);
  for await (const { rows, bytes } of filesOf(collection, target, options.signal)) {
    const sent = await remote.send(await sha256Hex(place.ambient, bytes), bytes, (more) => told(result.bytesSent + more));
    done += rows;
    result = { segments: result.segments + 1, segmentsKnown: result.segmentsKnown + (sent.isKnown ? 1 : 0), rows: result.rows + sent.rows, replaced: result.replaced + sent.replaced, bytesSent: result.bytesSent + sent.bytes };
    told(result.bytesSent);
  }
  return result;
}

async function* filesOf(collection: EngineCollection, target: Manifest, signal: AbortSignal | undefined): AsyncGenerator<{ readonly rows: number; readonly bytes: Uint8Array<ArrayBuffer> }> {
  let encoder = new RowsEncoder(target.schema);
  let parts: Uint8Array[] = [];
  let [rows, of] = [0, 0];
  const end = (): { readonly rows: number; readonly bytes: Uint8Array<ArrayBuffer> } => {
    const file = { rows, bytes: concatBytes([...parts, ...encoder.end().tail]) };
    [encoder, parts, rows] = [new RowsEncoder(target.schema), [], 0];
    return file;
  };
  for await (const { segment, columns } of collection.sealedRows(signal)) {
    if (rows > 0 && (segment !== of || lengthOf(parts) >= FILE_BYTES || rows + columns.rows > LIMITS.rowsPerBatchMax)) yield end();
    of = segment;
    rows += columns.rows;
    parts.push(...encoder.append(columnsFor(collection, columns, target)));
  }
  if (rows > 0) yield end();
}

/** Columns of ours as the server's schema has them; without stamps, which its taking them gives. Errors: `InvalidArgument` if they do not fit; `NotFound` of a partition. */
function columnsFor(collection: EngineCollection, columns: Columns, target: Manifest): Columns {
  const own = collection.manifest.manifest;
  const { schema } = target;
  const names = new Map(partitionsOf(own).list.map(({ name, number }) => [number, name]));
  const numbers = new Map(partitionsOf(target).list.map(({ name, number }) => [name, number]));
  const given = (columns.byName.get(PARTITION_FIELD.name)?.values as Int32Array | undefined) ?? new Int32Array(columns.rows);
  const partition = hasPartitionKey(schema) ? undefined : Array.from(given, (number) => numberOf(names.get(number) ?? '', numbers));
  return columnsToBatch(inputOf(columns, own.schema), schema, undefined, undefined, { partition, partitions: numbers.size, micros: 0n, stamp: NO_STAMP }).columns;
}

function numberOf(name: string, numbers: ReadonlyMap<string, number>): number {
  const number = numbers.get(name);
  if (number === undefined) throw new ElanusError('NotFound', `upload: the server's collection has no partition "${name}": create it there`);
  return number;
}

interface Sent {
  readonly isKnown: boolean;
  readonly rows: number;
  readonly replaced: number;
  readonly bytes: number;
}

/** The server's side of it. */
class RemoteSegments {
  readonly #transport: SendingTransport;
  readonly #remote: RemoteCollection;
  readonly #origin: Origin;
  readonly #name: string;
  readonly #where: string;
  readonly #options: { readonly headers: Readonly<Record<string, string>>; readonly idleMs: number; readonly signal?: AbortSignal };

  constructor({ transport, origin }: UploadPlace, { as, headers, token, signal }: UploadOptions & { readonly as: string }) {
    this.#transport = transport;
    this.#options = { headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }, idleMs: IDLE_MS, ...(signal === undefined ? {} : { signal }) };
    this.#remote = new RemoteCollection(transport, origin, as, undefined, this.#options);
    this.#origin = origin;
    this.#name = as;
    this.#where = `${origin.url} collection ${as}`;
  }

  /** What says how rows must be. */
  async manifest(): Promise<Manifest> {
    const bytes = (await this.#remote.manifest(undefined)) as Uint8Array;
    if (isSealed(bytes)) throw new ElanusError('Unsupported', `${this.#where}: it is encrypted, and takes no segments: insert the rows there`);
    return openManifest(plainVault, '', bytes, `${this.#where}, its manifest`);
  }

  /** `onBytes` is told how many were sent. */
  async send(sha256: string, bytes: Uint8Array<ArrayBuffer>, onBytes: (bytes: number) => void): Promise<Sent> {
    const url = addressOf(this.#origin, this.#name, `segments/${sha256}`);
    const there = await this.#answer(await this.#transport.get({ url, ...this.#options }), url);
    if (there['taken'] === true) return { isKnown: true, rows: 0, replaced: 0, bytes: 0 };
    let sent = 0;
    // Of a file that another process sends meanwhile the next part is elsewhere than we know.
    for (let at = countIn(there, 'bytes', url); at < bytes.length; ) {
      const part = bytes.slice(at, at + UPLOAD_PART_BYTES_MAX);
      const headers = { ...this.#options.headers, 'content-type': 'application/octet-stream', 'content-range': `bytes ${at}-${at + part.length - 1}/${bytes.length}` };
      const answer = await this.#answer(await this.#transport.post({ url, ...this.#options, headers, method: 'PUT', body: part }), url);
      const next = countIn(answer, 'bytes', url);
      if (next <= at) throw new ElanusError('Network', `PUT ${url}: the server has ${next} bytes after ${at + part.length} were sent`);
      sent += part.length;
      at = next;
      onBytes(sent);
    }
    const whole = addressOf(this.#origin, this.#name, 'segments');
    const body = encodeText(JSON.stringify({ sha256, sizeBytes: bytes.length }));
    const answer = await this.#answer(await this.#transport.post({ url: whole, ...this.#options, headers: { ...this.#options.headers, 'content-type': 'application/json' }, body }), whole);
    return { isKnown: answer['taken'] === true, rows: countIn(answer, 'rows', url) - countIn(answer, 'outdated', url), replaced: countIn(answer, 'replaced', url), bytes: sent };
  }

  /** Errors: what the server says, as a caller would branch on it. */
  async #answer(response: TransportResponse, url: string): Promise<Readonly<Record<string, unknown>>> {
    const { status } = response;
    if (status !== 200 && status !== 409 && status !== 400) throw refusalOf(url, response);
    const answer = objectAt(parsed(decodeText(await response.bytes(ANSWER_BYTES_MAX), url, 'answer'), url), url, 'answer');
    if (status !== 400) return answer;
    throw new ElanusError('InvalidArgument', `${url}: ${String(answer['message']).slice(0, MESSAGE_MAX)}`, { status });
  }
}

function parsed(text: string, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ElanusError('Network', `${url}: expected JSON`, { cause });
  }
}

function countIn(answer: Readonly<Record<string, unknown>>, name: string, url: string): number {
  return integerAt(answer[name], 0, Number.MAX_SAFE_INTEGER, url, name);
}
