// Text options: what a VarChar field says of the terms of its texts. What the parameters of an analyzer mean, who makes
// analyzers checks; here they are JSON of a limited size.

import { ElanusError, require } from './errors.js';
import type { AnalyzerParamsInput, DataType, Field } from './field.js';
import { LIMITS } from './limits.js';

type TextOptions = Pick<Field, 'analyzerParams' | 'enableAnalyzer' | 'enableMatch'>;

/** Those of `given` that are there. Errors: `InvalidArgument`, also if there are some for another type. */
export function checkTextOptions(where: string, type: DataType, { analyzerParams, enableAnalyzer = false, enableMatch = false }: TextOptions): TextOptions {
  require(typeof enableAnalyzer === 'boolean' && typeof enableMatch === 'boolean', () => `${where}: expected enableAnalyzer and enableMatch to be true or false`);
  require(type === 'VarChar' || (analyzerParams === undefined && !enableAnalyzer && !enableMatch), () => `${where}: analyzerParams, enableAnalyzer and enableMatch belong to VarChar, found ${type}`);
  return {
    ...(analyzerParams === undefined ? {} : { analyzerParams: jsonOf(`${where}.analyzerParams`, analyzerParams) }),
    ...(enableAnalyzer ? { enableAnalyzer } : {}),
    ...(enableMatch ? { enableMatch } : {}),
  };
}

/** A copy. */
function jsonOf(where: string, given: unknown): AnalyzerParamsInput {
  const text = textOf(where, given);
  require(text.length <= LIMITS.analyzerParamsLengthMax, () => `${where}: at most ${LIMITS.analyzerParamsLengthMax} characters of JSON, found ${text.length}`);
  const copy = parsed(where, text);
  require(typeof copy === 'object' && copy !== null && !Array.isArray(copy), () => `${where}: expected an object, found ${text.slice(0, 80)}`);
  return copy as AnalyzerParamsInput;
}

/** Of a text, which Milvus takes too, itself. */
function textOf(where: string, given: unknown): string {
  if (typeof given === 'string') return given;
  try {
    return JSON.stringify(given) ?? 'undefined';
  } catch (error) {
    throw new ElanusError('InvalidArgument', `${where}: expected JSON: ${(error as Error).message}`);
  }
}

function parsed(where: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ElanusError('InvalidArgument', `${where}: expected JSON, found ${text.slice(0, 80)}`);
  }
}
