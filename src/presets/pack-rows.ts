// PackRows: rows on their way to a worker. What is cloned there is the whole buffer behind a view, be the view ever so
// small; so the vectors of a call are copied together into one buffer that holds nothing else.

import type { RowInput } from '../model/row.js';

/** At which every typed array may begin. */
const ALIGNMENT = 8;

export type View = ArrayBufferView & { readonly length: number };

/** Rows of the same values. What are no rows is left as it is, for the engine to refuse. */
export function packRows(rows: readonly RowInput[]): readonly RowInput[] {
  if (!Array.isArray(rows)) return rows;
  const sizeBytes = rows.reduce((sum: number, row) => sum + viewsOf(row).reduce((of, [, view]) => of + paddedBytes(view), 0), 0);
  if (sizeBytes === 0) return rows;
  const packed = new ArrayBuffer(sizeBytes);
  let offset = 0;
  return rows.map((row: RowInput) => {
    const copy = { ...row };
    for (const [name, view] of viewsOf(row)) {
      Object.defineProperty(copy, name, { value: copyInto(packed, offset, view), enumerable: true, configurable: true, writable: true });
      offset += paddedBytes(view);
    }
    return copy;
  });
}

function viewsOf(row: unknown): readonly (readonly [string, View])[] {
  if (typeof row !== 'object' || row === null) return [];
  const found: (readonly [string, View])[] = [];
  for (const [name, value] of Object.entries(row)) if (ArrayBuffer.isView(value) && !(value instanceof DataView)) found.push([name, value as View]);
  return found;
}

export function paddedBytes({ byteLength }: View): number {
  return Math.ceil(byteLength / ALIGNMENT) * ALIGNMENT;
}

export function copyInto(packed: ArrayBuffer, offset: number, view: View): View {
  const Kind = view.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => View & { set(from: View): void };
  const copy = new Kind(packed, offset, view.length);
  copy.set(view);
  return copy;
}
