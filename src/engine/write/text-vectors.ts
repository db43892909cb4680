// Text vectors: what a BM25 function makes of texts, as the column of its output, and of that column what full text search
// takes. A row's length is the sum of its frequencies, so the column says all.

import { hasBit } from '../../model/bitset.js';
import type { Column, SparseColumn, TextColumn } from '../../model/columns.js';
import { ElanusError, require } from '../../model/errors.js';
import { LIMITS } from '../../model/limits.js';
import { fieldNamed, type Schema, type SchemaFunction } from '../../model/schema.js';
import { textRows, textVector, type TextVector } from '../../text/frequencies.js';
import { analyzerOf } from '../database/analyzers.js';

/** The column that the function makes of the columns of the same rows. */
export function functionColumn(schema: Schema, { inputFieldNames: [input] }: SchemaFunction, columns: ReadonlyMap<string, Column>): SparseColumn {
  const analyzer = analyzerOf(fieldNamed(schema, input));
  const { values, valid } = columns.get(input) as TextColumn;
  const vectors = values.map((text, row) => (valid !== undefined && !hasBit(valid, row) ? NOTHING : textVector(analyzer, text)));
  const { indptr, indices, values: frequencies } = textRows(vectors);
  return { type: 'SparseFloatVector', offsets: indptr, indices, values: frequencies };
}

const NOTHING: TextVector = { terms: new Uint32Array(0), frequencies: new Float32Array(0), length: 0 };

/** The texts of a search, for an output of the function. Errors: `InvalidArgument`, naming the place. */
export function queryTexts(schema: Schema, { inputFieldNames: [input], outputFieldNames: [output] }: SchemaFunction, given: readonly unknown[], placeOf: (at: number) => string): readonly TextVector[] {
  const analyzer = analyzerOf(fieldNamed(schema, input));
  return given.map((text, at) => {
    if (typeof text !== 'string') throw new ElanusError('InvalidArgument', `${placeOf(at)}: expected a text, as "${output}" is made of texts by BM25, found ${typeof text}`);
    require(text.length <= LIMITS.varCharBytesMax, () => `${placeOf(at)}: at most ${LIMITS.varCharBytesMax} characters, found ${text.length}`);
    return textVector(analyzer, text);
  });
}

/** Rows of the column, from `first` to before `end`. */
export function vectorsOf({ offsets, indices, values }: SparseColumn, first = 0, end = offsets.length - 1): readonly TextVector[] {
  return Array.from({ length: end - first }, (_, i) => {
    const [from = 0, to = 0] = offsets.subarray(first + i, first + i + 2);
    const frequencies = values.slice(from, to);
    return { terms: indices.slice(from, to), frequencies, length: frequencies.reduce((sum, frequency) => sum + frequency, 0) };
  });
}
