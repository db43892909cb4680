// Analyzer: the route common/run_analyzer, which shows what an analyzer makes of texts.

import { Type, type TUnsafe } from 'typebox';
import type { AnalyzerChoice, AnalyzerToken } from '../../engine/api.js';
import { ElanusError } from '../../model/errors.js';
import type { AnalyzerParamsInput } from '../../model/field.js';
import type { JsonInput } from '../json.js';
import { refuseUnsupported } from './parameters.js';
import { route, type Route } from './route.js';
import { ofCollections } from './rules.js';
import { DB, Flag, Request, Text, Texts } from './schema.js';

const TEXT: TUnsafe<string | readonly string[]> = Type.Unsafe({ type: ['string', 'array'], items: { type: 'string' }, description: 'A text, or several.' });
const PARAMS: TUnsafe<JsonInput> = Type.Unsafe({ type: ['object', 'string'], description: 'An analyzer, as analyzer_params of a field, also as JSON text; default: standard.' });
const TOKEN = Type.Object({ token: Type.String(), start_offset: Type.Optional(Type.Integer()), end_offset: Type.Optional(Type.Integer()), position: Type.Optional(Type.Integer()), position_length: Type.Optional(Type.Integer()), hash: Type.Optional(Type.Integer()) });

export const ANALYZER_ROUTES: readonly Route[] = [
  route({
    path: 'common/run_analyzer',
    summary: 'The tokens of texts.',
    request: Request({
      ...DB,
      text: TEXT,
      analyzerParams: Type.Optional(PARAMS),
      collectionName: Text('Instead of an analyzer: that of a field of this collection.'),
      fieldName: Text('The field.'),
      analyzerNames: Texts('Not supported.'),
      withDetail: Flag('Tells also where the tokens are.'),
      withHash: Flag('Tells also the number that indexes have for each.'),
    }),
    answer: Type.Array(Type.Object({ tokens: Type.Array(TOKEN) })),
    rule: ofCollections('RunAnalyzer'),
    async run({ database }, { text, analyzerParams, collectionName = '', fieldName = '', withDetail = false, withHash = false, ...body }) {
      refuseUnsupported(body, ['analyzerNames']);
      const texts = typeof text === 'string' ? [text] : text;
      const found = await database.runAnalyzer(texts, choiceOf(analyzerParams, collectionName, fieldName));
      return { data: found.map((tokens) => ({ tokens: tokens.map((token) => shown(token, withDetail, withHash)) })) };
    },
  }),
];

function choiceOf(params: JsonInput | undefined, collection: string, field: string): AnalyzerChoice {
  if (collection !== '') return { collection, field };
  if (typeof params !== 'string') return params === undefined ? {} : { analyzerParams: params as AnalyzerParamsInput };
  try {
    return params.trim() === '' ? {} : { analyzerParams: JSON.parse(params) as AnalyzerParamsInput };
  } catch {
    throw new ElanusError('InvalidArgument', `analyzerParams: expected JSON, found ${params.slice(0, 80)}`);
  }
}

function shown({ token, startOffset, endOffset, position, hash }: AnalyzerToken, withDetail: boolean, withHash: boolean): object {
  return {
    token,
    ...(withDetail ? { start_offset: startOffset, end_offset: endOffset, position, position_length: 1 } : {}),
    ...(withHash ? { hash } : {}),
  };
}
