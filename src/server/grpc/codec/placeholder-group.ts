// PlaceholderGroup: the queries of a search, `milvus.proto.common.PlaceholderGroup`, bytes in a message.

import { LIMITS } from '../../../model/limits.js';
import type { Placeholder } from '../../milvus/placeholder.js';
import { ProtoReader, WIRE } from './proto-reader.js';

/** The first placeholder, which is all that clients send; undefined if there is none. Its values are views. */
export function readPlaceholder(bytes: Buffer): Placeholder | undefined {
  const group = new ProtoReader(bytes, 'placeholder_group');
  let found: Placeholder | undefined;
  while (group.next()) {
    if (group.field !== 1) {
      group.skip();
      continue;
    }
    group.expect(WIRE.bytes);
    const value = readValue(group.message('PlaceholderValue'));
    if (found !== undefined) group.fail('expected one placeholder, found several');
    found = value;
  }
  return found;
}

function readValue(reader: ProtoReader): Placeholder {
  let type = 0;
  let elementLevel = false;
  const values: Buffer[] = [];
  while (reader.next()) {
    if (reader.field === 2) {
      reader.expect(WIRE.varint);
      type = reader.uint32();
    } else if (reader.field === 3) {
      reader.expect(WIRE.bytes);
      reader.atMost(LIMITS.queriesMax, values.push(reader.bytes()));
    } else if (reader.field === 4) {
      reader.expect(WIRE.varint);
      elementLevel = reader.bool();
    } else reader.skip();
  }
  return { type, values, elementLevel };
}
