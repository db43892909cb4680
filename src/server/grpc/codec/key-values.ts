// KeyValues of a message: a repeated `milvus.proto.common.KeyValuePair`. A key that comes twice has its last value.

import type { KeyValues } from '../../milvus/key-values.js';
import { WIRE, type ProtoReader } from './proto-reader.js';

/** Of one message. */
const PAIRS_MAX = 65_536;

/** Adds the pair that `reader` is at. */
export function readKeyValue(reader: ProtoReader, to: Map<string, string>): void {
  reader.expect(WIRE.bytes);
  reader.countOne(PAIRS_MAX);
  const pair = reader.message('KeyValuePair');
  let key = '';
  let value = '';
  while (pair.next()) {
    if (pair.field === 1) {
      pair.expect(WIRE.bytes);
      key = pair.text();
    } else if (pair.field === 2) {
      pair.expect(WIRE.bytes);
      value = pair.text();
    } else pair.skip();
  }
  to.set(key, value);
}

/** A message that is nothing but a type and pairs: a Highlighter. */
export interface Settings {
  readonly type: number;
  readonly params: KeyValues;
}

export function readSettings(reader: ProtoReader): Settings {
  let type = 0;
  const params = new Map<string, string>();
  while (reader.next()) {
    if (reader.field === 1) {
      reader.expect(WIRE.varint);
      type = reader.uint32();
    } else if (reader.field === 2) readKeyValue(reader, params);
    else reader.skip();
  }
  return { type, params };
}
