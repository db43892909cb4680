// Fetch: the rows that an answer names, with the fields that were asked for.

import { DYNAMIC_FIELD } from '../model/field.js';
import { vectorField } from '../model/schema.js';
import type { Row } from '../model/row.js';
import { rowOf, type Output } from './output.js';
import type { Segment } from './segment.js';
import { unlessDamaged, type Reader } from './visit.js';

export interface RowPlace {
  readonly segment: Segment;
  readonly row: number;
}

/** Stored columns that `output` reads, vectors apart. */
export function columnsOf({ fields, dynamic }: Output): readonly string[] {
  const names = fields.filter(({ type }) => type !== 'FloatVector').map(({ name }) => name);
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
      const vectors = output.vectors && segment.vectors === undefined ? await segment.stored?.files.vectors(at) : undefined;
      const { dim } = vectorField(segment.schema);
      positions.forEach((position, i) => {
        rows[position] = rowOf(segment, at[i] as number, output, vectors?.slice(i * dim, (i + 1) * dim));
      });
    };
    await unlessDamaged(reader, segment, () => reader.residency.use(segment, { columns }, fill));
  }
  return rows;
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
