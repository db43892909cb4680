// Rows written: what a batch says of each row, of whichever kind it is.

import type { Batch } from '../../../src/format/batch.js';

interface RowWritten {
  readonly key: bigint;
  readonly time: bigint;
  readonly writer: bigint;
  readonly text: string | undefined;
}

export function rowsOf(batch: Batch): readonly RowWritten[] {
  if (batch.kind === 'delete') {
    const { keys, stamps } = batch;
    return Array.from(keys as BigInt64Array, (key, at) => ({ key, time: stamps?.times[at] ?? 0n, writer: stamps?.clients[at] ?? 0n, text: undefined }));
  }
  const { rows, byName } = batch.columns;
  const values = (name: string): ArrayLike<unknown> => (byName.get(name)?.values ?? []) as ArrayLike<unknown>;
  return Array.from({ length: rows }, (_, at) => ({ key: values('id')[at] as bigint, time: values('$stamp')[at] as bigint, writer: values('$client')[at] as bigint, text: values('text')[at] as string }));
}
