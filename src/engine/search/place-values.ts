// Place values: what rows at some places of several segments hold: values of a path, and whether a filter holds. Columns
// are read as they are needed; a place whose segment is damaged is left out of the answer.

import { bitsetOf, setBit, setRows, type Bitset } from '../../model/bitset.js';
import { pickColumn } from '../../model/column-rows.js';
import type { Column } from '../../model/columns.js';
import { primaryField, type Schema } from '../../model/schema.js';
import type { Predicates } from '../../ports/core.js';
import type { CheckedFilter } from '../../query/check.js';
import { evaluateFilter } from '../../query/evaluate.js';
import { pathReader, type FieldPath, type PathValue } from '../../query/field-path.js';
import { fieldsOf } from '../../query/fields.js';
import { analyzeBy } from '../database/analyzers.js';
import type { RowPlace } from '../read/fetch.js';
import type { Segment } from '../table/segment.js';
import { unlessDamaged, type Reader } from '../read/visit.js';

/** The values of `path` at `places`, in their order; undefined where there is no reading it. The segments are held. */
export async function valuesAt(reader: Reader, places: readonly RowPlace[], path: FieldPath): Promise<readonly (PathValue | undefined)[]> {
  const values = new Array<PathValue | undefined>(places.length);
  await eachSegment(reader, places, [path.column], (segment, positions) => {
    const read = pathReader(segment.columns.snapshot(), path);
    for (const at of positions) values[at] = read((places[at] as RowPlace).row);
  });
  return values;
}

/** Of the primary key. */
export function keyPath(schema: Schema): FieldPath {
  const { name, type } = primaryField(schema);
  return { name, column: name, type, keys: [] };
}

/** At which of `places` `filter` holds: bit i is that of place i. The segments are held. */
export async function holdsAt(reader: Reader, places: readonly RowPlace[], filter: CheckedFilter, predicates: Predicates): Promise<Bitset> {
  const holds = bitsetOf(places.length, false);
  const names = fieldsOf(filter);
  await eachSegment(reader, places, names, (segment, positions) => {
    const { byName } = segment.columns.snapshot();
    const rows = Uint32Array.from(positions, (at) => (places[at] as RowPlace).row);
    const columns = new Map(Array.from(names, (name) => [name, pickColumn(byName.get(name) as Column, rows)] as const));
    for (const found of setRows(evaluateFilter(filter, { rows: rows.length, byName: columns }, predicates, { analyze: analyzeBy(segment.newest) }))) setBit(holds, positions[found] as number);
  });
  return holds;
}

async function eachSegment(reader: Reader, places: readonly RowPlace[], columns: Iterable<string>, look: (segment: Segment, positions: readonly number[]) => void): Promise<void> {
  const bySegment = new Map<Segment, number[]>();
  places.forEach(({ segment }, at) => {
    const known = bySegment.get(segment);
    if (known === undefined) bySegment.set(segment, [at]);
    else known.push(at);
  });
  for (const [segment, positions] of bySegment) {
    await unlessDamaged(reader, segment, () => reader.residency.use(segment, { columns }, () => look(segment, positions)));
  }
}
