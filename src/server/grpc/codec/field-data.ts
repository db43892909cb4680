// FieldData of a message: `milvus.proto.schema.FieldData`, `ScalarField`, `VectorField` and the arrays in them. What is
// long lies in the memory of the message.

import { LIMITS } from '../../../model/limits.js';
import type { FieldData, ScalarValues, VectorValues } from '../../milvus/field-data.js';
import { readBools, readDoubles, readFloats, readInts, readLongs } from './packed.js';
import { WIRE, type ProtoReader } from './proto-reader.js';

/** Names of the members that this server has no type for. */
const OTHER_SCALARS: Readonly<Record<number, string>> = { 7: 'bytes_data', 10: 'geometry_data', 13: 'mol_data', 14: 'mol_smiles_data', 15: 'date_data', 16: 'time_data' };

export function readFieldData(reader: ProtoReader): FieldData {
  let type = 0;
  let name = '';
  let isDynamic = false;
  let valid: Uint8Array | undefined;
  let data: FieldData['data'];
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        reader.expect(WIRE.varint);
        type = reader.uint32();
        break;
      case 2:
        reader.expect(WIRE.bytes);
        name = reader.text();
        break;
      case 3:
        reader.expect(WIRE.bytes);
        data = readScalarField(reader.message(`scalars of field "${name}"`));
        break;
      case 4:
        reader.expect(WIRE.bytes);
        data = readVectorField(reader.message(`vectors of field "${name}"`));
        break;
      case 6:
        reader.expect(WIRE.varint);
        isDynamic = reader.bool();
        break;
      case 7:
        valid = readBools(reader, valid);
        break;
      case 8:
        reader.expect(WIRE.bytes);
        reader.skip();
        data = { kind: 'other', member: 'struct_arrays' };
        break;
      default:
        reader.skip();
    }
  }
  return { name, type, isDynamic, valid, data };
}

export function readScalarField(reader: ProtoReader): FieldData['data'] {
  let data: FieldData['data'];
  while (reader.next()) {
    const { field } = reader;
    const other = OTHER_SCALARS[field];
    if (field > 12 && other === undefined) {
      reader.skip();
      continue;
    }
    reader.expect(WIRE.bytes);
    if (other !== undefined) {
      reader.skip();
      data = { kind: 'other', member: other };
    } else data = readScalars(reader, field);
  }
  return data;
}

function readScalars(reader: ProtoReader, field: number): ScalarValues {
  const list = reader.message('scalars');
  switch (field) {
    case 1:
      return { kind: 'bool', values: readList(list, readBools) ?? new Uint8Array(0) };
    case 2:
      return { kind: 'int', values: readList(list, readInts) ?? new Int32Array(0) };
    case 3:
      return { kind: 'long', values: readList(list, readLongs) ?? new BigInt64Array(0) };
    case 4:
      return { kind: 'float', values: readList(list, readFloats) ?? new Float32Array(0) };
    case 5:
      return { kind: 'double', values: readList(list, readDoubles) ?? new Float64Array(0) };
    case 8:
      return readArrays(list);
    case 11:
      return { kind: 'timestamptz', values: readList(list, readLongs) ?? new BigInt64Array(0) };
    default:
      return { kind: field === 6 ? 'string' : field === 9 ? 'json' : 'wkt', values: readTexts(list) };
  }
}

/** The first field of a message that is nothing but a list. */
export function readList<T>(list: ProtoReader, read: (reader: ProtoReader, before: T | undefined) => T): T | undefined {
  let values: T | undefined;
  while (list.next()) {
    if (list.field === 1) values = read(list, values);
    else list.skip();
  }
  return values;
}

export function readTexts(list: ProtoReader): readonly string[] {
  const texts: string[] = [];
  while (list.next()) {
    if (list.field === 1) {
      list.expect(WIRE.bytes);
      list.atMost(LIMITS.rowsPerBatchMax, texts.push(list.text()));
    } else list.skip();
  }
  return texts;
}

function readArrays(list: ProtoReader): ScalarValues {
  const values: (ScalarValues | undefined)[] = [];
  let elementType = 0;
  while (list.next()) {
    if (list.field === 1) {
      list.expect(WIRE.bytes);
      const row = readScalarField(list.message('array_data'));
      if (row !== undefined && (row.kind === 'other' || 'dim' in row || row.kind === 'sparse_float_vector' || row.kind === 'array')) list.fail(`array_data: expected elements that are scalars, found ${row.kind}`);
      list.atMost(LIMITS.rowsPerBatchMax, values.push(row));
    } else if (list.field === 2) {
      list.expect(WIRE.varint);
      elementType = list.uint32();
    } else list.skip();
  }
  return { kind: 'array', elementType, values };
}

const BYTE_VECTORS: Readonly<Record<number, 'binary_vector' | 'float16_vector' | 'bfloat16_vector' | 'int8_vector'>> = { 3: 'binary_vector', 4: 'float16_vector', 5: 'bfloat16_vector', 7: 'int8_vector' };

function readVectorField(reader: ProtoReader): FieldData['data'] {
  let dim = 0;
  let data: VectorValues | { readonly kind: 'other'; readonly member: string } | undefined;
  while (reader.next()) {
    const bytes = BYTE_VECTORS[reader.field];
    if (bytes !== undefined) {
      reader.expect(WIRE.bytes);
      data = { kind: bytes, dim, values: reader.bytes() };
    } else if (reader.field === 1) {
      reader.expect(WIRE.varint);
      dim = reader.int64Number();
    } else if (reader.field === 2) {
      reader.expect(WIRE.bytes);
      data = { kind: 'float_vector', dim, values: readList(reader.message('float_vector'), readFloats) ?? new Float32Array(0) };
    } else if (reader.field === 6) {
      reader.expect(WIRE.bytes);
      data = { kind: 'sparse_float_vector', values: readPieces(reader.message('sparse_float_vector')) };
    } else if (reader.field === 8) {
      reader.skip();
      data = { kind: 'other', member: 'vector_array' };
    } else reader.skip();
  }
  return data !== undefined && 'dim' in data ? { ...data, dim } : data;
}

/** The bytes that are field 1. */
function readPieces(list: ProtoReader): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  while (list.next()) {
    if (list.field === 1) {
      list.expect(WIRE.bytes);
      list.atMost(LIMITS.rowsPerBatchMax, pieces.push(list.bytes()));
    } else list.skip();
  }
  return pieces;
}
