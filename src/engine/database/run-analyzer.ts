// RunAnalyzer: what terms an analyzer gives for texts, so that it can be tried before it is used.

import { ElanusError, require } from '../../model/errors.js';
import { fieldNamed, type Schema } from '../../model/schema.js';
import { loadAnalyzer, type Analyzer } from '../../text/analyzer.js';
import { checkAnalyzerParams } from '../../text/analyzer-params.js';
import { termHash } from '../../text/term-hash.js';
import { analyzerOf } from './analyzers.js';
import type { AnalyzerChoice, AnalyzerToken } from '../api.js';

const CHARACTERS_MAX = 16 * 1024 * 1024;

/** `schemaOf` gives the schema of a collection. Errors: `InvalidArgument`, `NotFound`. */
export async function runAnalyzer(texts: readonly string[], choice: AnalyzerChoice, schemaOf: (collection: string) => Promise<Schema>): Promise<readonly (readonly AnalyzerToken[])[]> {
  require(Array.isArray(texts) && texts.every((text) => typeof text === 'string'), () => 'runAnalyzer: expected a text, or a list of texts');
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  require(length <= CHARACTERS_MAX, () => `runAnalyzer: at most ${CHARACTERS_MAX} characters, found ${length}`);
  require(typeof choice === 'object' && choice !== null, () => 'runAnalyzer: expected { analyzerParams }, or { collection, field }');
  const analyzer = await chosen(choice, schemaOf);
  return texts.map((text) => analyzer.analyze(text).map(({ term, start, end, position }) => ({ token: term, startOffset: start, endOffset: end, position, hash: termHash(term) })));
}

async function chosen(choice: AnalyzerChoice, schemaOf: (collection: string) => Promise<Schema>): Promise<Analyzer> {
  if (!('collection' in choice)) return loadAnalyzer(checkAnalyzerParams(choice.analyzerParams));
  require(!('analyzerParams' in choice), () => 'runAnalyzer: expected either analyzerParams, or collection and field');
  const field = fieldNamed(await schemaOf(choice.collection), choice.field);
  if (field.type !== 'VarChar') throw new ElanusError('InvalidArgument', `runAnalyzer: field "${field.name}": expected a VarChar, found ${field.type}`);
  return analyzerOf(field);
}
