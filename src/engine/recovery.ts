// Recovery: from files to a Table with the manifest's segments. What the logs hold beyond them: `log-replay`.

import { decodeCalibration, type Calibration } from '../format/calibration.js';
import type { Manifest } from '../format/manifest.js';
import { ElanusError } from '../model/errors.js';
import type { AnnIndex } from '../ports/core.js';
import type { CollectionFiles } from './collection-files.js';
import type { Environment } from './environment.js';
import { Table, type SealedSegment } from './table.js';

/** A table with the segments of `manifest`. Errors: `Corrupt` naming the file, `Unsupported`, `OutOfMemory`. */
export async function loadTable(environment: Environment, files: CollectionFiles, manifest: Manifest, warn: (message: string) => void): Promise<Table> {
  const table = new Table(manifest.schema, environment.core);
  try {
    for (const entry of manifest.segments) {
      const columns = await files.readRows(entry, manifest.schema);
      table.addSealed(entry, columns, await files.readDeletions(entry));
      const added = table.sealed.at(-1);
      if (added !== undefined) await openIndex(environment, files, added, warn);
    }
    return table;
  } catch (error) {
    table.close();
    throw error;
  }
}

// An index is derived: without it searches are exact, and who may write builds it again.
async function openIndex(environment: Environment, files: CollectionFiles, { segment, entry }: SealedSegment, warn: (message: string) => void): Promise<void> {
  if (entry.index === undefined) return;
  try {
    const ann = environment.core.openIndex(await files.readFile(entry.index), segment.index);
    segment.approximate = { ann, calibration: calibrationOf(ann, entry.index.name) };
  } catch (error) {
    if (!(error instanceof ElanusError)) throw error;
    warn(`${entry.index.name}: not used, searches are exact: ${error.message}`);
  }
}

function calibrationOf(ann: AnnIndex, name: string): Calibration {
  try {
    return decodeCalibration(ann.calibration ?? new Uint8Array(0), name);
  } catch (error) {
    ann.close();
    throw error;
  }
}
