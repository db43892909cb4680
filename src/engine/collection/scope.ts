// Scope: which rows a read may see beside its filter: those of the partitions that it names, or
// that are loaded, and those that have not expired. It is a filter over columns that no user names.

import { ElanusError } from '../../model/errors.js';
import { PARTITION_FIELD, TIME_FIELD_NAME } from '../../model/hidden-field.js';
import type { FilterInput, FilterParams } from '../../model/filter-object.js';
import { MILVUS } from '../../model/milvus-code.js';
import type { Schema } from '../../model/schema.js';
import { compileOptional, type CheckedFilter } from '../../query/check.js';
import type { CollectionState } from './collection-state.js';
import { hasPartitionColumn, numbersAsked, partitionsOf } from './partitions.js';
import { timeToLive } from './time-to-live.js';

/** What a caller filters by, within what it may see. */
export interface Filtered {
  readonly filter?: FilterInput | undefined;
  readonly filterParams?: FilterParams | undefined;
  /** Conditions that its rows hold besides; given by the collection alone. */
  readonly within?: readonly CheckedFilter[];
}

/** Undefined if every row passes. Errors: `InvalidFilter` with the position, `InvalidArgument`. */
export function compileFiltered({ filter, filterParams, within = [] }: Filtered, schema: Schema): CheckedFilter | undefined {
  const checked = compileOptional(filter, schema, filterParams);
  if (within.length === 0) return checked;
  const operands = checked === undefined ? within : [...within, checked];
  return operands.length === 1 ? operands[0] : { kind: 'and', operands };
}

interface InPartitions {
  readonly partitionNames?: readonly string[] | undefined;
}

/** `request` with the scope that a read has in a collection. Errors: `NotFound`, `InvalidArgument`. */
export function scoped<R extends InPartitions>(state: CollectionState, request: R): R & Filtered {
  const { partitionNames } = request;
  requirePartitionsLoaded(state, partitionNames);
  const asked = partitionScope(state, partitionNames);
  return { ...request, within: [...(asked.length === 0 ? loadedScope(state) : asked), ...lifeScope(state)] };
}

/** The same of what looks at partitions that are released, too. */
export function scopedWhole<R extends InPartitions>(state: CollectionState, request: R): R & Filtered {
  return { ...request, within: [...partitionScope(state, request.partitionNames), ...lifeScope(state)] };
}

/** Holds of rows of the partitions that are loaded. */
export function loadedScope({ manifests, released }: CollectionState): readonly CheckedFilter[] {
  const { manifest } = manifests;
  if (released.size === 0 || !hasPartitionColumn(manifest.schema)) return [];
  const numbers = partitionsOf(manifest).list.map(({ number }) => number);
  return [partitionIn(numbers.filter((number) => !released.has(number)))];
}

function requirePartitionsLoaded({ manifests, released }: CollectionState, names: readonly string[] | undefined): void {
  if (released.size === 0) return;
  const number = numbersAsked(manifests.manifest, names)?.find((asked) => released.has(asked));
  if (number === undefined) return;
  const name = partitionsOf(manifests.manifest).list.find((partition) => partition.number === number)?.name;
  throw new ElanusError('InvalidArgument', `partition not loaded[partition=${String(name)}]`, { milvusCode: MILVUS.partitionNotLoaded });
}

function partitionScope({ manifests }: CollectionState, names: readonly string[] | undefined): readonly CheckedFilter[] {
  const { manifest } = manifests;
  const numbers = numbersAsked(manifest, names);
  return numbers === undefined || !hasPartitionColumn(manifest.schema) ? [] : [partitionIn(numbers)];
}

function partitionIn(numbers: readonly number[]): CheckedFilter {
  const [only] = numbers;
  return numbers.length === 1 && only !== undefined ? { kind: 'compare', field: PARTITION_FIELD.name, op: 'eq', value: only } : { kind: 'inSet', field: PARTITION_FIELD.name, values: numbers };
}

/** Holds of rows that have not expired by now. */
export function lifeScope({ manifests, environment }: CollectionState): readonly CheckedFilter[] {
  const { seconds, field } = timeToLive(manifests.manifest);
  if (seconds === undefined && field === undefined) return [];
  const nowMicros = BigInt(Math.floor(environment.ambient.nowMs())) * 1000n;
  const young: readonly CheckedFilter[] = seconds === undefined ? [] : [{ kind: 'compare', field: TIME_FIELD_NAME, op: 'gt', value: nowMicros - BigInt(seconds) * 1_000_000n }];
  if (field === undefined) return young;
  const forEver: CheckedFilter = { kind: 'isNull', operand: { kind: 'column', field, type: 'Timestamptz' } };
  return [...young, { kind: 'or', operands: [forEver, { kind: 'compare', field, op: 'gt', value: nowMicros }] }];
}
