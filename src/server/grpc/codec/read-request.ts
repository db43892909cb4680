// SearchRequest, HybridSearchRequest, QueryRequest and DeleteRequest: what is looked for. `milvus.proto.milvus`.

import { LIMITS } from '../../../model/limits.js';
import type { FilterParam, FilterParams } from '../../../model/filter-object.js';
import type { PrimaryKey } from '../../../model/row.js';
import type { FunctionScore } from '../../milvus/function-score-message.js';
import type { KeyValues } from '../../milvus/key-values.js';
import { readFunctionScore } from './function-score.js';
import { readIds } from './ids.js';
import { readKeyValue, readSettings, type Settings } from './key-values.js';
import { ProtoReader, WIRE } from './proto-reader.js';
import { readTemplateEntry } from './template-values.js';

/** What all of them have. */
interface Named {
  readonly db_name: string;
  readonly collection_name: string;
}

/** What reads have. */
interface Read extends Named {
  readonly partitionNames: readonly string[];
  readonly outputFields: readonly string[];
  /** 0 if it says nothing. */
  readonly guaranteeTimestamp: bigint;
  readonly consistencyLevel: number;
  readonly useDefaultConsistency: boolean;
  /** Members that say something and that this server does not answer. */
  readonly beyond: readonly string[];
}

export interface SearchRequest extends Read {
  readonly expr: string;
  readonly exprValues: FilterParams;
  readonly placeholderGroup: Buffer | undefined;
  readonly ids: readonly PrimaryKey[] | undefined;
  readonly params: KeyValues;
  readonly nq: number;
  readonly functionScore: FunctionScore | undefined;
  readonly highlighter: Settings | undefined;
}

export interface HybridSearchRequest extends Read {
  readonly requests: readonly SearchRequest[];
  readonly rankParams: KeyValues;
  readonly functionScore: FunctionScore | undefined;
}

export interface QueryRequest extends Read {
  readonly expr: string;
  readonly exprValues: FilterParams;
  readonly params: KeyValues;
}

export interface DeleteRequest extends Named {
  readonly partitionName: string;
  readonly expr: string;
  readonly exprValues: FilterParams;
  readonly namespace: string;
}

/** Everything that one of them may have, as it is gathered. */
class Gathered {
  db_name = '';
  collection_name = '';
  readonly partitionNames: string[] = [];
  readonly outputFields: string[] = [];
  guaranteeTimestamp = 0n;
  consistencyLevel = 0;
  useDefaultConsistency = false;
  expr = '';
  readonly values = new Map<string, FilterParam>();
  readonly params = new Map<string, string>();
  nq = 0;
  placeholderGroup: Buffer | undefined;
  ids: readonly PrimaryKey[] | undefined;
  functionScore: FunctionScore | undefined;
  highlighter: Settings | undefined;
  readonly requests: SearchRequest[] = [];
  readonly beyond: string[] = [];
  exprValues: FilterParams = {};
}

type Member = (reader: ProtoReader, to: Gathered) => void;
type Members = { readonly [field: number]: Member };

/** Names of fields or partitions. */
const NAMES_MAX = 65_536;

const text = (set: (to: Gathered, value: string) => void): Member => (reader, to) => {
  reader.expect(WIRE.bytes);
  set(to, reader.text());
};
const name = (listOf: (to: Gathered) => string[]): Member => (reader, to) => {
  reader.expect(WIRE.bytes);
  reader.atMost(NAMES_MAX, listOf(to).push(reader.text()));
};
const number = (set: (to: Gathered, reader: ProtoReader) => void): Member => (reader, to) => {
  reader.expect(WIRE.varint);
  set(to, reader);
};
const beyond = (member: string): Member => (reader, to) => {
  reader.expect(WIRE.bytes);
  if (reader.bytes().length > 0 && !to.beyond.includes(member)) to.beyond.push(member);
};
const dbName = text((to, value) => (to.db_name = value));
const collectionName = text((to, value) => (to.collection_name = value));
const partitionName = name((to) => to.partitionNames);
const outputField = name((to) => to.outputFields);
const expr = text((to, value) => (to.expr = value));
const param: Member = (reader, to) => {
  readKeyValue(reader, to.params);
};
const template: Member = (reader, to) => {
  readTemplateEntry(reader, to.values);
};
const guarantee = number((to, reader) => (to.guaranteeTimestamp = reader.uint64()));
const level = number((to, reader) => (to.consistencyLevel = reader.uint32()));
const useDefault = number((to, reader) => (to.useDefaultConsistency = reader.bool()));
const functionScore: Member = (reader, to) => {
  reader.expect(WIRE.bytes);
  to.functionScore = readFunctionScore(reader.message('FunctionScore'));
};

const SEARCH: Members = {
  2: dbName,
  3: collectionName,
  4: partitionName,
  5: expr,
  6: (reader, to) => {
    reader.expect(WIRE.bytes);
    to.placeholderGroup = reader.bytes();
    to.ids = undefined;
  },
  8: outputField,
  9: param,
  11: guarantee,
  12: number((to, reader) => (to.nq = reader.int64Number())),
  14: level,
  15: useDefault,
  17: beyond('sub_reqs'),
  18: template,
  19: functionScore,
  20: beyond('namespace'),
  21: (reader, to) => {
    reader.expect(WIRE.bytes);
    to.highlighter = readSettings(reader.message('Highlighter'));
  },
  22: (reader, to) => {
    reader.expect(WIRE.bytes);
    to.ids = readIds(reader.message('ids'));
    to.placeholderGroup = undefined;
  },
  23: beyond('search_aggregation'),
  24: beyond('function_chains'),
};

const HYBRID: Members = {
  2: dbName,
  3: collectionName,
  4: partitionName,
  5: (reader, to) => {
    reader.expect(WIRE.bytes);
    reader.atMost(LIMITS.searchesMax, to.requests.push(gather(reader.message('SearchRequest'), SEARCH)));
  },
  6: param,
  8: guarantee,
  10: outputField,
  11: level,
  12: useDefault,
  13: functionScore,
  14: beyond('namespace'),
  15: beyond('function_chains'),
};

const QUERY: Members = { 2: dbName, 3: collectionName, 4: expr, 5: outputField, 6: partitionName, 8: guarantee, 9: param, 11: level, 12: useDefault, 13: template, 14: beyond('namespace') };

const DELETE: Members = { 2: dbName, 3: collectionName, 4: partitionName, 5: expr, 8: template, 9: beyond('namespace') };

function gather(reader: ProtoReader, members: Members): Gathered {
  const to = new Gathered();
  while (reader.next()) {
    const member = members[reader.field];
    if (member === undefined) reader.skip();
    else member(reader, to);
  }
  if (to.values.size > 0) to.exprValues = Object.fromEntries(to.values);
  return to;
}

export function readSearchRequest(bytes: Buffer): SearchRequest {
  return gather(new ProtoReader(bytes, 'SearchRequest'), SEARCH);
}

export function readHybridSearchRequest(bytes: Buffer): HybridSearchRequest {
  const { db_name, collection_name, partitionNames, outputFields, guaranteeTimestamp, consistencyLevel, useDefaultConsistency, beyond: others, requests, params, functionScore: score } = gather(new ProtoReader(bytes, 'HybridSearchRequest'), HYBRID);
  return { db_name, collection_name, partitionNames, outputFields, guaranteeTimestamp, consistencyLevel, useDefaultConsistency, beyond: others, requests, rankParams: params, functionScore: score };
}

export function readQueryRequest(bytes: Buffer): QueryRequest {
  return gather(new ProtoReader(bytes, 'QueryRequest'), QUERY);
}

export function readDeleteRequest(bytes: Buffer): DeleteRequest {
  const { db_name, collection_name, partitionNames, expr: given, exprValues, beyond: others } = gather(new ProtoReader(bytes, 'DeleteRequest'), DELETE);
  return { db_name, collection_name, partitionName: partitionNames.at(-1) ?? '', expr: given, exprValues, namespace: others[0] ?? '' };
}
