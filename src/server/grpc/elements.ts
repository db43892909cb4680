// Elements: how much would be made of a message by a decoder that makes an object of everything: the messages in it and the values of its
// lists, counted on the wire, where two bytes are enough for one.

import protobuf from 'protobufjs/light.js';
import { RefusedRequest, STATUS } from '../status.js';

/** What is made of so many takes a few hundredths of a second. */
export const ELEMENTS_MAX = 32_768;
/** Of what has a message for each of many grants, as many as a MiB of them has. */
const MORE: Readonly<Record<string, number>> = { RestoreRBACMetaRequest: 131_072 };

const BYTES = 2;
const FIXED_BYTES: Readonly<Record<string, number>> = { fixed32: 4, sfixed32: 4, float: 4, fixed64: 8, sfixed64: 8, double: 8 };

/** Errors: 1102 if there are more than may be; those of protobufjs for bytes that are no message. */
export function checkElements(type: protobuf.Type, bytes: Uint8Array): void {
  countIn(new protobuf.Reader(bytes), type, bytes.length, { left: maxOf(type.name), name: type.name });
}

const maxOf = (name: string): number => MORE[name] ?? ELEMENTS_MAX;

interface Allowance {
  left: number;
  readonly name: string;
}

function countIn(reader: protobuf.Reader, type: protobuf.Type, end: number, allowance: Allowance): void {
  while (reader.pos < end) {
    const tag = reader.uint32();
    const field = type.fieldsById[tag >>> 3];
    const wire = tag & 7;
    const within = field?.resolvedType instanceof protobuf.Type ? field.resolvedType : undefined;
    if (field === undefined || wire !== BYTES) {
      if (field?.repeated === true) take(allowance, 1);
      reader.skipType(wire);
      continue;
    }
    const length = reader.uint32();
    const stop = reader.pos + length;
    if (stop > end) throw new RangeError(`index out of range: ${reader.pos} + ${length} > ${end}`);
    if (field instanceof protobuf.MapField) {
      take(allowance, 1);
      if (within !== undefined) countInEntry(reader, within, stop, allowance);
    } else if (within !== undefined) {
      take(allowance, 1);
      countIn(reader, within, stop, allowance);
    } else if (field.repeated) take(allowance, valuesIn(reader.buf.subarray(reader.pos, stop), field.type));
    reader.pos = stop;
  }
}

/** An entry of a map is a message of a key and a value. */
function countInEntry(reader: protobuf.Reader, within: protobuf.Type, end: number, allowance: Allowance): void {
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag !== (2 << 3 | BYTES)) {
      reader.skipType(tag & 7);
      continue;
    }
    const stop = reader.uint32() + reader.pos;
    countIn(reader, within, stop, allowance);
    reader.pos = stop;
  }
}

/** Of one text or bytes, or of a packed list of numbers, each of which ends with a byte below 128 where it has no fixed length. */
function valuesIn(bytes: Uint8Array, type: string): number {
  if (type === 'string' || type === 'bytes') return 1;
  const fixed = FIXED_BYTES[type];
  return fixed === undefined ? bytes.reduce((count, byte) => count + (byte < 128 ? 1 : 0), 0) : Math.ceil(bytes.length / fixed);
}

function take(allowance: Allowance, count: number): void {
  allowance.left -= count;
  if (allowance.left < 0) throw new RefusedRequest(STATUS.tooLarge, `${allowance.name}: at most ${maxOf(allowance.name)} messages and values of lists in it`);
}
