// Analyzers: those of the VarChar fields of collections. They are made before a collection is used, as a language may have to
// be loaded for them, and depend on nothing but their parameters, so that equal fields share one.

import { ElanusError } from '../../model/errors.js';
import type { Field } from '../../model/field.js';
import { fieldNamed, type Schema } from '../../model/schema.js';
import type { Analyze } from '../../query/context.js';
import { loadAnalyzer, type Analyzer } from '../../text/analyzer.js';
import { checkAnalyzerParams, type AnalyzerParams } from '../../text/analyzer-params.js';

const loaded = new Map<string, Analyzer>();

const keyOf = (field: Field): string => JSON.stringify(field.analyzerParams ?? {});

/** Makes the analyzers of all VarChar fields, unless they were made before. Errors: `Unsupported`, naming the field. */
export async function loadAnalyzers({ fields }: Schema): Promise<void> {
  for (const field of fields) {
    if (field.type !== 'VarChar' || loaded.has(keyOf(field))) continue;
    loaded.set(keyOf(field), await loadAnalyzer(storedParams(field)));
  }
}

/** What was checked when it was stored may be of a newer release. */
function storedParams({ name, analyzerParams }: Field): AnalyzerParams {
  try {
    return checkAnalyzerParams(analyzerParams);
  } catch (error) {
    throw new ElanusError('Unsupported', `field "${name}": this release does not know its analyzer: ${(error as Error).message}`);
  }
}

/** Errors: `InvalidArgument`, naming the field, unless its parameters describe an analyzer. */
export function checkAnalyzer({ name, analyzerParams }: Field): void {
  try {
    checkAnalyzerParams(analyzerParams);
  } catch (error) {
    if (!(error instanceof ElanusError)) throw error;
    throw new ElanusError('InvalidArgument', `field "${name}": ${error.message}`);
  }
}

/** REQUIRES: a VarChar of a schema whose analyzers were loaded. */
export function analyzerOf(field: Field): Analyzer {
  const analyzer = loaded.get(keyOf(field));
  if (analyzer === undefined) throw new ElanusError('Unsupported', `field "${field.name}": its analyzer was not loaded`);
  return analyzer;
}

/** The terms of texts by field, for filters. REQUIRES: its analyzers were loaded. */
export function analyzeBy(schema: Schema): Analyze {
  return (field, text) => analyzerOf(fieldNamed(schema, field)).analyze(text);
}
