// Answers: SearchResults, QueryResults and MutationResult of `milvus.proto.milvus`, each written into one buffer; a long one in turns
// with others.

import type { PrimaryKey } from '../../../model/row.js';
import { DATA_TYPES } from '../../../model/field.js';
import type { ResultColumn } from '../../milvus/result-columns.js';
import { nextTurn } from '../../slices.js';
import { fieldDataSteps, writeFieldData } from './field-data-writer.js';
import { writeIds } from './ids.js';
import { ProtoWriter } from './proto-writer.js';
import { writeSuccess } from './status.js';

export interface SearchAnswer {
  readonly collectionName: string;
  /** Most hits that a query could have. */
  readonly topK: number;
  /** Hits of each query; all else is of all queries' hits, one after the other. */
  readonly topks: readonly number[];
  readonly scores: Float32Array;
  readonly ids: readonly PrimaryKey[];
  readonly columns: readonly ResultColumn[];
  readonly outputFields: readonly string[];
  readonly primaryFieldName: string;
  /** Of a grouped search: the value of each hit. */
  readonly group?: ResultColumn | undefined;
  /** Of each query: the share of the nearest rows to expect. */
  readonly recalls: Float32Array;
  readonly iterator?: { readonly token: string; readonly lastBound: number } | undefined;
  /** Of each text field, fragments of each hit. */
  readonly highlights?: ReadonlyMap<string, readonly (readonly string[])[]> | undefined;
  /** Hybrid timestamp of what was searched. */
  readonly sessionTs: bigint;
  /** Rows that were live in the collection. */
  readonly allSearchCount: number;
}

export interface QueryAnswer {
  readonly collectionName: string;
  readonly columns: readonly ResultColumn[];
  readonly outputFields: readonly string[];
  readonly primaryFieldName: string;
  readonly sessionTs: bigint;
}

export interface MutationAnswer {
  readonly ids: readonly PrimaryKey[];
  /** Rows that were taken, by their place in the request: all from 0 to this. */
  readonly succeeded: number;
  readonly inserted: number;
  readonly deleted: number;
  readonly upserted: number;
  /** Hybrid timestamp at which it is visible. */
  readonly timestamp: bigint;
}

const ROW_BYTES = 32;
const FIELD_BYTES = 64;

/** Shorter answers are written at once. */
const SHORT_BYTES = 1024 * 1024;

export function encodeSearchAnswer(answer: SearchAnswer): Buffer | Promise<Buffer> {
  const sizeBytes = sizeOf(answer.columns, answer.ids.length);
  const writer = new ProtoWriter(sizeBytes);
  return written(writer, sizeBytes, searchSteps(writer, answer));
}

function written(writer: ProtoWriter, sizeBytes: number, steps: Iterable<void>): Buffer | Promise<Buffer> {
  if (sizeBytes > SHORT_BYTES) return writtenInTurns(writer, steps);
  for (const _ of steps);
  return writer.finish();
}

async function writtenInTurns(writer: ProtoWriter, steps: Iterable<void>): Promise<Buffer> {
  await nextTurn();
  for (const _ of steps) await nextTurn();
  return writer.finish();
}

function* searchSteps(writer: ProtoWriter, answer: SearchAnswer): Generator<void, void> {
  writer.int64(4, answer.sessionTs);
  writer.text(3, answer.collectionName);
  const before = writer.size;
  yield* resultDataSteps(writer, answer);
  writer.enclose(2, before);
  writeSuccess(writer, 1);
}

function* resultDataSteps(writer: ProtoWriter, answer: SearchAnswer): Generator<void, void> {
  const { group, highlights, iterator } = answer;
  if (group !== undefined) writeFieldData(writer, 17, group);
  if (highlights !== undefined) for (const [name, fragments] of [...highlights].reverse()) writeHighlights(writer, name, fragments);
  writer.text(13, answer.primaryFieldName);
  writeFloats(writer, 12, answer.recalls);
  if (iterator !== undefined) {
    const start = writer.size;
    writer.float(2, iterator.lastBound);
    writer.text(1, iterator.token);
    writer.enclose(11, start);
  }
  writer.unsigned(9, answer.allSearchCount);
  if (group !== undefined) writeFieldData(writer, 8, group);
  for (let at = answer.outputFields.length - 1; at >= 0; at--) writer.text(7, answer.outputFields[at] as string);
  writeNumbers(writer, 6, answer.topks);
  writeIds(writer, 5, answer.ids);
  writeFloats(writer, 4, answer.scores);
  yield* columnSteps(writer, 3, answer.columns);
  writer.unsigned(2, answer.topK);
  writer.unsigned(1, answer.topks.length);
}

function* columnSteps(writer: ProtoWriter, field: number, columns: readonly ResultColumn[]): Generator<void, void> {
  for (let at = columns.length - 1; at >= 0; at--) {
    yield* fieldDataSteps(writer, field, columns[at] as ResultColumn);
    yield;
  }
}

export function encodeQueryAnswer(answer: QueryAnswer): Buffer | Promise<Buffer> {
  const sizeBytes = sizeOf(answer.columns, answer.columns[0]?.values.length ?? 0);
  const writer = new ProtoWriter(sizeBytes);
  return written(writer, sizeBytes, querySteps(writer, answer));
}

function* querySteps(writer: ProtoWriter, answer: QueryAnswer): Generator<void, void> {
  const { columns, outputFields, primaryFieldName } = answer;
  writer.text(6, primaryFieldName);
  writer.int64(5, answer.sessionTs);
  for (let at = outputFields.length - 1; at >= 0; at--) writer.text(4, outputFields[at] as string);
  writer.text(3, answer.collectionName);
  yield* columnSteps(writer, 2, columns);
  writeSuccess(writer, 1);
}

export function encodeMutationAnswer({ ids, succeeded, inserted, deleted, upserted, timestamp }: MutationAnswer): Buffer {
  const writer = new ProtoWriter((ids.length + succeeded) * 8);
  writer.int64(9, timestamp);
  writer.unsigned(8, upserted);
  writer.unsigned(7, deleted);
  writer.unsigned(6, inserted);
  writer.bool(5, true);
  if (succeeded > 0) {
    const before = writer.size;
    for (let at = succeeded - 1; at >= 0; at--) writer.int32Value(at);
    writer.enclose(3, before);
  }
  writeIds(writer, 2, ids);
  writeSuccess(writer, 1);
  return writer.finish();
}

function writeHighlights(writer: ProtoWriter, name: string, fragments: readonly (readonly string[])[]): void {
  const before = writer.size;
  for (let hit = fragments.length - 1; hit >= 0; hit--) {
    const of = fragments[hit] as readonly string[];
    const start = writer.size;
    for (let at = of.length - 1; at >= 0; at--) writer.text(1, of[at] as string);
    writer.enclose(2, start);
  }
  writer.text(1, name);
  writer.enclose(14, before);
}

function writeFloats(writer: ProtoWriter, field: number, values: Float32Array): void {
  if (values.length > 0) writer.bytes(field, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

function writeNumbers(writer: ProtoWriter, field: number, values: readonly number[]): void {
  const before = writer.size;
  for (let at = values.length - 1; at >= 0; at--) writer.int32Value(values[at] as number);
  writer.enclose(field, before);
}

// Of vectors it is exact; of all else a guess, as the writer grows.
function sizeOf(columns: readonly ResultColumn[], rows: number): number {
  const perRow = columns.reduce((sum, { type, dim = 0 }) => sum + (DATA_TYPES[type] === DATA_TYPES.BinaryVector ? dim / 8 : dim * 4) + ROW_BYTES, ROW_BYTES);
  return rows * perRow + (columns.length + 4) * FIELD_BYTES;
}
