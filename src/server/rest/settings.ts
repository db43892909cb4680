// Settings: what a JSON body says of a search, in the form that both protocols translate from: text by name.

import type { FunctionScore, ScoreFunction } from '../milvus/function-score-message.js';
import type { KeyValues } from '../milvus/key-values.js';
import { exactJson } from '../../format/exact-json.js';
import type { JsonInput, JsonObject } from '../json.js';
import { asArray, asObject, objectIn, textIn, wrongType } from './parameters.js';

/** By Milvus' numbers (`FunctionType`). */
const FUNCTION_TYPES: Readonly<Record<string, number>> = { Unknown: 0, BM25: 1, TextEmbedding: 2, Rerank: 3 };

/** Members that have a value; an object or a list is its JSON. */
export function keyValuesFrom(object: JsonObject): KeyValues {
  const entries = Object.entries(object).filter(([, value]) => value !== null);
  return new Map(entries.map(([name, value]) => [name, textFrom(value)]));
}

function textFrom(value: JsonInput): string {
  return typeof value === 'string' ? value : exactJson(value);
}

/** Undefined if it has no functions. Errors: 1801. */
export function functionScoreFrom(given: JsonObject | undefined): FunctionScore | undefined {
  if (given === undefined) return undefined;
  const functions = asArray(given['functions'] ?? [], 'functionScore.functions').map((one, i) => functionFrom(asObject(one, `functionScore.functions[${i}]`), `functionScore.functions[${i}]`));
  return functions.length === 0 ? undefined : { functions, params: keyValuesFrom(objectIn(given, 'params')) };
}

function functionFrom(given: JsonObject, where: string): ScoreFunction {
  const type = given['type'] ?? 'Rerank';
  const number = typeof type === 'number' ? type : typeof type === 'string' ? FUNCTION_TYPES[type] : undefined;
  if (number === undefined) throw wrongType(`${where}.type`, `one of ${Object.keys(FUNCTION_TYPES).join(', ')}`, type);
  const names = asArray(given['inputFieldNames'] ?? [], `${where}.inputFieldNames`).map((name, i) => {
    if (typeof name !== 'string') throw wrongType(`${where}.inputFieldNames[${i}]`, 'a string', name);
    return name;
  });
  return { name: textIn(given, 'name') ?? textIn(given, 'functionName') ?? '', type: number, inputFieldNames: names, params: keyValuesFrom(objectIn(given, 'params')) };
}
