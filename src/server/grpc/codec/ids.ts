// Ids: `milvus.proto.schema.IDs`, primary keys as a list of int64 or of texts.

import type { PrimaryKey } from '../../../model/row.js';
import { readList, readTexts } from './field-data.js';
import { readLongs } from './packed.js';
import { WIRE, type ProtoReader } from './proto-reader.js';
import type { ProtoWriter } from './proto-writer.js';

export function readIds(reader: ProtoReader): readonly PrimaryKey[] {
  let ids: readonly PrimaryKey[] = [];
  while (reader.next()) {
    if (reader.field === 1) {
      reader.expect(WIRE.bytes);
      ids = Array.from(readList(reader.message('int_id'), readLongs) ?? []);
    } else if (reader.field === 2) {
      reader.expect(WIRE.bytes);
      ids = readTexts(reader.message('str_id'));
    } else reader.skip();
  }
  return ids;
}

/** `ids`: all of one kind. Nothing is written of none. */
export function writeIds(writer: ProtoWriter, field: number, ids: readonly PrimaryKey[]): void {
  const [first] = ids;
  if (first === undefined) return;
  const before = writer.size;
  if (typeof first === 'bigint') {
    for (let at = ids.length - 1; at >= 0; at--) writer.int64Value(ids[at] as bigint);
    writer.enclose(1, before);
    writer.enclose(1, before);
  } else {
    for (let at = ids.length - 1; at >= 0; at--) writer.text(1, ids[at] as string);
    writer.enclose(2, before);
  }
  writer.enclose(field, before);
}
