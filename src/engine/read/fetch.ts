// Fetch: the rows that an answer names, with the fields that were asked for.

import { hasBit } from '../../model/bitset.js';
import { valuesPerRow } from '../../model/columns.js';
import { DYNAMIC_FIELD, isDenseVector } from '../../model/field.js';
import type { FieldValue, Row } from '../../model/row.js';
import { rowOf, vectorValue, type Output } from './output.js';
import { rowsInTurn } from './rows-in-turn.js';
import type { Segment } from '../table/segment.js';
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

/** The rows at these places, in their order; undefined where a file of the segment is damaged. Of many, others have their turn before them and in between. REQUIRES: the segments are held. */
export async function fetchRows(reader: Reader, places: readonly RowPlace[], output: Output): Promise<readonly (Row | undefined)[]> {
  const rows = new Array<Row | undefined>(places.length);
  const bySegment = new Map<Segment, number[]>();
  places.forEach(({ segment }, at) => {
    const known = bySegment.get(segment);
    if (known === undefined) bySegment.set(segment, [at]);
    else known.push(at);
  });
  const columns = columnsOf(output);
  const count = rowsInTurn(output.fields);
  const pause = places.length > count ? (): Promise<void> => reader.environment.ambient.pause() : undefined;
  for (const [segment, positions] of bySegment) {
    const fill = async (): Promise<void> => {
      const at = Uint32Array.from(positions, (position) => (places[position] as RowPlace).row);
      const vectors = await readVectors(segment, output, at);
      for (let i = 0; i < at.length; i++) {
        if (pause !== undefined && i % count === 0) await pause();
        rows[positions[i] as number] = rowOf(segment, at[i] as number, output, vectors(i));
      }
    };
    await unlessDamaged(reader, segment, () => reader.residency.use(segment, { columns }, fill));
  }
  return rows;
}

/** Gives, of the i-th of `rows`, vectors of the output by field that are not in memory. */
async function readVectors(segment: Segment, { fields }: Output, rows: Uint32Array): Promise<(i: number) => ReadonlyMap<string, FieldValue>> {
  const read = new Map<string, (i: number) => FieldValue>();
  for (const field of fields) {
    const { name, type } = field;
    if (!isDenseVector(type) || segment.part(name).vectors !== undefined || segment.stored === undefined) continue;
    const { files } = segment.stored;
    const valid = field.nullable === true ? await files.validVectors(name) : undefined;
    const values = await files.vectors(name, rows);
    const perRow = valuesPerRow(field);
    read.set(name, (i) => (valid !== undefined && !hasBit(valid, rows[i] as number) ? null : vectorValue(type, values.slice(i * perRow, (i + 1) * perRow))));
  }
  return (i) => new Map(Array.from(read, ([name, valueOf]) => [name, valueOf(i)]));
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
