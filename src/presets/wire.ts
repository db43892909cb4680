// Wire: what a page and its database worker say to each other, over comlink. Everything is plain data, so that the
// page's API can have the same types as Node's; an ElanusError keeps its code and place across the wall.

import { transferHandlers } from 'comlink';
import type { CollectionDefinition, CollectionDescription, DeleteResult, Health, IndexChoice, IndexDescription, KeyList, KeysOptions, MutationResult, PullProgress, PullResult, QueryOptions, SearchOptions, SearchResult } from '../engine/api.js';
import { ElanusError, type ErrorCode } from '../model/errors.js';
import type { IndexRequest } from '../model/index-definition.js';
import type { PrimaryKey, Row, RowInput, Vector } from '../model/row.js';
import type { Schema } from '../model/schema.js';
import type { HttpOptions } from '../storage/http.js';

/** Where a page's database is kept, best first. */
export type BrowserStorage = 'opfs' | 'idb' | 'memory';

/** A folder that `elanus publish` has indexed, on any server that lets the page read it; read only. */
export interface HttpPlace extends HttpOptions {
  readonly kind: 'http';
}

export interface HostOptions {
  readonly storage: BrowserStorage | HttpPlace | undefined;
  readonly gpu: boolean;
}

export interface CollectionHandle {
  readonly name: string;
  readonly schema: Schema;
}

export type Keys = readonly (PrimaryKey | number)[];
export type SearchRequest = SearchOptions & { readonly data: Vector | readonly Vector[] };

/** One database in a worker. `open` comes first, once. */
export interface Host {
  open(name: string, options: HostOptions): Promise<void>;
  /** The page is hidden, frozen or left: gives up what would stand in the way of others. */
  suspend(): Promise<void>;
  createCollection(definition: CollectionDefinition): Promise<CollectionHandle>;
  collection(name: string): Promise<CollectionHandle>;
  hasCollection(name: string): Promise<boolean>;
  listCollections(): Promise<readonly string[]>;
  describeCollection(name: string): Promise<CollectionDescription>;
  dropCollection(name: string): Promise<void>;
  createIndex(collection: string, index: IndexRequest): Promise<void>;
  describeIndex(collection: string, index: IndexChoice): Promise<IndexDescription>;
  listIndexes(collection: string, fieldName: string | undefined): Promise<readonly string[]>;
  dropIndex(collection: string, index: IndexChoice): Promise<void>;
  health(): Promise<Health>;
  /** `pullId` names this pull for `abortPull`. */
  pull(pullId: number, url: string, collection: string, headers: Readonly<Record<string, string>>, onProgress: ((progress: PullProgress) => void) | undefined): Promise<PullResult>;
  abortPull(pullId: number): Promise<void>;
  close(): Promise<void>;
  insert(collection: string, rows: readonly RowInput[]): Promise<MutationResult>;
  upsert(collection: string, rows: readonly RowInput[]): Promise<MutationResult>;
  delete(collection: string, which: { readonly ids: Keys } | { readonly filter: string }): Promise<DeleteResult>;
  discardMissing(collection: string): Promise<DeleteResult>;
  get(collection: string, request: { readonly ids: Keys; readonly outputFields?: readonly string[] }): Promise<readonly Row[]>;
  query(collection: string, options: QueryOptions): Promise<readonly Row[]>;
  keys(collection: string, options: KeysOptions): Promise<KeyList>;
  search(collection: string, request: SearchRequest): Promise<SearchResult<unknown>>;
  count(collection: string, filter: string | undefined): Promise<number>;
  flush(collection: string): Promise<void>;
}

interface ErrorOnWire {
  readonly elanusError: true;
  readonly code: ErrorCode;
  readonly message: string;
  readonly position: number | undefined;
  readonly file: string | undefined;
  readonly status: number | undefined;
}

/** Teaches comlink to carry ElanusError. Called once on each side. */
export function carryErrors(): void {
  const plain = transferHandlers.get('throw');
  if (plain === undefined) throw new Error('comlink has no handler for errors');
  transferHandlers.set('throw', {
    canHandle: plain.canHandle,
    serialize(thrown: unknown) {
      const error = (thrown as { readonly value?: unknown }).value;
      return error instanceof ElanusError ? [onWire(error), []] : plain.serialize(thrown);
    },
    deserialize(received: unknown) {
      if (isErrorOnWire(received)) throw fromWire(received);
      return plain.deserialize(received);
    },
  });
}

function onWire({ code, message, position, file, status }: ElanusError): ErrorOnWire {
  return { elanusError: true, code, message, position, file, status };
}

function isErrorOnWire(value: unknown): value is ErrorOnWire {
  return typeof value === 'object' && value !== null && 'elanusError' in value;
}

function fromWire({ code, message, position, file, status }: ErrorOnWire): ElanusError {
  return new ElanusError(code, message, {
    ...(position === undefined ? {} : { position }),
    ...(file === undefined ? {} : { file }),
    ...(status === undefined ? {} : { status }),
  });
}
