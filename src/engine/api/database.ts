// Database: its verbs, in every runtime. Every error is an `ElanusError`.

import type { IndexRequest } from '../../model/index-definition.js';
import type { Collection } from './collection.js';
import type { CollectionDefinition, CollectionDescription, IndexChoice, IndexDescription } from './definition.js';
import type { DatabaseStats, Health, TaskEvent } from './health.js';
import type { PullOptions, PullResult } from './pull.js';

export interface Database {
  readonly name: string;
  createCollection(definition: CollectionDefinition): Promise<Collection>;
  /** Errors: `NotFound`. */
  collection(name: string): Promise<Collection>;
  hasCollection(name: string): Promise<boolean>;
  listCollections(): Promise<readonly string[]>;
  describeCollection(name: string): Promise<CollectionDescription>;
  /** Errors: `NotFound`. */
  dropCollection(name: string): Promise<void>;
  /**
   * Defines the index of a field, by Milvus' names and parameters; segments are indexed anew in the background where
   * theirs is of another kind. Asking again for the same changes nothing. Errors: `AlreadyExists` if the field has another
   * that was asked for: drop it first.
   */
  createIndex(collection: string, index: IndexRequest): Promise<void>;
  /** Errors: `NotFound`. A vector for which no index was asked has an AUTOINDEX named as the field. */
  describeIndex(collection: string, index: IndexChoice): Promise<IndexDescription>;
  /** Names, in order of the fields; or of one field. */
  listIndexes(collection: string, fieldName?: string): Promise<readonly string[]>;
  /** A vector has an AUTOINDEX again; one that is not there is no error. */
  dropIndex(collection: string, index: IndexChoice): Promise<void>;
  /** Copies a collection from a server: fetches only missing files, verifies each, then switches to them at once. */
  pull(url: string, collection: string, options?: PullOptions): Promise<PullResult>;
  /**
   * Where the database is only read, over HTTP or at the edge: sees what its writer has published or written since it was
   * opened or this was last asked. Searches under way end on what they began with. False if nothing changed, as where
   * this database is the writer. Errors: `Corrupt`, `Network`; then all is as before.
   */
  refresh(): Promise<boolean>;
  health(): Promise<Health>;
  /** What there is and what it takes, from what is known already: cheap. */
  stats(): Promise<DatabaseStats>;
  /** `listener` is told of work in the background, until what is returned is called. What it throws becomes a warning. */
  subscribe(listener: (event: TaskEvent) => void): () => void;
  /** Frees memory, handles and workers. Nothing durable is lost by not calling it. */
  close(): Promise<void>;
}
