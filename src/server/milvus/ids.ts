// Ids: the numbers by which Milvus' clients know collections, partitions, indexes, segments and databases. They are made of
// what is stored, so that they are the same after a restart, positive, and told as decimal text.

import { DEFAULT_DATABASE } from '../../format/catalog.js';

/** Milvus numbers the fields of a user from 100; fields are never taken away, so that a place is a number for ever. */
const FIELD_ID_FIRST = 100;
const DEFAULT_DATABASE_ID = '1';
/** Bits of the number of a part, and behind them of its kind: a part's id is that of its collection with these changed. */
const NUMBER_BITS = 36n;
const KINDS = { partition: 1n, index: 2n, segment: 3n } as const;

/** Of a collection, from its 16 hexadecimal digits. */
export function collectionId(id: string): string {
  return numberOf(id).toString();
}

export function partitionId(collection: string, number: number): string {
  return partOf(collection, 'partition', number);
}

/** Of the index of a field, by the field's place. */
export function indexId(collection: string, field: number): string {
  return partOf(collection, 'index', field);
}

/** 0 is what still grows. */
export function segmentId(collection: string, number: number): string {
  return partOf(collection, 'segment', number);
}

/** By the place of a field in the schema. */
export function fieldId(place: number): number {
  return FIELD_ID_FIRST + place;
}

/** Of a database by its name: 64 bits of FNV-1a without the sign. */
export function databaseId(name: string): string {
  if (name === DEFAULT_DATABASE) return DEFAULT_DATABASE_ID;
  let hash = 0xcbf2_9ce4_8422_2325n;
  for (const byte of new TextEncoder().encode(name)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100_0000_01b3n);
  return (hash >> 1n).toString();
}

function partOf(collection: string, kind: keyof typeof KINDS, number: number): string {
  return (numberOf(collection) ^ ((KINDS[kind] << NUMBER_BITS) | BigInt(number))).toString();
}

function numberOf(id: string): bigint {
  return BigInt(`0x${id}`) >> 1n;
}
