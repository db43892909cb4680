// Partitions as JSON: how a manifest carries the names and numbers of a collection's partitions.

import { requireIntact } from '../model/errors.js';
import { LIMITS } from '../model/limits.js';
import type { Partition } from '../model/partition.js';
import { arrayAt, integerAt, nameAt, objectAt } from './checks.js';
import type { JsonObject } from './envelope.js';

export interface Partitions {
  /** In order of their making; the default one, or those of a partition key, among them. */
  readonly list: readonly Partition[];
  /** The number of the next one to be made. */
  readonly next: number;
}

export const PARTITION_NUMBER_MAX = 0x7fff_ffff;

export function partitionsJson({ list, next }: Partitions): JsonObject {
  return { list: list.map(({ name, number, createdMs }) => ({ name, number, createdMs })), next };
}

/** Undefined if there are none. Errors: `Corrupt`, naming `where`. */
export function decodePartitions(value: unknown, where: string): Partitions | undefined {
  if (value === undefined) return undefined;
  const object = objectAt(value, where, 'partitions');
  const next = integerAt(object['next'], 1, PARTITION_NUMBER_MAX, where, 'partitions.next');
  const given = arrayAt(object['list'], LIMITS.partitionsMax, where, 'partitions.list');
  const list = given.map((one, i): Partition => {
    const place = `partitions.list[${i}]`;
    const entry = objectAt(one, where, place);
    const createdMs = entry['createdMs'] === undefined ? {} : { createdMs: integerAt(entry['createdMs'], 0, Number.MAX_SAFE_INTEGER, where, `${place}.createdMs`) };
    return { name: nameAt(entry['name'], where, `${place}.name`), number: integerAt(entry['number'], 0, next - 1, where, `${place}.number`), ...createdMs };
  });
  for (const member of ['name', 'number'] as const) requireIntact(new Set(list.map((one) => one[member])).size === list.length, where, `partitions: duplicate ${member}`);
  return { list, next };
}
