// CollectionCreation: the files of a new collection. They are all there before the catalog lists it.

import type { CatalogEntry } from '../../format/catalog.js';
import type { Manifest } from '../../format/manifest.js';
import { PARTITION_FIELD } from '../../model/hidden-field.js';
import { keyPartitions } from '../../model/partition.js';
import { inDatabase } from '../database/catalog-names.js';
import { withHidden, withProperties } from './collection-settings.js';
import { FIRST_LSN } from './collection-context.js';
import type { DatabaseState } from '../database/database-state.js';
import type { CheckedDefinition } from './definition.js';
import { writable } from '../database/environment.js';
import { lacksRoom } from '../files/room.js';
import { WriteLog } from '../log/write-log.js';

/** Stores what opening it needs, and gives what the catalog will say. Within `change`. Errors: those of the storage. */
export async function createFiles(state: DatabaseState, database: string, definition: CheckedDefinition): Promise<CatalogEntry> {
  const { name, isLoaded } = definition;
  const { ambient, storage } = state.environment;
  const id = Array.from(ambient.randomBytes(8), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const key = await state.catalogs.keyring.newKey(id);
  const entry: CatalogEntry = { id, name, ...(key === undefined ? {} : { key }), ...inDatabase(database), createdMs: Math.floor(ambient.nowMs()), ...(isLoaded ? {} : { released: 'all' }) };
  const files = await state.filesOf(entry);
  try {
    await files.putManifest(firstManifest(id, definition, ambient.nowMs()));
    const log = await WriteLog.start(writable(storage), ambient, files.logKey(FIRST_LSN), files, FIRST_LSN);
    await log.end();
  } catch (error) {
    if (lacksRoom(error)) await files.removeAll();
    throw error;
  }
  return entry;
}

function firstManifest(id: string, { name, schema, indexes, numPartitions, properties, consistencyLevel }: CheckedDefinition, nowMs: number): Manifest {
  const keyed = numPartitions === undefined ? {} : { partitions: { list: keyPartitions(numPartitions), next: numPartitions } };
  const plain: Manifest = { formatVersion: 1, collection: id, name, version: 1, schema, nextLsn: FIRST_LSN, segments: [], ...(indexes.length === 0 ? {} : { indexes }), ...keyed, ...(consistencyLevel === undefined ? {} : { consistencyLevel }) };
  return withProperties(numPartitions === undefined ? plain : withHidden(plain, PARTITION_FIELD), properties, nowMs);
}
