// FieldDataWriter: one column of an answer as `milvus.proto.schema.FieldData`. Scalars have a value for every row, also where
// one is null; vectors only where there is one, as Milvus' clients expect them.

import { exactJson } from '../../../format/exact-json.js';
import type { JsonInput } from '../../../format/json-parser.js';
import { isVector, type DataType } from '../../../model/field.js';
import { bfloatBits, halfBits } from '../../../model/half.js';
import type { FieldValue, SparseVector } from '../../../model/row.js';
import { typeNumber, type ResultColumn } from '../../milvus/result-columns.js';
import type { ProtoWriter } from './proto-writer.js';

type Values = readonly FieldValue[];

const TERM_BYTES = 8;

/** What is copied in one step: about a millisecond of work. */
const STEP_BYTES = 1024 * 1024;

export function writeFieldData(writer: ProtoWriter, field: number, column: ResultColumn): void {
  for (const _ of fieldDataSteps(writer, field, column));
}

/** The same step by step. REQUIRES: nothing else is written in between. */
export function* fieldDataSteps(writer: ProtoWriter, field: number, column: ResultColumn): Generator<void, void> {
  const { name, type, fieldId, nullable, isDynamic, values } = column;
  const before = writer.size;
  if (nullable) writeValid(writer, values);
  if (isDynamic) writer.bool(6, true);
  if (fieldId > 0) writer.unsigned(5, fieldId);
  const data = writer.size;
  if (isVector(type)) {
    yield* vectorSteps(writer, column, nullable ? values.filter((value) => value !== null) : values);
    writer.enclose(4, data);
  } else {
    if (isDynamic) writeDynamic(writer, values as readonly string[]);
    else writeScalars(writer, type, column.elementType, values);
    writer.enclose(3, data);
  }
  writer.text(2, name);
  writer.unsigned(1, typeNumber(type));
  writer.enclose(field, before);
}

function writeValid(writer: ProtoWriter, values: Values): void {
  const before = writer.size;
  const at = writer.room(values.length);
  const { target } = writer;
  for (let row = 0; row < values.length; row++) target[at + row] = values[row] === null ? 0 : 1;
  writer.enclose(7, before);
}

/** Of JSON texts, a ScalarField, not enclosed. */
function writeDynamic(writer: ProtoWriter, texts: readonly string[]): void {
  const before = writer.size;
  writeTexts(writer, texts);
  writer.enclose(9, before);
}

/** A ScalarField, not enclosed. */
function writeScalars(writer: ProtoWriter, type: DataType, elementType: DataType | undefined, values: Values): void {
  const before = writer.size;
  const member = SCALAR_MEMBERS[type];
  if (member === undefined) throw new TypeError(`${type} is no scalar`);
  WRITERS[member](writer, values, elementType);
  writer.enclose(member, before);
}

type Member = 1 | 2 | 3 | 4 | 5 | 6 | 8 | 9 | 12;

/** Numbers of the members of ScalarField; a Timestamptz goes as RFC 3339 text. */
const SCALAR_MEMBERS: { readonly [T in DataType]?: Member } = { Bool: 1, Int8: 2, Int16: 2, Int32: 2, Int64: 3, Float: 4, Double: 5, VarChar: 6, Timestamptz: 6, Array: 8, JSON: 9, Geometry: 12 };

const WRITERS: Readonly<Record<Member, (writer: ProtoWriter, values: Values, elementType: DataType | undefined) => void>> = {
  1: (writer, values) => writePacked(writer, values.length, (target, at) => values.forEach((value, row) => (target[at + row] = value === true ? 1 : 0))),
  2: (writer, values) => writeVarints(writer, values, (value) => writer.int32Value(value === null ? 0 : (value as number))),
  3: (writer, values) => writeVarints(writer, values, (value) => writer.int64Value(value === null ? 0n : BigInt(value as bigint))),
  4: (writer, values) => writePacked(writer, values.length * 4, (target, at) => values.forEach((value, row) => target.writeFloatLE(Number(value), at + row * 4))),
  5: (writer, values) => writePacked(writer, values.length * 8, (target, at) => values.forEach((value, row) => target.writeDoubleLE(Number(value), at + row * 8))),
  6: writeTexts,
  8: (writer, values, elementType) => writeArrays(writer, values, elementType as DataType),
  9: (writer, values) => {
    for (let row = values.length - 1; row >= 0; row--) writer.text(1, jsonText(values[row] as FieldValue));
  },
  12: writeTexts,
};

function writeTexts(writer: ProtoWriter, values: Values): void {
  for (let row = values.length - 1; row >= 0; row--) writer.text(1, (values[row] as string | null) ?? '');
}

function writePacked(writer: ProtoWriter, sizeBytes: number, fill: (target: Buffer, at: number) => void): void {
  const before = writer.size;
  const at = writer.room(sizeBytes);
  fill(writer.target, at);
  writer.enclose(1, before);
}

function writeVarints(writer: ProtoWriter, values: Values, write: (value: FieldValue) => void): void {
  const before = writer.size;
  for (let row = values.length - 1; row >= 0; row--) write(values[row] as FieldValue);
  writer.enclose(1, before);
}

function writeArrays(writer: ProtoWriter, values: Values, elementType: DataType): void {
  writer.unsigned(2, typeNumber(elementType));
  for (let row = values.length - 1; row >= 0; row--) {
    const before = writer.size;
    writeScalars(writer, elementType, undefined, (values[row] as Values | null) ?? []);
    writer.enclose(1, before);
  }
}

/** What is null has none. */
function jsonText(value: FieldValue): string {
  return value === null ? '' : exactJson(value as JsonInput);
}

/** A VectorField, not enclosed. */
function* vectorSteps(writer: ProtoWriter, { type, dim = 0 }: ResultColumn, values: Values): Generator<void, void> {
  const before = writer.size;
  switch (type) {
    case 'FloatVector': {
      const at = writer.room(values.length * dim * 4);
      const { target } = writer;
      const rows = Math.max(1, Math.floor(STEP_BYTES / (dim * 4)));
      for (let first = 0; first < values.length; first += rows) {
        if (first > 0) yield;
        copyInto(target, at + first * dim * 4, dim * 4, values.slice(first, first + rows) as readonly Float32Array[]);
      }
      writer.enclose(1, before);
      writer.enclose(2, before);
      break;
    }
    case 'BinaryVector':
    case 'Int8Vector': {
      const width = type === 'BinaryVector' ? dim / 8 : dim;
      const at = writer.room(values.length * width);
      copyInto(writer.target, at, width, values as readonly Uint8Array[]);
      writer.enclose(type === 'BinaryVector' ? 3 : 7, before);
      break;
    }
    case 'Float16Vector':
    case 'BFloat16Vector':
      writeHalves(writer, dim, type === 'Float16Vector' ? halfBits : bfloatBits, values as readonly Float32Array[]);
      writer.enclose(type === 'Float16Vector' ? 4 : 5, before);
      break;
    default:
      return writeSparse(writer, values as readonly SparseVector[]);
  }
  writer.unsigned(1, dim);
}

function copyInto(target: Buffer, at: number, width: number, values: readonly ArrayBufferView[]): void {
  values.forEach((vector, row) => target.set(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength), at + row * width));
}

function writeHalves(writer: ProtoWriter, dim: number, bitsOf: (value: number) => number, values: readonly Float32Array[]): void {
  let at = writer.room(values.length * dim * 2);
  const { target } = writer;
  for (const vector of values) for (const component of vector) at = target.writeUInt16LE(bitsOf(component), at);
}

function writeSparse(writer: ProtoWriter, values: readonly SparseVector[]): void {
  const before = writer.size;
  let dim = 0;
  const contents = writer.size;
  for (let row = values.length - 1; row >= 0; row--) {
    const terms = Object.entries(values[row] as SparseVector);
    const start = writer.size;
    let at = writer.room(terms.length * TERM_BYTES);
    const { target } = writer;
    for (const [index, value] of terms) {
      dim = Math.max(dim, Number(index) + 1);
      at = target.writeFloatLE(value as number, target.writeUInt32LE(Number(index), at));
    }
    writer.enclose(1, start);
  }
  // The field of the dimension, which is known last, may stand first.
  writer.unsigned(2, dim);
  writer.enclose(6, contents);
  if (writer.size > before) writer.unsigned(1, dim);
}
