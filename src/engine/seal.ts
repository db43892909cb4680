// Seal: what is in the log goes into immutable files, a new manifest names them, a new log takes over. Runs while no
// batch is being written. A crash at any point leaves either the old manifest and its log, or the new manifest.

import { encodeDeletions } from '../format/deletion-vector.js';
import { deletionsName, rowsName } from '../format/keys.js';
import type { Manifest, SegmentEntry } from '../format/manifest.js';
import { encodeRows } from '../format/rows-file.js';
import type { Column, Columns } from '../model/columns.js';
import { storedFields, vectorField, type Schema } from '../model/schema.js';
import type { CollectionFiles } from './collection-files.js';
import { pickRows } from './growing-columns.js';
import type { Segment } from './segment.js';
import type { SealedSegment, Table } from './table.js';

/** Writes what the files lack; gives the manifest that names them, not yet stored. */
export async function sealTable(table: Table, files: CollectionFiles, before: Manifest, nextLsn: bigint): Promise<Manifest> {
  const sealed: SegmentEntry[] = [];
  for (const { segment, entry } of table.sealed) sealed.push(await withDeletions({ segment, entry }, files));
  dropDeadRows(table);
  const growing = table.growing === undefined ? undefined : await writeRows(table.growing, table.schema, files, before);
  return {
    ...before,
    version: await files.nextVersion(),
    nextLsn,
    segments: growing === undefined ? sealed : [...sealed, growing],
  };
}

async function withDeletions({ segment, entry }: SealedSegment, files: CollectionFiles): Promise<SegmentEntry> {
  if (segment.deadRows === (entry.deletions?.count ?? 0)) return entry;
  const rows = segment.rowsWhere(false);
  const file = await files.putFile(encodeDeletions(rows), deletionsName);
  return { ...entry, deletions: { ...file, count: rows.length } };
}

function dropDeadRows(table: Table): void {
  const growing = table.growing;
  if (growing !== undefined && growing.deadRows > 0) table.compactGrowing(columnsOf(growing, table.schema, growing.rowsWhere(true)));
}

async function writeRows(growing: Segment, schema: Schema, files: CollectionFiles, before: Manifest): Promise<SegmentEntry> {
  const { bytes, vectors } = encodeRows(columnsOf(growing, schema), schema);
  const rowsFile = await files.putFile(bytes, rowsName);
  const id = Math.max(0, ...before.segments.map((entry) => entry.id)) + 1;
  return { id, rows: growing.rows, rowsFile, vectors };
}

/** All columns of a segment, or of these of its rows, vectors included, in schema order. */
function columnsOf(segment: Segment, schema: Schema, rows?: Uint32Array): Columns {
  const scalars = segment.columns.snapshot();
  const picked = rows === undefined ? scalars.byName : pickRows(scalars, rows);
  const { name, dim } = vectorField(schema);
  const vectors = rows === undefined ? segment.index.read(0, segment.rows) : gatherVectors(segment, rows, dim);
  const byName = new Map<string, Column>();
  for (const field of storedFields(schema)) {
    byName.set(field.name, field.name === name ? { type: 'FloatVector', dim, values: vectors } : (picked.get(field.name) as Column));
  }
  return { rows: rows?.length ?? segment.rows, byName };
}

function gatherVectors(segment: Segment, rows: Uint32Array, dim: number): Float32Array {
  const vectors = new Float32Array(rows.length * dim);
  rows.forEach((row, at) => vectors.set(segment.index.read(row, 1), at * dim));
  return vectors;
}
