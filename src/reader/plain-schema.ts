// Plain schema: one that the reader knows to the last member: scalars of one value, dense vectors, no functions. It was
// checked before it was stored, so here only what the reader goes by is looked at.

import type { DenseVectorType, Field } from '../model/field.js';
import type { Schema } from '../model/schema.js';
import { within } from './beyond.js';

/** Types that are given as they are stored, but for Bool. */
const SCALARS: ReadonlySet<string> = new Set(['Bool', 'Int8', 'Int16', 'Int32', 'Int64', 'Float', 'Double', 'VarChar']);
const VECTORS: ReadonlySet<string> = new Set<DenseVectorType>(['FloatVector', 'Float16Vector', 'BFloat16Vector']);
const METRICS: ReadonlySet<unknown> = new Set(['L2', 'IP', 'COSINE']);
/** What a dimension is at most. */
const DIM_MAX = 32_768;

/** Errors: `Beyond`. */
export function plainSchema(given: unknown): Schema {
  const { fields, functions, hidden, ...schema } = given as Schema;
  within(Array.isArray(fields) && functions === undefined && hidden === undefined && schema.version === undefined, 'schema');
  within(fields.filter(({ primaryKey }) => primaryKey).length === 1 && fields.every(isPlain), 'fields');
  return { fields, ...schema };
}

function isPlain({ name, type, dim, metric, model, nullable }: Field): boolean {
  if (typeof name !== 'string') return false;
  if (SCALARS.has(type)) return dim === undefined;
  return VECTORS.has(type) && Number.isInteger(dim) && (dim as number) >= 1 && (dim as number) <= DIM_MAX && METRICS.has(metric) && model === undefined && nullable !== true;
}

export function isScalar({ type }: Field): boolean {
  return SCALARS.has(type);
}
