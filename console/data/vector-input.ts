// VectorInput: a vector as somebody pastes it: numbers in brackets or not, with commas or spaces; of a sparse field an
// object of indices and values. What does not fit the field is refused here, in words, before it is sent.

import type { Field } from '../../src/model/field.js';

export interface VectorInput {
  readonly vector?: readonly number[] | Readonly<Record<string, number>>;
  readonly trouble?: string;
}

export function readVector(text: string, field: Field): VectorInput {
  const trimmed = text.trim();
  if (trimmed === '') return { trouble: `Paste ${expected(field)}.` };
  return field.type === 'SparseFloatVector' ? readSparse(trimmed) : readDense(trimmed, field);
}

/** What the field takes, in words. */
export function expected(field: Field): string {
  if (field.type === 'SparseFloatVector') return 'an object of indices and values, like {"7": 0.5, "42": 1.2}';
  if (field.type === 'BinaryVector') return `${numbersOf(field)} bytes, each 0 to 255`;
  return `${numbersOf(field)} numbers`;
}

function numbersOf({ type, dim = 0 }: Field): number {
  return type === 'BinaryVector' ? dim / 8 : dim;
}

function readDense(text: string, field: Field): VectorInput {
  const words = text.replace(/^\[|\]$/g, '').split(/[\s,;]+/).filter((word) => word !== '');
  const numbers = words.map(Number);
  const wrong = numbers.findIndex((number) => !Number.isFinite(number));
  if (wrong >= 0) return { trouble: `Expected ${expected(field)}, found “${words[wrong]?.slice(0, 40)}” at position ${wrong + 1}.` };
  if (numbers.length !== numbersOf(field)) return { trouble: `Expected ${expected(field)}, found ${numbers.length}.` };
  return { vector: numbers };
}

function readSparse(text: string): VectorInput {
  const trouble = 'Expected an object of indices and values, like {"7": 0.5, "42": 1.2}.';
  try {
    const given = JSON.parse(text) as unknown;
    if (typeof given !== 'object' || given === null || Array.isArray(given)) return { trouble };
    const entries = Object.entries(given as Record<string, unknown>);
    const fits = entries.length > 0 && entries.every(([index, value]) => /^\d{1,10}$/.test(index) && typeof value === 'number');
    return fits ? { vector: Object.fromEntries(entries) as Record<string, number> } : { trouble };
  } catch {
    return { trouble };
  }
}
