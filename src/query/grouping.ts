// Grouping: hits by the value of a field. Groups are ranked by their best hit; of each no more hits are kept than asked
// for, nearest first. Null is a value like any other.

import { LIMITS } from '../model/limits.js';
import { require } from '../model/errors.js';
import type { Schema } from '../model/schema.js';
import { keyOfValues, parsePath, type FieldPath, type PathValue } from './field-path.js';
import type { Scored } from './fusion.js';
import { compareScores } from './score.js';
import { compareKeys } from '../model/text-order.js';

/** What a grouped search adds to a search. */
export interface GroupOptions {
  /** A scalar field, a dynamic key or a path into a JSON field: `limit` and `offset` then count groups of its values. */
  readonly groupByField?: string;
  /** Hits of each group at most, 1..10; default 1. */
  readonly groupSize?: number;
  /** Whether groups are as full as can be, which may take longer. Default false: of each group as many as were met on the way. */
  readonly strictGroupSize?: boolean;
}

export interface GroupBy {
  readonly path: FieldPath;
  readonly size: number;
  readonly strict: boolean;
}

export interface HitGroup<T> {
  readonly value: PathValue;
  /** Nearest first. */
  readonly hits: T[];
}

export const GROUP_SCORERS = ['max', 'sum', 'avg'] as const;
export type GroupScorer = (typeof GROUP_SCORERS)[number];

/** Undefined if nothing is grouped. Errors: `InvalidArgument`. */
export function checkGroupBy({ groupByField, groupSize, strictGroupSize }: GroupOptions, schema: Schema): GroupBy | undefined {
  if (groupByField === undefined) {
    require(groupSize === undefined && strictGroupSize === undefined, () => 'groupSize and strictGroupSize: expected a groupByField beside them');
    return undefined;
  }
  const path = parsePath(groupByField, schema, 'groupByField');
  const size = groupSize ?? 1;
  require(Number.isInteger(size) && size >= 1 && size <= LIMITS.groupSizeMax, () => `groupSize: expected 1 to ${LIMITS.groupSizeMax}, found ${String(groupSize)}`);
  require(strictGroupSize === undefined || typeof strictGroupSize === 'boolean', () => `strictGroupSize: expected true or false, found ${String(strictGroupSize)}`);
  return { path, size, strict: strictGroupSize ?? false };
}

/** Groups in the order in which they are met, each filled up to `size`. */
export class HitGroups<T> {
  readonly #size: number;
  readonly #groups = new Map<string, HitGroup<T>>();

  constructor(size: number) {
    this.#size = size;
  }

  get count(): number {
    return this.#groups.size;
  }

  /** `hits` of one value are added nearest first. */
  add(value: PathValue, hit: T): void {
    const key = keyOfValues([value]);
    const group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, { value, hits: [hit] });
    else if (group.hits.length < this.#size) group.hits.push(hit);
  }

  has(value: PathValue): boolean {
    return this.#groups.has(keyOfValues([value]));
  }

  /** Whether a further hit of that value would add nothing; `strict`: only if its group is full. */
  isSettled(value: PathValue, strict: boolean): boolean {
    const group = this.#groups.get(keyOfValues([value]));
    return group !== undefined && (!strict || group.hits.length === this.#size);
  }

  /** How many of the first `count` groups are full. */
  fullOf(count: number): number {
    return this.all().slice(0, count).filter(({ hits }) => hits.length === this.#size).length;
  }

  all(): readonly HitGroup<T>[] {
    return [...this.#groups.values()];
  }
}

/**
 * Fused hits in groups, as Milvus ranks them: by the `scorer` of their hits' scores, then the larger group, then that whose
 * first hit has the lower key.
 */
export function groupFused<T extends Scored>(hits: readonly T[], valueOf: (hit: T) => PathValue, size: number, scorer: GroupScorer, ascending: boolean): readonly HitGroup<T>[] {
  const groups = new HitGroups<T>(size);
  for (const hit of hits) groups.add(valueOf(hit), hit);
  const scored = groups.all().map((group) => ({ group, score: groupScore(group.hits, scorer) }));
  scored.sort((a, b) => compareScores(a.score, b.score, ascending) || b.group.hits.length - a.group.hits.length || compareKeys((a.group.hits[0] as T).key, (b.group.hits[0] as T).key));
  return scored.map(({ group }) => group);
}

function groupScore(hits: readonly Scored[], scorer: GroupScorer): number {
  if (scorer === 'max') return (hits[0] as Scored).score;
  const sum = hits.reduce((total, { score }) => total + score, 0);
  return scorer === 'sum' ? sum : sum / hits.length;
}
