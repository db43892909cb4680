// Partitions: which a collection has, by its manifest, and which a call means. A collection without any has the default
// one alone, and no column that says so.

import type { Manifest } from '../../format/manifest.js';
import type { Partitions } from '../../format/partitions.js';
import { ElanusError, require } from '../../model/errors.js';
import { PARTITION_FIELD } from '../../model/hidden-field.js';
import { LIMITS } from '../../model/limits.js';
import { MILVUS } from '../../model/milvus-code.js';
import { DEFAULT_PARTITION, type Partition } from '../../model/partition.js';
import type { Schema } from '../../model/schema.js';
import { checkName } from '../../model/schema.js';

const NONE: Partitions = { list: [DEFAULT_PARTITION], next: 1 };

export function partitionsOf({ partitions = NONE }: Manifest): Partitions {
  return partitions;
}

export function hasPartitionKey({ fields }: Schema): boolean {
  return fields.some(({ partitionKey }) => partitionKey === true);
}

/** With one more; the same if it is there. Errors: `InvalidArgument`. */
export function withPartition(manifest: Manifest, name: string, nowMs: number): Partitions {
  checkName('partition name', name);
  require(!hasPartitionKey(manifest.schema), () => 'disable create partition if partition key mode is used');
  const partitions = partitionsOf(manifest);
  const { list, next } = partitions;
  if (list.some((partition) => partition.name === name)) return partitions;
  require(list.length < LIMITS.partitionsMax, () => `partition number (${list.length}) exceeds max configuration (${LIMITS.partitionsMax})`);
  return { list: [...list, { name, number: next, createdMs: Math.floor(nowMs) }], next: next + 1 };
}

/** Which one may be dropped; undefined if it is not there, as dropping twice is dropping. Errors: `InvalidArgument`. */
export function droppablePartition(manifest: Manifest, name: string): Partition | undefined {
  checkName('partition name', name);
  require(!hasPartitionKey(manifest.schema), () => 'disable drop partition if partition key mode is used');
  require(name !== DEFAULT_PARTITION.name, () => 'default partition cannot be deleted');
  return partitionsOf(manifest).list.find((partition) => partition.name === name);
}

/** The one of that name. Errors: `NotFound`, `InvalidArgument`. */
export function partitionNamed(manifest: Manifest, name: string): Partition {
  checkName('partition name', name);
  const found = partitionsOf(manifest).list.find((partition) => partition.name === name);
  if (found === undefined) throw new ElanusError('NotFound', `partition not found[partition=${name}]`, { milvusCode: MILVUS.partitionNotFound });
  return found;
}

/** The numbers that a read asks for by names; undefined if it asks for all. Errors: `NotFound`, `InvalidArgument`. */
export function numbersAsked(manifest: Manifest, names: readonly string[] | undefined): readonly number[] | undefined {
  if (names === undefined) return undefined;
  require(Array.isArray(names), () => 'partitionNames: expected an array of names');
  if (names.length === 0) return undefined;
  requireNameable(manifest);
  return [...new Set(names.map((name) => partitionNamed(manifest, name).number))];
}

/** The number that rows are written with; undefined where the partition key says so. Errors: `NotFound`, `InvalidArgument`. */
export function numberWritten(manifest: Manifest, name: string | undefined): number | undefined {
  if (name !== undefined) requireNameable(manifest);
  if (hasPartitionKey(manifest.schema)) return undefined;
  return name === undefined ? DEFAULT_PARTITION.number : partitionNamed(manifest, name).number;
}

/** Whether rows have a column that says their partition. */
export function hasPartitionColumn({ hidden = [] }: Schema): boolean {
  return hidden.some(({ name }) => name === PARTITION_FIELD.name);
}

function requireNameable({ schema }: Manifest): void {
  require(!hasPartitionKey(schema), () => 'not support manually specifying the partition names if partition key mode is used');
}
