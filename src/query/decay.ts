// Decay: scores that fall with the distance of a number or a time from an origin, by Milvus' functions and parameters:
// within `offset` of the origin a row keeps its score, `scale` further on it has `decay` of it.

import { ElanusError, require } from '../model/errors.js';
import type { DataType } from '../model/field.js';
import { timestampOf } from '../model/timestamp.js';
import type { Schema } from '../model/schema.js';
import { parsePath, type FieldPath, type PathValue } from './field-path.js';

export const DECAY_FUNCTIONS = ['gauss', 'exp', 'linear'] as const;
export type DecayFunction = (typeof DECAY_FUNCTIONS)[number];

/**
 * Multiplies scores, distances mapped to 1 - 2 atan(d) / pi before, by a factor of `max(0, |x - origin| - offset)`, here d:
 * gauss: decay ^ (d / scale)^2; exp: decay ^ (d / scale); linear: 1 - (1 - decay) d / scale, but never less than `decay`.
 * A row without a value there has the score 0.
 */
export interface DecayRerank {
  readonly kind: 'decay';
  readonly function: DecayFunction;
  /** A field of numbers or a Timestamptz, a dynamic key, or a path into a JSON field. */
  readonly field: string;
  /** Of a Timestamptz: RFC 3339 text, a Date, or microseconds since 1970. */
  readonly origin: number | bigint | string | Date;
  /** Above 0; of a Timestamptz microseconds. */
  readonly scale: number | bigint;
  /** 0 or more; default 0. */
  readonly offset?: number | bigint;
  /** Between 0 and 1; default 0.5. */
  readonly decay?: number;
  /** In a hybrid search: which score of a row that several searches found. Default 'max'. */
  readonly scoreMode?: 'max' | 'avg' | 'sum';
}

/** A decay, checked. */
export interface Decay {
  readonly path: FieldPath;
  readonly scoreMode: 'max' | 'avg' | 'sum';
  readonly function: DecayFunction;
  readonly origin: number | bigint;
  readonly scale: number;
  readonly offset: number;
  readonly decay: number;
}

const TYPES: ReadonlySet<DataType> = new Set<DataType>(['Int8', 'Int16', 'Int32', 'Int64', 'Float', 'Double', 'Timestamptz', 'JSON']);

/** Errors: `InvalidArgument`. */
export function checkDecay(given: DecayRerank, schema: Schema): Decay {
  const { function: name, field, origin, scale, offset = 0, decay = 0.5, scoreMode = 'max' } = given;
  require(DECAY_FUNCTIONS.includes(name), () => `rerank: invalid decay function ${JSON.stringify(name)}, only supports [${DECAY_FUNCTIONS.join(',')}]`);
  const path = parsePath(field, schema, 'rerank.field');
  require(TYPES.has(path.type), () => `rerank: decay: unsupported input field type ${path.type} of "${path.name}", only numeric and Timestamptz fields are supported`);
  require(scoreMode === 'max' || scoreMode === 'avg' || scoreMode === 'sum', () => `rerank: unsupported score mode ${JSON.stringify(scoreMode)}, only supports [max,avg,sum]`);
  const checked = { path, scoreMode, function: name, origin: originOf(origin, path), scale: numberOf('scale', scale), offset: numberOf('offset', offset), decay: numberOf('decay', decay) };
  require(checked.scale > 0, () => `rerank: decay function param scale must be > 0, found ${String(scale)}`);
  require(checked.offset >= 0, () => `rerank: decay function param offset must be >= 0, found ${String(offset)}`);
  require(checked.decay > 0 && checked.decay < 1, () => `rerank: decay function param decay must be > 0 and < 1, found ${String(decay)}`);
  return checked;
}

function originOf(origin: unknown, { type }: FieldPath): number | bigint {
  require(origin !== undefined, () => 'rerank: decay function lost param: origin');
  if (type !== 'Timestamptz') return typeof origin === 'bigint' ? origin : numberOf('origin', origin);
  const micros = origin instanceof Date && !Number.isNaN(origin.getTime()) ? BigInt(origin.getTime()) * 1000n : typeof origin === 'string' ? timestampOf(origin) : typeof origin === 'bigint' || Number.isSafeInteger(origin) ? BigInt(origin as number) : undefined;
  if (micros === undefined) throw new ElanusError('InvalidArgument', `rerank: origin: expected RFC 3339 text with a time zone, a Date or microseconds, found ${String(origin)}`);
  return micros;
}

function numberOf(name: string, value: unknown): number {
  require(value !== undefined, () => `rerank: decay function lost param: ${name}`);
  require((typeof value === 'number' && Number.isFinite(value)) || typeof value === 'bigint', () => `rerank: param ${name}: expected a number, found ${String(value)}`);
  return Number(value);
}

/** What the score of a row with that value is multiplied by. */
export function decayFactor({ function: name, origin, scale, offset, decay }: Decay, value: PathValue): number {
  if (typeof value !== 'number' && typeof value !== 'bigint') return 0;
  // Between two integers the difference is exact, whatever their size.
  const difference = typeof value === 'bigint' && typeof origin === 'bigint' ? Number(value - origin) : Number(value) - Number(origin);
  const distance = Math.max(0, Math.abs(difference) - offset) / scale;
  if (name === 'linear') return Math.max(decay, 1 - (1 - decay) * distance);
  return decay ** (name === 'gauss' ? distance * distance : distance);
}
