// InsertRequest and UpsertRequest: what is written, column by column. `milvus.proto.milvus`.

import type { FieldData } from '../../milvus/field-data.js';
import { readFieldData } from './field-data.js';
import { ProtoReader, WIRE } from './proto-reader.js';

export interface WriteRequest {
  readonly db_name: string;
  readonly collection_name: string;
  readonly partition_name: string;
  readonly fields: readonly FieldData[];
  readonly rows: number;
  /** Hybrid timestamp of the schema that the client knows; 0 if it says nothing. */
  readonly schemaTimestamp: bigint;
  readonly partialUpdate: boolean;
  /** By field: what an upsert does to arrays; 0 replaces, 1 appends, 2 removes. */
  readonly fieldOps: ReadonlyMap<string, number>;
  readonly namespace: string;
}

const ROWS_MAX = 0x7fff_ffff;
/** More than a collection has, so that what is wrong with them is said by name. */
const FIELDS_MAX = 1024;

export function readInsertRequest(bytes: Buffer): WriteRequest {
  return readWrite(new ProtoReader(bytes, 'InsertRequest'), false);
}

export function readUpsertRequest(bytes: Buffer): WriteRequest {
  return readWrite(new ProtoReader(bytes, 'UpsertRequest'), true);
}

function readWrite(reader: ProtoReader, isUpsert: boolean): WriteRequest {
  const texts: [string, string, string] = ['', '', ''];
  const fields: FieldData[] = [];
  const fieldOps = new Map<string, number>();
  let rows = 0;
  let schemaTimestamp = 0n;
  let partialUpdate = false;
  let namespace = '';
  const namespaceField = isUpsert ? 10 : 9;
  while (reader.next()) {
    const { field } = reader;
    if (field >= 2 && field <= 4) {
      reader.expect(WIRE.bytes);
      texts[field - 2] = reader.text();
    } else if (field === 5) {
      reader.expect(WIRE.bytes);
      reader.atMost(FIELDS_MAX, fields.push(readFieldData(reader.message('FieldData'))));
    } else if (field === 7) {
      reader.expect(WIRE.varint);
      rows = reader.uint32();
      if (rows > ROWS_MAX) reader.fail(`num_rows: expected at most ${ROWS_MAX}, found ${rows}`);
    } else if (field === 8) {
      reader.expect(WIRE.varint);
      schemaTimestamp = reader.uint64();
    } else if (field === 9 && isUpsert) {
      reader.expect(WIRE.varint);
      partialUpdate = reader.bool();
    } else if (field === namespaceField) {
      reader.expect(WIRE.bytes);
      namespace = reader.text();
    } else if (field === 11 && isUpsert) {
      reader.expect(WIRE.bytes);
      readFieldOp(reader.message('FieldPartialUpdateOp'), fieldOps);
      reader.atMost(FIELDS_MAX, fieldOps.size);
    } else reader.skip();
  }
  const [db_name, collection_name, partition_name] = texts;
  return { db_name, collection_name, partition_name, fields, rows, schemaTimestamp, partialUpdate, fieldOps, namespace };
}

function readFieldOp(reader: ProtoReader, to: Map<string, number>): void {
  let name = '';
  let op = 0;
  while (reader.next()) {
    if (reader.field === 1) {
      reader.expect(WIRE.bytes);
      name = reader.text();
    } else if (reader.field === 2) {
      reader.expect(WIRE.varint);
      op = reader.uint32();
    } else reader.skip();
  }
  to.set(name, op);
}
