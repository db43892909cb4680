// Status of an answer that has nothing to tell but success: `milvus.proto.common.Status` with every member at its default.

import type { ProtoWriter } from './proto-writer.js';

export function writeSuccess(writer: ProtoWriter, field: number): void {
  writer.enclose(field, writer.size);
}
