// Column join: columns of one field, one behind the other, as one.

import type { Column } from '../model/columns.js';
import type { Field } from '../model/field.js';
import { bytesOf } from './bytes.js';
import { decodeValues } from './parquet-page.js';

/** REQUIRES: each is of `field`. One alone is given as it is, not a copy. */
export function joinColumns(parts: readonly Column[], field: Field): Column {
  const first = parts[0] ?? decodeValues(new Uint8Array(0), field, 0, field.name);
  if (parts.length <= 1) return first;
  if (first.type === 'VarChar' || first.type === 'JSON') return { ...first, values: (parts as readonly (typeof first)[]).flatMap(({ values }) => values) };
  const numbers = parts.map(({ values }) => values as Float64Array);
  const Joined = first.values.constructor as new (length: number) => Float64Array;
  const values = new Joined(numbers.reduce((total, part) => total + part.length, 0));
  const bytes = bytesOf(values);
  numbers.reduce((offset, part) => (bytes.set(bytesOf(part), offset), offset + part.byteLength), 0);
  return { ...first, values } as Column;
}
