// Query: rows that match, in the order asked for, or what they come to when they are counted and added up. Of rows no more
// are held than the answer and what lies before its offset; of groups, one tally each.

import { bitsetOf, type Bitset } from '../../model/bitset.js';
import { ElanusError, require } from '../../model/errors.js';
import { LIMITS } from '../../model/limits.js';
import type { FieldValue, PrimaryKey, Row } from '../../model/row.js';
import { primaryField, type Schema } from '../../model/schema.js';
import type { Predicates } from '../../ports/core.js';
import { addTo, isAggregate, newTally, parseAggregate, resultOf, shownResult, type Aggregate, type Tally } from '../../query/aggregate.js';
import type { CheckedFilter } from '../../query/check.js';
import { keyOfValues, parsePath, pathReader, shownValue, type FieldPath, type PathValue } from '../../query/field-path.js';
import { checkOrder, compareByKeys, orderParts, parseOrder, type OrderKey } from '../../query/order.js';
import { compareKeys } from '../../model/text-order.js';
import { TopList } from '../../query/top-list.js';
import type { QueryOptions } from '../api.js';
import { eachInTurns, lookedInTurn } from './each-in-turns.js';
import { fetchHeld, type RowPlace } from './fetch.js';
import { keyOf, planOutput } from './output.js';
import { compileFiltered, type Filtered } from '../collection/scope.js';
import { checkWindow } from '../search/search-plan.js';
import type { Segment } from '../table/segment.js';
import { visitSegments, type Reader } from './visit.js';

interface Found extends RowPlace {
  readonly key: PrimaryKey;
  /** Of the order's fields. */
  readonly values: readonly PathValue[];
}

/** Rows that match, in order of `orderBy` and then of their primary key; or one for each group. */
export async function queryRows(reader: Reader, schema: Schema, options: QueryOptions & Filtered, predicates: Predicates): Promise<readonly Row[]> {
  const { offset = 0, limit = Math.max(1, LIMITS.topKMax - offset), outputFields = ['*'], orderBy = [], aggregate, groupBy } = options;
  checkWindow(limit, offset);
  const checked = compileFiltered(options, schema);
  if (aggregate !== undefined || groupBy !== undefined || (Array.isArray(outputFields) && outputFields.some(isAggregate))) {
    return queryGroups(reader, schema, options, checked, predicates);
  }
  const output = planOutput(schema, outputFields, true);
  const keys = parseOrder(orderBy, schema);
  const top = new TopList<Found>(offset + limit, (a, b) => compareByKeys(keys, a.values, b.values) || compareKeys(a.key, b.key));
  const pause = (): Promise<void> => reader.environment.ambient.pause();
  const count = lookedInTurn(keys.map(({ path }) => path));
  const look = (segment: Segment, rows: Bitset | undefined): Promise<void> => {
    const columns = segment.columns.snapshot();
    const readers = keys.map(({ path }) => pathReader(columns, path));
    return eachInTurns(rowsOf(segment, rows), count, pause, (row) => top.offer({ segment, row, key: keyOf(segment, row, schema), values: readers.map((read) => read(row)) }));
  };
  const columns = [primaryField(schema).name, ...keys.map(({ path }) => path.column)];
  return visitSegments(reader, { columns, filter: checked, predicates }, look, async () => fetchHeld(reader, (await top.sorted(pause)).slice(offset), output));
}

/** Rows of a segment: those of `bits`, or all. */
function rowsOf({ rows }: Segment, bits: Bitset | undefined): Bitset {
  return bits ?? bitsetOf(rows, true);
}

interface GroupPlan {
  readonly groupBy: readonly FieldPath[];
  readonly aggregates: readonly Aggregate[];
  readonly order: readonly (Omit<OrderKey, 'path'> & { readonly at: number })[];
}

interface Group {
  readonly values: readonly PathValue[];
  readonly tallies: readonly Tally[];
}

async function queryGroups(reader: Reader, schema: Schema, options: QueryOptions, filter: CheckedFilter | undefined, predicates: Predicates): Promise<readonly Row[]> {
  const { offset = 0, limit = Math.max(1, LIMITS.topKMax - offset) } = options;
  const plan = planGroups(schema, options);
  const groups = new Map<string, Group>();
  if (plan.groupBy.length === 0) groups.set(keyOfValues([]), { values: [], tallies: plan.aggregates.map(newTally) });
  const pause = (): Promise<void> => reader.environment.ambient.pause();
  const look = (segment: Segment, rows: Bitset | undefined): Promise<void> => tallySegment(segment, rows, plan, groups, pause);
  const columns = [...plan.groupBy.map(({ column }) => column), ...plan.aggregates.flatMap(({ path }) => path?.column ?? [])];
  return visitSegments(reader, { columns, filter, predicates }, look, () => rowsOfGroups([...groups.values()], plan, offset, limit));
}

function tallySegment(segment: Segment, bits: Bitset | undefined, { groupBy, aggregates }: GroupPlan, groups: Map<string, Group>, pause: () => Promise<void>): Promise<void> {
  const columns = segment.columns.snapshot();
  const by = groupBy.map((path) => pathReader(columns, path));
  const readers = aggregates.map(({ path }) => (path === undefined ? () => true : pathReader(columns, path)));
  const count = lookedInTurn([...groupBy, ...aggregates.flatMap(({ path }) => path ?? [])]);
  return eachInTurns(rowsOf(segment, bits), count, pause, (row) => {
    const values = by.map((read) => read(row));
    const key = keyOfValues(values);
    let group = groups.get(key);
    if (group === undefined) {
      if (groups.size === LIMITS.groupsMax) throw new ElanusError('InvalidArgument', `groupBy: more than ${LIMITS.groupsMax} groups: filter them, or group by fewer fields`);
      group = { values, tallies: aggregates.map(newTally) };
      groups.set(key, group);
    }
    for (let at = 0; at < aggregates.length; at++) addTo(group.tallies[at] as Tally, aggregates[at] as Aggregate, (readers[at] as (row: number) => PathValue)(row));
  });
}

function rowsOfGroups(groups: readonly Group[], { groupBy, aggregates, order }: GroupPlan, offset: number, limit: number): readonly Row[] {
  const rows = groups.map(({ values, tallies }) => [...values, ...tallies.map((tally, at) => resultOf(tally, aggregates[at] as Aggregate))]);
  const byGroup = groupBy.map((_, at) => ({ at, desc: false, nullsFirst: false }));
  const keys = [...order, ...byGroup];
  const sorted = rows.map((row) => ({ row, by: keys.map(({ at }) => row[at] as PathValue) })).sort((a, b) => compareByKeys(keys, a.by, b.by));
  return sorted.slice(offset, offset + limit).map(({ row }) => {
    const result: Record<string, FieldValue> = {};
    const put = (name: string, value: FieldValue): void => void Object.defineProperty(result, name, { value, enumerable: true, configurable: true, writable: true });
    groupBy.forEach((path, at) => put(path.name, shownValue(path, row[at] as PathValue)));
    aggregates.forEach((aggregate, at) => put(aggregate.name, shownResult(aggregate, row[groupBy.length + at] as PathValue)));
    return result;
  });
}

function planGroups(schema: Schema, { aggregate = [], groupBy = [], outputFields = [], orderBy = [] }: QueryOptions): GroupPlan {
  require(Array.isArray(groupBy) && groupBy.length <= LIMITS.groupFieldsMax, () => `groupBy: expected an array of up to ${LIMITS.groupFieldsMax} fields`);
  require(Array.isArray(aggregate), () => 'aggregate: expected an array of aggregates, such as ["count(*)"]');
  require(Array.isArray(outputFields), () => 'outputFields: expected an array of field names');
  const paths = groupBy.map((field, at) => parsePath(field, schema, `groupBy[${at}]`));
  const stray = outputFields.find((name) => !isAggregate(name) && name !== '*' && !groupBy.includes(name));
  require(stray === undefined, () => `outputFields: ${JSON.stringify(stray)} is neither an aggregate nor one of groupBy`);
  const names = new Set<string>([...aggregate, ...outputFields.filter(isAggregate)]);
  const aggregates = [...names].map((text) => parseAggregate(text, schema));
  require(aggregates.length <= LIMITS.aggregatesMax, () => `aggregate: at most ${LIMITS.aggregatesMax}, found ${aggregates.length}`);
  require(aggregates.length > 0 || paths.length > 0, () => 'aggregate: expected at least one, or a groupBy');
  const columns = [...paths, ...aggregates].map(({ name }) => name);
  const order = orderParts(orderBy).map((part, at) => {
    const { field, ...rest } = checkOrder(part, at);
    const column = columns.indexOf(field as string);
    require(column >= 0, () => `orderBy[${at}].field: expected one of ${columns.join(', ')}, found ${JSON.stringify(field)}`);
    return { at: column, ...rest };
  });
  return { groupBy: paths, aggregates, order };
}
