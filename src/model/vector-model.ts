// Vector model: which embedding model made the vectors of a field. It is kept with the schema, so that vectors of two
// models, which are not comparable, never meet in one field: who declares another model is refused.

import { ElanusError, require } from './errors.js';
import { isVector, type Field } from './field.js';

export interface VectorModel {
  /** As its makers name it, with what changes its vectors (dtype, pooling), e.g. 'bge-small-en-v1.5'. */
  readonly name: string;
  /** True if every vector has length 1, to within 1 %; one that has not is refused. */
  readonly normalized?: boolean;
}

/** What made the vectors of a call: one model for every vector field, or one for each by the name of the field. */
export type DeclaredModel = string | Readonly<Record<string, string>>;

const NAME_CHARACTERS_MAX = 255;
/** Of the length of a vector: what f16 and 8-bit vectors lose is less. */
const LENGTH_TOLERANCE = 0.01;

/** Checks the `model` of a field. Errors: `InvalidArgument`. */
export function checkVectorModel(where: string, given: unknown): VectorModel {
  require(typeof given === 'object' && given !== null && !Array.isArray(given), () => `${where}: expected an object with a name, found ${typeof given}`);
  const { name, normalized, ...rest } = given as Partial<VectorModel>;
  require(isModelName(name), () => `${where}.name: expected 1 to ${NAME_CHARACTERS_MAX} characters, found ${JSON.stringify(name)}`);
  require(normalized === undefined || typeof normalized === 'boolean', () => `${where}.normalized: expected true or false`);
  require(Object.keys(rest).length === 0, () => `${where}: expected name and normalized, found "${Object.keys(rest)[0]}"`);
  return { name, ...(normalized === true ? { normalized } : {}) };
}

function isModelName(name: unknown): name is string {
  return typeof name === 'string' && name.length >= 1 && name.length <= NAME_CHARACTERS_MAX;
}

/** Refuses vectors that `declared` says another model made than the one that a field of `fields` records. Errors: `InvalidArgument`. */
export function requireModel(fields: readonly Field[], declared: unknown): void {
  if (declared === undefined) return;
  const isText = typeof declared === 'string';
  require(isText || (typeof declared === 'object' && declared !== null && !Array.isArray(declared)), () => 'model: expected the name of a model, or names by field');
  for (const [name, model] of isText ? [] : Object.entries(declared)) {
    require(fields.some((field) => field.name === name && isVector(field.type)), () => `model: "${name}" is no vector field`);
    require(isModelName(model), () => `model: expected the name of a model for "${name}", found ${JSON.stringify(model)}`);
  }
  for (const { name, model } of fields) {
    const made = isText ? declared : Object.hasOwn(declared, name) ? (declared as Readonly<Record<string, unknown>>)[name] : undefined;
    if (model === undefined || made === undefined || made === model.name) continue;
    throw new ElanusError('InvalidArgument', `field "${name}" holds vectors of the model ${JSON.stringify(model.name)}: vectors of ${JSON.stringify(made)} are not comparable with them`);
  }
}

/** Refuses a vector of another length than 1, where that is the model's. `values` is one vector or several, row-major. Errors: `InvalidArgument`. */
export function requireNormalized({ model, dim = 0 }: Pick<Field, 'model' | 'dim'>, values: Float32Array, where: (row: number) => string): void {
  if (model?.normalized !== true || dim === 0) return;
  for (let from = 0; from < values.length; from += dim) {
    let squared = 0;
    for (let i = from; i < from + dim; i++) squared += (values[i] as number) ** 2;
    const length = Math.sqrt(squared);
    require(Math.abs(length - 1) <= LENGTH_TOLERANCE, () => `${where(from / dim)}: expected a vector of length 1, as ${JSON.stringify(model.name)} gives them, found length ${length.toPrecision(4)}`);
  }
}
