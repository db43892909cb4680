// Facts: what Milvus' clients are told of a collection beside its schema: its numbers, times, partitions, and the indexes
// that were asked for. Read from what the engine keeps, at the moment of the call.

import { DEFAULT_DATABASE, type CatalogEntry } from '../../format/catalog.js';
import type { IndexDefinition } from '../../model/index-definition.js';
import { isVector } from '../../model/field.js';
import { DEFAULT_PARTITION, type Partition } from '../../model/partition.js';
import { schemaVersion, type Schema } from '../../model/schema.js';
import type { ServedDatabase } from '../call.js';
import { RefusedRequest, STATUS } from '../status.js';
import { collectionId, segmentId } from './ids.js';
import { hybridTime } from './times.js';

export interface CollectionFacts {
  /** Its own, where an alias was asked for. */
  readonly name: string;
  /** 16 hexadecimal digits. */
  readonly hex: string;
  readonly id: string;
  readonly schema: Schema;
  /** Milliseconds since 1970; 0 if that is not known. */
  readonly createdMs: number;
  /** Greater whenever the schema is another. */
  readonly updated: string;
  readonly partitions: readonly Partition[];
  /**
   * Those that were asked for. A collection that is loaded without one was not made over Milvus' gRPC: then also those that
   * its vectors have by themselves.
   */
  readonly indexes: readonly IndexDefinition[];
  readonly isLoaded: boolean;
}

/** Errors: 100, 800. */
export async function factsOf(database: ServedDatabase, name: string): Promise<CollectionFacts> {
  const collection = await database.opened(name);
  const { id: hex, name: own, createdMs = 0 } = database.catalogEntry(name);
  const { manifest } = collection.manifest;
  const isLoaded = !collection.admin.isReleased();
  return {
    name: own,
    hex,
    id: collectionId(hex),
    schema: collection.schema,
    createdMs,
    updated: hybridTime(createdMs, schemaVersion(manifest.schema)),
    partitions: manifest.partitions?.list ?? [DEFAULT_PARTITION],
    indexes: isLoaded ? collection.indexes : (manifest.indexes ?? []),
    isLoaded,
  };
}

/** The name that is given, else that of the collection of that number in the database; errors: 100. */
export function nameMeant(database: ServedDatabase, name: string, id: string): string {
  if (name !== '' || id === '0' || id === '') return name;
  const found = database.catalogEntries.find((entry) => isIn(entry, database.database) && collectionId(entry.id) === id);
  if (found === undefined) throw new RefusedRequest(STATUS.collectionNotFound, `collection not found[collection=${id}]`);
  return found.name;
}

export function isIn({ database = DEFAULT_DATABASE }: CatalogEntry, name: string): boolean {
  return database === name;
}

/** Milvus loads nothing that it could not search. Errors: 700. */
export function requireIndexes({ name, schema, indexes, isLoaded }: CollectionFacts): void {
  if (isLoaded) return;
  const lacking = schema.fields.filter(({ name: field, type }) => isVector(type) && !indexes.some(({ fieldName }) => fieldName === field));
  if (lacking.length > 0) throw new RefusedRequest(STATUS.indexNotFound, `index not found[collection=${name}]: there is no vector index on field: [${lacking.map((field) => field.name).join(' ')}], please create index firstly`);
}

/** What vectors have by themselves is asked for from now on, so that a collection that is released may be loaded again. */
export async function keepIndexes(database: ServedDatabase, name: string): Promise<void> {
  const { indexes, isLoaded } = await factsOf(database, name);
  const { manifest } = (await database.opened(name)).manifest;
  const lacking = isLoaded ? indexes.filter(({ fieldName }) => !(manifest.indexes ?? []).some((index) => index.fieldName === fieldName)) : [];
  for (const { fieldName } of lacking) await database.createIndex(name, { fieldName });
}

export interface SegmentFacts {
  readonly id: string;
  readonly rows: number;
}

/** Segments in files, by their live rows. */
export async function segmentsOf(database: ServedDatabase, name: string): Promise<readonly SegmentFacts[]> {
  const { manifest } = (await database.opened(name)).manifest;
  return manifest.segments.map(({ id, rows, deletions }) => ({ id: segmentId(manifest.collection, id), rows: rows - (deletions?.count ?? 0) }));
}
