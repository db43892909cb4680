// PackColumns: columns on their way to a worker. Their typed arrays are copied together into one buffer that holds nothing
// else, which a worker of the page's own is given whole: it is not copied again.

import type { ColumnsInput } from '../model/column-input.js';
import { copyInto, paddedBytes, type View } from './pack-rows.js';

export interface PackedColumns {
  readonly columns: ColumnsInput;
  /** Behind every typed array of theirs; undefined if there is none. */
  readonly buffer: ArrayBuffer | undefined;
}

/** Columns of the same values. What are no columns is left as it is, for the engine to refuse. */
export function packColumns(given: ColumnsInput): PackedColumns {
  let sizeBytes = 0;
  const measure = (view: View): View => {
    sizeBytes += paddedBytes(view);
    return view;
  };
  withViews(given.columns, measure, 0);
  if (sizeBytes === 0) return { columns: given, buffer: undefined };
  const buffer = new ArrayBuffer(sizeBytes);
  let offset = 0;
  const copy = (view: View): View => {
    const copied = copyInto(buffer, offset, view);
    offset += paddedBytes(view);
    return copied;
  };
  return { columns: { ...given, columns: withViews(given.columns, copy, 0) as ColumnsInput['columns'] }, buffer };
}

/** Columns, the members of one, the vectors of a list. */
const DEPTH_MAX = 3;

/** `value` with what `map` gives for every typed array in it. */
function withViews(value: unknown, map: (view: View) => View, depth: number): unknown {
  if (ArrayBuffer.isView(value)) return value instanceof DataView ? value : map(value as View);
  if (typeof value !== 'object' || value === null || depth === DEPTH_MAX) return value;
  // Of a list that begins with something else, the rest is not looked at.
  if (Array.isArray(value)) return ArrayBuffer.isView(value[0]) ? (value as unknown[]).map((item) => withViews(item, map, DEPTH_MAX)) : value;
  if (depth > 1) return value;
  const copy: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) Object.defineProperty(copy, name, { value: withViews(item, map, depth + 1), enumerable: true, configurable: true, writable: true });
  return copy;
}
