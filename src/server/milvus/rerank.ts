// Rerank: how hits get new scores, as Milvus' clients say it: by `rank_params` of a hybrid search (RRF, weights), or by a
// FunctionScore (these, decays and boosts).

import type { HybridOptions } from '../../engine/api/hybrid.js';
import type { SearchRerank } from '../../engine/api/search.js';
import type { BoostFunction } from '../../query/boost.js';
import type { DecayFunction, DecayRerank } from '../../query/decay.js';
import type { Fusion } from '../../query/fusion.js';
import type { FunctionScore, ScoreFunction } from './function-score-message.js';
import { flagOf, invalid, numberOf, textOf, unsupported, type KeyValues } from './key-values.js';

/** Number of Milvus' FunctionType. */
const RERANK = 3;
const INTEGER = /^[+-]?\d+$/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

/** Of one search. Undefined if nothing is asked for. Errors: 1100, 10. */
export function searchRerank(score: FunctionScore | undefined): SearchRerank | undefined {
  const functions = functionsOf(score);
  const [first] = functions;
  if (first === undefined) return undefined;
  const kinds = functions.map(kindOf);
  if (kinds.every((kind) => kind === 'boost')) return boostOf(functions, (score as FunctionScore).params);
  if (functions.length > 1) throw invalid(`function_score: expected one reranker, or boosts alone, found ${kinds.join(', ')}`);
  if (kinds[0] === 'decay') return decayOf(first);
  throw invalid(`function_score: a search is reranked by decay or boost, found ${String(kinds[0])}: that is for a hybrid search`);
}

/** Of a hybrid search: by a function, else by `rankParams`. Undefined: as the engine does by itself. Errors: 1100, 10. */
export function hybridRerank(rankParams: KeyValues, score: FunctionScore | undefined): HybridOptions['rerank'] {
  const functions = functionsOf(score);
  const [first] = functions;
  if (first === undefined) return legacyRerank(rankParams);
  if (functions.length > 1) throw invalid(`function_score: expected one reranker of a hybrid search, found ${functions.length}`);
  const kind = kindOf(first);
  if (kind === 'rrf') return rrfOf(numberOf(first.params, 'k'));
  // A function says so if scores are to be mapped to 0 .. 1; `rank_params` if they are not to be.
  if (kind === 'weighted') return weightedOf(textOf(first.params, 'weights'), flagOf(first.params, 'norm_score') ?? false);
  if (kind === 'decay') return decayOf(first);
  throw invalid(`function_score: a hybrid search is reranked by rrf, weighted or decay, found ${kind}`);
}

function functionsOf(score: FunctionScore | undefined): readonly ScoreFunction[] {
  const functions = score?.functions ?? [];
  const other = functions.find(({ type }) => type !== RERANK);
  if (other !== undefined) throw invalid(`function_score: function "${other.name}": expected the type Rerank (${RERANK}), found ${other.type}`);
  return functions;
}

function kindOf({ name, params }: ScoreFunction): 'rrf' | 'weighted' | 'decay' | 'boost' {
  const kind = textOf(params, 'reranker')?.toLowerCase();
  if (kind === 'rrf' || kind === 'weighted' || kind === 'decay' || kind === 'boost') return kind;
  if (kind === 'model') throw unsupported('the reranker model');
  throw invalid(`function_score: function "${name}": unsupported reranker ${JSON.stringify(kind ?? '')}, expected rrf, weighted, decay or boost`);
}

function legacyRerank(rankParams: KeyValues): Fusion | undefined {
  const strategy = textOf(rankParams, 'strategy')?.toLowerCase();
  const params = jsonOf(textOf(rankParams, 'params') ?? '{}', 'rank_params: params') as { readonly k?: unknown; readonly weights?: unknown; readonly norm_score?: unknown };
  if (strategy === undefined) return undefined;
  if (strategy === 'rrf') return { kind: 'rrf', ...(params.k === undefined ? {} : { k: params.k as number }) };
  if (strategy === 'weighted') return { kind: 'weighted', weights: params.weights as readonly number[], normalize: (params.norm_score ?? true) as boolean };
  throw invalid(`rank_params: unsupported rank type ${strategy}, expected rrf or weighted`);
}

function rrfOf(k: number | undefined): Fusion {
  return { kind: 'rrf', ...(k === undefined ? {} : { k }) };
}

function weightedOf(weights: string | undefined, normalize: boolean): Fusion {
  return { kind: 'weighted', weights: jsonOf(weights ?? 'null', 'function_score: weights') as readonly number[], normalize };
}

function decayOf({ params, inputFieldNames }: ScoreFunction): DecayRerank {
  const [field] = inputFieldNames;
  if (field === undefined || inputFieldNames.length > 1) throw invalid(`function_score: decay: expected one input field, found ${inputFieldNames.length}`);
  const scoreMode = textOf(params, 'score_mode')?.toLowerCase();
  const decay = numberOf(params, 'decay');
  const offset = wholeOf(params, 'offset');
  return {
    kind: 'decay',
    function: (textOf(params, 'function')?.toLowerCase() ?? '') as DecayFunction,
    field,
    origin: originOf(textOf(params, 'origin')) as DecayRerank['origin'],
    scale: wholeOf(params, 'scale') as number | bigint,
    ...(offset === undefined ? {} : { offset }),
    ...(decay === undefined ? {} : { decay }),
    ...(scoreMode === undefined ? {} : { scoreMode: scoreMode as 'max' | 'avg' | 'sum' }),
  };
}

// A number, exact where it is an integer, or the text of a time.
function originOf(text: string | undefined): number | bigint | string | undefined {
  if (text === undefined) return undefined;
  if (INTEGER.test(text)) return shortest(BigInt(text));
  return NUMBER.test(text) ? Number(text) : text;
}

function wholeOf(params: KeyValues, name: string): number | bigint | undefined {
  const text = textOf(params, name);
  return text !== undefined && INTEGER.test(text) ? shortest(BigInt(text)) : numberOf(params, name);
}

function shortest(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function boostOf(functions: readonly ScoreFunction[], params: KeyValues): SearchRerank {
  const boostMode = modeOf(params, 'boost_mode');
  const functionMode = modeOf(params, 'function_mode');
  return { kind: 'boost', functions: functions.map(oneBoost), ...(boostMode === undefined ? {} : { boostMode }), ...(functionMode === undefined ? {} : { functionMode }) };
}

function oneBoost({ name, params }: ScoreFunction): BoostFunction {
  const weight = numberOf(params, 'weight');
  if (weight === undefined) throw invalid(`function_score: boost "${name}": weight: missing`);
  const filter = textOf(params, 'filter');
  const random = textOf(params, 'random_score');
  const randomScore = random === undefined ? undefined : (jsonOf(random, 'function_score: random_score') as { readonly seed?: number; readonly field?: string });
  return { weight, ...(filter === undefined ? {} : { filter }), ...(randomScore === undefined ? {} : { randomScore }) };
}

function modeOf(params: KeyValues, name: string): 'multiply' | 'sum' | undefined {
  const mode = textOf(params, name)?.toLowerCase();
  if (mode === undefined || mode === 'multiply' || mode === 'sum') return mode;
  throw invalid(`function_score: ${name}: expected multiply or sum, found ${mode}`);
}

function jsonOf(text: string, what: string): unknown {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === 'object') return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw invalid(`${what}: expected JSON, found ${JSON.stringify(text.slice(0, 64))}`);
}
