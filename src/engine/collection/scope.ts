// Scope: which rows a read may see beside its filter: those of the partitions that it names, and those that have not
// expired. It is a filter over columns that no user names.

import { PARTITION_FIELD, TIME_FIELD_NAME } from '../../model/hidden-field.js';
import type { FilterInput, FilterParams } from '../../model/filter-object.js';
import type { Schema } from '../../model/schema.js';
import { compileOptional, type CheckedFilter } from '../../query/check.js';
import type { CollectionState } from './collection-state.js';
import { hasPartitionColumn, numbersAsked } from './partitions.js';
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

/** `request` with the scope that it has in a collection. Errors: `NotFound`, `InvalidArgument`. */
export function scoped<R extends { readonly partitionNames?: readonly string[] | undefined }>(state: CollectionState, request: R): R & Filtered {
  const within = [...partitionScope(state, request.partitionNames), ...lifeScope(state)];
  return { ...request, within };
}

function partitionScope({ manifests }: CollectionState, names: readonly string[] | undefined): readonly CheckedFilter[] {
  const { manifest } = manifests;
  const numbers = numbersAsked(manifest, names);
  if (numbers === undefined || !hasPartitionColumn(manifest.schema)) return [];
  const [only] = numbers;
  return [numbers.length === 1 && only !== undefined ? { kind: 'compare', field: PARTITION_FIELD.name, op: 'eq', value: only } : { kind: 'inSet', field: PARTITION_FIELD.name, values: numbers }];
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
