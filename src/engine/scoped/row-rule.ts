// RowRule, compiled: the filter over stored columns that holds of the rows of a rule, and what a manifest tells of
// partitions to who has only these.

import type { Manifest } from '../../format/manifest.js';
import type { Partitions } from '../../format/partitions.js';
import { PARTITION_FIELD } from '../../model/hidden-field.js';
import { DEFAULT_PARTITION } from '../../model/partition.js';
import { USER_PARAMETER, type RowRule, type RowScope } from '../../model/row-scope.js';
import { compileFilter, type CheckedFilter } from '../../query/check.js';
import { hasPartitionColumn, partitionsOf } from '../collection/partitions.js';

const EVERYTHING: CheckedFilter = { kind: 'constant', value: true };
const NOTHING: CheckedFilter = { kind: 'constant', value: false };

/** Of partitions that are not there no row passes. Errors: `InvalidFilter`, `InvalidArgument`. */
export function compileRule(rule: RowRule, manifest: Manifest): CheckedFilter {
  return joined('and', rule.map((clause) => joined('or', clause.map((scope) => compileScope(scope, manifest)), NOTHING)), EVERYTHING);
}

function compileScope({ partitions, filter, user = '' }: RowScope, manifest: Manifest): CheckedFilter {
  const operands: CheckedFilter[] = [];
  if (partitions !== undefined) operands.push(inPartitions(partitions, manifest));
  if (filter !== undefined) operands.push(compileFilter(filter, manifest.schema, filter.includes(USER_PARAMETER) ? { user } : {}));
  return joined('and', operands, EVERYTHING);
}

function inPartitions(names: readonly string[], manifest: Manifest): CheckedFilter {
  if (!hasPartitionColumn(manifest.schema)) return names.includes(DEFAULT_PARTITION.name) ? EVERYTHING : NOTHING;
  const values = partitionsOf(manifest).list.filter(({ name }) => names.includes(name)).map(({ number }) => number);
  return values.length === 0 ? NOTHING : { kind: 'inSet', field: PARTITION_FIELD.name, values };
}

function joined(kind: 'and' | 'or', operands: readonly CheckedFilter[], none: CheckedFilter): CheckedFilter {
  const [only] = operands;
  if (only === undefined) return none;
  return operands.length === 1 ? only : { kind, operands };
}

/** Less those of which no row can be of the rule, as if there had never been others. */
export function partitionsWithin(rule: RowRule, { list }: Partitions): Partitions {
  const within = list.filter(({ name }) => mayBeWithin(rule, name));
  return { list: within, next: Math.max(...within.map(({ number }) => number)) + 1 };
}

/** Whether rows of a partition of that name can be of the rule; those of the default one always, as every collection has it. */
export function mayBeWithin(rule: RowRule, partition: string): boolean {
  return partition === DEFAULT_PARTITION.name || rule.every((clause) => clause.some(({ partitions }) => partitions === undefined || partitions.includes(partition)));
}
