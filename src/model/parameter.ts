// Parameter: one setting of an index or of a search, as Milvus' clients give it: a number, a flag or a word, and each of
// them also as text, because its SDKs send text. A value is read to check it and to use it, and echoed as it was given.

import { require } from './errors.js';

export type ParamValue = number | string | boolean;
/** By name, as given: a number that came as text stays text. */
export type Params = Readonly<Record<string, ParamValue>>;

export interface NumberParameter {
  readonly kind: 'integer' | 'float';
  readonly min: number;
  readonly max: number;
  /** `max` itself is out of range. */
  readonly open?: true;
  readonly preset?: number;
  /** The dimension of the field must be a multiple of it. */
  readonly dividesDim?: true;
  /** There is no preset, and it must be given. */
  readonly required?: true;
}

export type Parameter =
  | NumberParameter
  | { readonly kind: 'flag'; readonly preset: boolean }
  | { readonly kind: 'word'; readonly words: readonly string[]; readonly preset?: string }
  | { readonly kind: 'text'; readonly lengthMax: number };

export type Parameters = Readonly<Record<string, Parameter>>;

const INTEGER = /^[+-]?\d{1,20}$/;
const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const SHOWN_MAX = 64;

/** The number that `value` is, or says as text. Errors: `InvalidArgument` naming the parameter, its range and what was found. */
export function readNumber(name: string, parameter: NumberParameter, value: unknown): number {
  const { kind, min, max, open } = parameter;
  const number = typeof value === 'string' && (kind === 'integer' ? INTEGER : FLOAT).test(value) ? Number(value) : value;
  const fits = typeof number === 'number' && Number.isFinite(number) && (kind === 'float' || Number.isInteger(number));
  require(fits, () => `Type conflict in json: param '${name}' (${shown(value)}) should be ${kind === 'integer' ? 'an integer' : 'a number'} in range ${rangeOf(parameter)}`);
  require(number >= min && (open === true ? number < max : number <= max), () => `Out of range in json: param '${name}' (${shown(value)}) should be in range ${rangeOf(parameter)}`);
  return number;
}

/** Throws `InvalidArgument` unless `value` is one that the parameter takes. */
export function checkValue(name: string, parameter: Parameter, value: unknown): void {
  if (parameter.kind === 'flag') {
    const flag = typeof value === 'boolean' || (typeof value === 'string' && /^(?:true|false)$/i.test(value));
    require(flag, () => `Type conflict in json: param '${name}' (${shown(value)}) should be a boolean`);
  } else if (parameter.kind === 'word') {
    const word = typeof value === 'string' ? value.toUpperCase() : undefined;
    require(word !== undefined && parameter.words.includes(word), () => `Invalid value in json: param '${name}' (${shown(value)}) should be one of [${parameter.words.join(' ')}]`);
  } else if (parameter.kind === 'text') {
    require(typeof value === 'string' && value !== '' && value.length <= parameter.lengthMax, () => `Invalid value in json: param '${name}' (${shown(value)}) should be text of 1 to ${parameter.lengthMax} characters`);
  } else readNumber(name, parameter, value);
}

/** Throws `InvalidArgument` unless each of `given` is one of `parameters`, of its type and in its range. `whose` are they? */
export function checkParams(whose: string, parameters: Parameters, given: unknown): asserts given is Params {
  require(typeof given === 'object' && given !== null && !Array.isArray(given), () => `params of ${whose}: expected an object, found ${shown(given)}`);
  for (const [name, value] of Object.entries(given)) {
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    require(parameter !== undefined, () => `invalid param '${cut(name)}' (${shown(value)}) for ${whose}, expected one of [${Object.keys(parameters).join(' ')}]`);
    checkValue(name, parameter, value);
  }
}

function rangeOf({ min, max, open }: NumberParameter): string {
  return `[${min}, ${max}${open === true ? ')' : ']'}`;
}

function shown(value: unknown): string {
  return cut(typeof value === 'object' || typeof value === 'string' ? (JSON.stringify(value) ?? '') : String(value));
}

function cut(text: string): string {
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}
