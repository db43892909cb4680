// Analyzers: what an analyzer makes of texts. Places in a text are told in bytes of UTF-8, as Milvus does.

import type { AnalyzerChoice, AnalyzerToken } from '../../../engine/api.js';
import { unsupported } from '../../milvus/key-values.js';
import { RefusedRequest, STATUS } from '../../status.js';
import { onCollections } from '../rules.js';
import { jsonOf } from '../schema-asked.js';
import { verb, type GrpcCall, type Verbs } from '../verb.js';

interface Asked {
  readonly analyzer_params: string;
  readonly placeholder: readonly Uint8Array[];
  readonly with_detail: boolean;
  readonly with_hash: boolean;
  readonly collection_name: string;
  readonly field_name: string;
  readonly analyzer_names: readonly string[];
}

export const ANALYZER_VERBS: Verbs = {
  RunAnalyzer: verb<Asked, object>({ rule: onCollections('RunAnalyzer', ({ collection_name }) => [collection_name === '' ? '*' : collection_name]), run: analyze }),
};

async function analyze({ database }: GrpcCall, request: Asked): Promise<object> {
  if (request.analyzer_names.length > 0) throw unsupported('analyzer_names');
  const texts = request.placeholder.map(textOf);
  const results = await database.runAnalyzer(texts, choiceOf(request));
  return { results: results.map((tokens, at) => ({ tokens: tokens.map((token) => message(token, texts[at] ?? '', request)) })) };
}

function choiceOf({ analyzer_params, collection_name: collection, field_name: field }: Asked): AnalyzerChoice {
  if (collection !== '') return { collection, field };
  return analyzer_params === '' ? {} : { analyzerParams: jsonOf(analyzer_params) };
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new RefusedRequest(STATUS.invalidParameter, 'placeholder: expected texts in UTF-8');
  }
}

function message({ token, startOffset, endOffset, position, hash }: AnalyzerToken, text: string, { with_detail, with_hash }: Asked): object {
  const start = with_detail ? Buffer.byteLength(text.slice(0, startOffset)) : 0;
  const detail = with_detail ? { start_offset: String(start), end_offset: String(start + Buffer.byteLength(text.slice(startOffset, endOffset))), position: String(position), position_length: '1' } : {};
  return { token, ...detail, ...(with_hash ? { hash } : {}) };
}
