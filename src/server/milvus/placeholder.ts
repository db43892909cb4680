// Placeholder: the queries of a search as clients send them: a type, and bytes of each query. What becomes of them is a view
// of these bytes where their place in memory allows it.

import { DATA_TYPES } from '../../model/field.js';
import { LIMITS } from '../../model/limits.js';
import type { Vector } from '../../model/row.js';
import type { VectorField } from '../../model/schema.js';
import { invalid } from './key-values.js';

export interface Placeholder {
  /** Number of Milvus' PlaceholderType, which is that of the data type. */
  readonly type: number;
  readonly values: readonly Buffer[];
  /** Each query is a list of vectors. */
  readonly elementLevel: boolean;
}

const TERM_BYTES = 8;

/** What is searched for. `nq`: how many the request says there are, 0 if it says nothing. Errors: 1100. */
export function queriesOf(field: VectorField, placeholder: Placeholder | undefined, nq: number): readonly Vector[] | readonly string[] {
  const values = placeholder?.values ?? [];
  if (placeholder === undefined || values.length === 0) throw invalid('nq [0] is invalid, it should be in range [1, 16384]: placeholder_group has no query');
  if (values.length > LIMITS.queriesMax) throw invalid(`nq [${values.length}] is invalid, it should be in range [1, ${LIMITS.queriesMax}]`);
  if (nq !== 0 && nq !== values.length) throw invalid(`nq: expected the number of queries in placeholder_group, ${values.length}, found ${nq}`);
  if (placeholder.elementLevel) throw invalid('placeholder_group: lists of vectors are not supported');
  const { type } = placeholder;
  if (type === DATA_TYPES.VarChar) return values.map((value) => value.toString('utf8'));
  if (type === DATA_TYPES.SparseFloatVector) return values.map((value, at) => sparseOf(value, `placeholder_group, query ${at}`));
  if (!fits(type, field)) throw invalid(`vector type must be the same, field ${field.name} - type ${field.type}, search info type ${nameOf(type)}`);
  return values.map((value, at) => denseOf(type, value, field, at));
}

/** Queries of floats are taken for every vector of numbers. */
function fits(type: number, field: VectorField): boolean {
  if (type === DATA_TYPES[field.type]) return true;
  return type === DATA_TYPES.FloatVector && (field.type === 'Float16Vector' || field.type === 'BFloat16Vector' || field.type === 'Int8Vector');
}

function nameOf(type: number): string {
  return Object.entries(DATA_TYPES).find(([, number]) => number === type)?.[0] ?? String(type);
}

function denseOf(type: number, bytes: Buffer, { name, dim = 0 }: VectorField, at: number): Vector {
  const size = type === DATA_TYPES.BinaryVector ? dim / 8 : type === DATA_TYPES.Int8Vector ? dim : type === DATA_TYPES.FloatVector ? dim * 4 : dim * 2;
  if (bytes.length !== size) throw invalid(`vector dimension mismatch, expected vector size(byte) ${size}, actual ${bytes.length}: query ${at} of field "${name}"`);
  if (type === DATA_TYPES.FloatVector) return floatsOf(bytes);
  if (type === DATA_TYPES.Int8Vector) return new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** REQUIRES: a multiple of four bytes. */
export function floatsOf(bytes: Uint8Array): Float32Array {
  if (bytes.byteOffset % 4 === 0) return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const floats = new Float32Array(bytes.length / 4);
  new Uint8Array(floats.buffer).set(bytes);
  return floats;
}

/** Pairs of an index and a value, little-endian. Errors: 1100. */
export function sparseOf(bytes: Uint8Array, where: string): { readonly indices: Uint32Array; readonly values: Float32Array } {
  if (bytes.length % TERM_BYTES !== 0) throw invalid(`${where}: expected pairs of an u32 and an f32, ${TERM_BYTES} bytes each, found ${bytes.length} bytes`);
  const count = bytes.length / TERM_BYTES;
  const words = new Uint32Array(count * 2);
  new Uint8Array(words.buffer).set(bytes);
  const numbers = new Float32Array(words.buffer);
  const indices = new Uint32Array(count);
  const values = new Float32Array(count);
  for (let term = 0; term < count; term++) {
    indices[term] = words[term * 2] as number;
    values[term] = numbers[term * 2 + 1] as number;
  }
  return { indices, values };
}
