// RowScope: some rows of a collection: those of partitions, those that a filter lets through, or those of both.

import { require } from './errors.js';
import { LIMITS } from './limits.js';
import { checkName } from './name.js';

export interface RowScope {
  /** Names. Absent: rows of any. */
  readonly partitions?: readonly string[];
  /** Of the filter language, as text. Absent: any row. */
  readonly filter?: string;
  /** What `{user}` in the filter stands for. */
  readonly user?: string;
}

/** Rows that are in one of these at least. */
export type AnyScope = readonly RowScope[];

/** Rows that are in all of these; every row if it is empty. */
export type RowRule = readonly AnyScope[];

export const EVERY_ROW: RowRule = [];

/** Rows that somebody may write, and those that he may delete. */
export interface WritableRows {
  readonly written: RowRule;
  readonly deleted: RowRule;
}

export const ALL_WRITABLE: WritableRows = { written: EVERY_ROW, deleted: EVERY_ROW };
export const SCOPE_FILTER_LENGTH_MAX = 4096;
/** In a filter that stands for who reads. */
export const USER_PARAMETER = '{user}';

/** Undefined if it is of every row. Errors: `InvalidArgument`. */
export function checkScope(partitions: unknown, filter: unknown): RowScope | undefined {
  if (partitions !== undefined) {
    require(Array.isArray(partitions) && partitions.length >= 1 && partitions.length <= LIMITS.partitionsMax, () => `partitions: expected 1 to ${LIMITS.partitionsMax} names`);
    for (const name of partitions as readonly unknown[]) checkName('partition name', name);
  }
  require(filter === undefined || (typeof filter === 'string' && filter.trim() !== '' && filter.length <= SCOPE_FILTER_LENGTH_MAX), () => `filter: expected a text of 1 to ${SCOPE_FILTER_LENGTH_MAX} characters`);
  if (partitions === undefined && filter === undefined) return undefined;
  const names = partitions === undefined ? {} : { partitions: [...new Set(partitions as readonly string[])].sort() };
  return { ...names, ...(filter === undefined ? {} : { filter: (filter as string).trim() }) };
}

/** Rows that `asked` has, if it is given, and that `granted`, if that is, lets through. */
export function ruleOf(asked: RowScope | undefined, granted: AnyScope | undefined): RowRule {
  const clauses = [...(asked === undefined ? [] : [[asked]]), ...(granted === undefined ? [] : [granted])];
  return clauses.filter((clause) => !clause.some(isEveryRow));
}

function isEveryRow({ partitions, filter }: RowScope): boolean {
  return partitions === undefined && filter === undefined;
}
