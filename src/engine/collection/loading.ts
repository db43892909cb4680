// Loading: from a manifest to a Table. Of each segment the deletions and primary keys are read; the rest when it is used,
// or at once if it is little.

import type { Manifest, SegmentEntry } from '../../format/manifest.js';
import { schemaOf } from '../../format/schema-json.js';
import { ElanusError } from '../../model/errors.js';
import { isVector } from '../../model/field.js';
import { primaryField, storedFields, vectorFields } from '../../model/schema.js';
import { loadAnalyzers } from '../database/analyzers.js';
import type { CollectionFiles } from '../files/collection-files.js';
import type { MissingSegment } from './collection-state.js';
import type { Environment } from '../database/environment.js';
import type { Residency } from '../table/residency.js';
import type { Segment } from '../table/segment.js';
import { SegmentFiles } from '../files/segment-files.js';
import { Table } from '../table/table.js';
import { isDamage } from '../read/visit.js';

/** A collection whose rows files are smaller than this is read whole when it is opened. */
const EAGER_BYTES = 32 * 1024 * 1024;

export interface LoadedTable {
  readonly table: Table;
  /** Segments that are not in the table, as a file of them is damaged or missing. */
  readonly unknown: readonly MissingSegment[];
}

/** A table with the segments of `manifest`. Errors: `Unsupported`, `OutOfMemory`, those of the storage. */
export async function loadTable(environment: Environment, files: CollectionFiles, manifest: Manifest, residency: Residency, warn: (message: string) => void): Promise<LoadedTable> {
  const { schema } = manifest;
  await loadAnalyzers(schema);
  const table = new Table(schema, environment.core, environment.allocate);
  const unknown: MissingSegment[] = [];
  const bytes = manifest.segments.reduce((sum, { rowsFile }) => sum + rowsFile.sizeBytes, 0);
  const scalars = storedFields(schema).filter(({ type }) => !isVector(type)).map(({ name }) => name);
  const whole = files.arriving === undefined && bytes <= (environment.eagerBytes ?? EAGER_BYTES) && residency.hasRoom(bytes * 2);
  const columns = whole ? scalars : [primaryField(schema).name];
  const fields = whole ? vectorFields(schema).map(({ name }) => name) : [];
  try {
    for (const entry of manifest.segments) {
      if (files.arriving?.isSearchable(entry) === false) {
        unknown.push(stillComing(entry));
        continue;
      }
      let added: Segment | undefined;
      try {
        const dead = await files.readDeletions(entry);
        const stored = { entry, files: new SegmentFiles(files, entry, schemaOf(manifest, entry.schema ?? 0) ?? schema, table) };
        await table.addSealed(stored, dead, (segment, work) => {
          added = segment;
          residency.watch(segment);
          return residency.use(segment, { columns }, async () => {
            for (const field of fields) await residency.use(segment, { columns: [], field, part: 'vectors' }, () => undefined);
            work();
          });
        });
      } catch (error) {
        if (added !== undefined) residency.forget(added);
        added?.close();
        if (!isDamage(error)) throw error;
        unknown.push({ entry, rows: liveRows(entry), error });
        warn(`${manifest.name}: ${error.message}; its segment of ${entry.rows} rows is left out of answers`);
      }
    }
    return { table, unknown };
  } catch (error) {
    for (const segment of table.sealed) residency.forget(segment);
    table.close();
    throw error;
  }
}

function stillComing(entry: SegmentEntry): MissingSegment {
  const error = new ElanusError('NotFound', `${entry.rowsFile.name}: it has not come yet`, { file: entry.rowsFile.name });
  return { entry, rows: liveRows(entry), error, arriving: true };
}

function liveRows({ rows, deletions }: SegmentEntry): number {
  return rows - (deletions?.count ?? 0);
}
