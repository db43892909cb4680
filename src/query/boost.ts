// Boost: scores multiplied, or added to, where a filter holds, by Milvus' Boost Ranker and its parameters. The score keeps
// the sense of its metric: to promote rows under L2, the weight is below 1.

import { require } from '../model/errors.js';
import type { FilterInput, FilterParams } from '../model/filter-object.js';
import type { PrimaryKey } from '../model/row.js';
import type { Schema } from '../model/schema.js';
import { parsePath, type FieldPath, type PathValue } from './field-path.js';

export interface BoostFunction {
  /** Any finite number. */
  readonly weight: number;
  /** Only rows for which this holds. */
  readonly filter?: FilterInput;
  /** Values of the `{name}` in the filter. */
  readonly filterParams?: FilterParams;
  /** Multiplies the weight by a number in [0, 1) that `seed` and the value of `field`, or the primary key, decide. */
  readonly randomScore?: { readonly seed?: number; readonly field?: string };
}

/**
 * One boost, or several: `functionMode` says how the weights of those that a row matches become one, `boostMode` how that
 * changes the score. Both 'multiply' by default.
 */
export type BoostRerank = { readonly kind: 'boost' } & (BoostFunction | { readonly functions: readonly BoostFunction[]; readonly boostMode?: BoostMode; readonly functionMode?: BoostMode });
export type BoostMode = 'multiply' | 'sum';

/** A boost but for its filter, checked. */
export interface Boost {
  readonly weight: number;
  readonly filter: FilterInput | undefined;
  readonly filterParams: FilterParams | undefined;
  readonly random: { readonly seed: number; readonly path: FieldPath | undefined } | undefined;
}

export interface Boosts {
  readonly functions: readonly Boost[];
  readonly boostMode: BoostMode;
  readonly functionMode: BoostMode;
}

const FUNCTIONS_MAX = 64;

/** Errors: `InvalidArgument`. */
export function checkBoosts(given: BoostRerank, schema: Schema): Boosts {
  if (!('functions' in given)) return { functions: [checkBoost(given, schema)], boostMode: 'multiply', functionMode: 'multiply' };
  const { functions, boostMode = 'multiply', functionMode = 'multiply' } = given;
  require(Array.isArray(functions) && functions.length > 0 && functions.length <= FUNCTIONS_MAX, () => `rerank.functions: expected 1 to ${FUNCTIONS_MAX} boosts`);
  for (const mode of [boostMode, functionMode]) require(mode === 'multiply' || mode === 'sum', () => `rerank: boostMode and functionMode: expected 'multiply' or 'sum', found ${JSON.stringify(mode)}`);
  return { functions: functions.map((boost) => checkBoost(boost, schema)), boostMode, functionMode };
}

function checkBoost(given: BoostFunction, schema: Schema): Boost {
  require(typeof given === 'object' && given !== null, () => 'rerank: expected a boost with weight');
  const { weight, filter, filterParams, randomScore } = given;
  require(typeof weight === 'number' && Number.isFinite(weight), () => `rerank: weight: expected a finite number, found ${String(weight)}`);
  if (randomScore === undefined) return { weight, filter, filterParams, random: undefined };
  require(typeof randomScore === 'object' && randomScore !== null, () => 'rerank.randomScore: expected { seed, field }');
  const { seed = 0, field } = randomScore;
  require(Number.isSafeInteger(seed), () => `rerank.randomScore.seed: expected an integer, found ${String(seed)}`);
  return { weight, filter, filterParams, random: { seed, path: field === undefined ? undefined : parsePath(field, schema, 'rerank.randomScore.field') } };
}

/** The weight of a boost for a row, `value` being what its random score goes by. */
export function weightOf({ weight, random }: Boost, value: PathValue | PrimaryKey): number {
  return random === undefined ? weight : weight * randomScore(random.seed, value);
}

/** The score of a row that matches boosts of these weights. */
export function boostedScore(score: number, weights: readonly number[], { boostMode, functionMode }: Boosts): number {
  if (weights.length === 0) return score;
  const weight = weights.reduce((a, b) => (functionMode === 'sum' ? a + b : a * b));
  return boostMode === 'sum' ? score + weight : score * weight;
}

/** In [0, 1): the same for the same seed and value in every runtime (FNV-1a, finished as in MurmurHash3). */
export function randomScore(seed: number, value: PathValue | PrimaryKey): number {
  let hash = 0x811c9dc5;
  for (const unit of `${seed}:${typeof value === 'string' ? 's' : 'n'}${String(value)}`) hash = Math.imul(hash ^ (unit.codePointAt(0) as number), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 4_294_967_296;
}
