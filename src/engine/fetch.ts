// Fetch: the rows that an answer names, with the fields that were asked for.

import { valuesPerRow } from '../model/columns.js';
import { DYNAMIC_FIELD, isDenseVector } from '../model/field.js';
import type { FieldValue, Row } from '../model/row.js';
import { rowOf, type Output } from './output.js';
import type { Segment } from './segment.js';
import { unlessDamaged, type Reader } from './visit.js';

export interface RowPlace {
  readonly segment: Segment;
  readonly row: number;
}

/** Stored columns that `output` reads, vectors apart. */
export function columnsOf({ fields, dynamic }: Output): readonly string[] {
  const names = fields.filter(({ type }) => !isDenseVector(type)).map(({ name }) => name);
  return dynamic === 'all' || dynamic.length > 0 ? [...names, DYNAMIC_FIELD] : names;
}

/** The rows at these places, in their order; undefined where a file of the segment is damaged. The segments are held. */
export async function fetchRows(reader: Reader, places: readonly RowPlace[], output: Output): Promise<readonly (Row | undefined)[]> {
  const rows = new Array<Row | undefined>(places.length);
  const bySegment = new Map<Segment, number[]>();
  places.forEach(({ segment }, at) => {
    const known = bySegment.get(segment);
    if (known === undefined) bySegment.set(segment, [at]);
    else known.push(at);
  });
  const columns = columnsOf(output);
  for (const [segment, positions] of bySegment) {
    const fill = async (): Promise<void> => {
      const at = Uint32Array.from(positions, (position) => (places[position] as RowPlace).row);
      const vectors = await readVectors(segment, output, at);
      positions.forEach((position, i) => {
        rows[position] = rowOf(segment, at[i] as number, output, vectors(i));
      });
    };
    await unlessDamaged(reader, segment, () => reader.residency.use(segment, { columns }, fill));
  }
  return rows;
}

/** Gives, of the i-th of `rows`, vectors of the output by field that are not in memory. */
async function readVectors(segment: Segment, { fields }: Output, rows: Uint32Array): Promise<(i: number) => ReadonlyMap<string, FieldValue>> {
  const read: { readonly name: string; readonly perRow: number; readonly values: Float32Array }[] = [];
  for (const field of fields) {
    if (!isDenseVector(field.type) || segment.part(field.name).vectors !== undefined || segment.stored === undefined) continue;
    read.push({ name: field.name, perRow: valuesPerRow(field), values: (await segment.stored.files.vectors(field.name, rows)) as Float32Array });
  }
  return (i) => new Map(read.map(({ name, perRow, values }) => [name, values.slice(i * perRow, (i + 1) * perRow)]));
}

/** The same, held meanwhile, without those that are damaged. */
export async function fetchHeld(reader: Reader, places: readonly RowPlace[], output: Output): Promise<readonly Row[]> {
  for (const { segment } of places) segment.retain();
  try {
    const rows = await fetchRows(reader, places, output);
    return rows.filter((row) => row !== undefined);
  } finally {
    for (const { segment } of places) segment.release();
  }
}
