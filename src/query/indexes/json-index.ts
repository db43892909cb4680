// JsonIndex: what lies at one path of a JSON column, by kind: numbers as a column of doubles, texts as codes, booleans as
// bits. Rows that have another kind than what is asked are unknown, as the evaluator has it.

import { bitsetBytes, setBit, type Bitset } from '../../model/bitset.js';
import type { CompareOp, Predicates } from '../../ports/core.js';
import type { ColumnIndex, IndexAnswer, IndexedValue, IndexQuestion } from '../column-indexes.js';
import type { FoundColumn } from '../evaluate/json.js';
import { CodedIndex } from './coded-index.js';

/** Rows that are looked at between two steps. */
const STEP_ROWS = 16_384;

type Kind = 'number' | 'string' | 'boolean';
type Parts = Readonly<Record<Kind, Part | undefined>>;

interface Part {
  /** The rows of that kind. */
  readonly known: Bitset;
  /** Undefined if it cannot be answered. Rows of other kinds may be in it or not. */
  readonly answer: (question: IndexQuestion) => Bitset | undefined;
}

export class JsonIndex implements ColumnIndex {
  readonly form = 'json';
  readonly bytes: number;
  readonly #parts: Parts;
  readonly #predicates: Predicates;
  readonly #rows: number;

  private constructor(rows: number, parts: Parts, bytes: number, predicates: Predicates) {
    this.#rows = rows;
    this.#parts = parts;
    this.bytes = bytes;
    this.#predicates = predicates;
  }

  /** `textsMax`: of how many distinct texts codes are made. A step takes a few milliseconds. */
  static *build(values: FoundColumn, textsMax: number, predicates: Predicates): Generator<void, JsonIndex> {
    const rows = values.length;
    const numbers = new Float64Array(rows);
    const texts = new Array<string>(rows).fill('');
    const [ofNumber, ofText, ofBoolean, trues] = Array.from({ length: 4 }, () => new Uint8Array(bitsetBytes(rows))) as [Bitset, Bitset, Bitset, Bitset];
    let isExact = true;
    for (let row = 0; row < rows; row++) {
      const value = values[row];
      if (typeof value === 'number') {
        numbers[row] = value;
        setBit(ofNumber, row);
      } else if (typeof value === 'bigint') {
        isExact = false;
        setBit(ofNumber, row);
      } else if (typeof value === 'string') {
        texts[row] = value;
        setBit(ofText, row);
      } else if (typeof value === 'boolean') {
        setBit(ofBoolean, row);
        if (value) setBit(trues, row);
      }
      if (row % STEP_ROWS === STEP_ROWS - 1) yield;
    }
    const coded = predicates.count(ofText) === 0 ? undefined : yield* CodedIndex.ofFew(texts, 'codes', textsMax, predicates);
    const hasNumbers = predicates.count(ofNumber) > 0;
    const parts = {
      number: isExact ? { known: ofNumber, answer: (question: IndexQuestion) => (hasNumbers ? numberRows(numbers, question, predicates) : new Uint8Array(bitsetBytes(rows))) } : undefined,
      string: coded === undefined && predicates.count(ofText) > 0 ? undefined : { known: ofText, answer: (question: IndexQuestion) => (coded === undefined ? new Uint8Array(bitsetBytes(rows)) : coded.answer(question)?.rows) },
      boolean: { known: ofBoolean, answer: (question: IndexQuestion) => booleanRows(trues, question, rows, predicates) },
    };
    return new JsonIndex(rows, parts, 4 * bitsetBytes(rows) + (hasNumbers ? numbers.byteLength : 0) + (coded?.bytes ?? 0), predicates);
  }

  /** What building one takes at most, about. */
  static bytesFor(rows: number): number {
    return rows * 48;
  }

  answer(question: IndexQuestion): IndexAnswer | undefined {
    switch (question.kind) {
      case 'compare': {
        if (typeof question.value === 'boolean' && question.op !== 'eq' && question.op !== 'ne') return undefined;
        return this.#ofKind(kindOf(question.value), question);
      }
      case 'like':
        return this.#ofKind('string', question);
      case 'inSet':
        return this.#inSet(question.values);
      default:
        return undefined;
    }
  }

  #ofKind(kind: Kind, question: IndexQuestion): (IndexAnswer & { readonly known: Bitset }) | undefined {
    const part = this.#parts[kind];
    const rows = part?.answer(question);
    return part === undefined || rows === undefined ? undefined : { rows: this.#predicates.and(rows, part.known), known: part.known };
  }

  #inSet(values: readonly IndexedValue[]): IndexAnswer | undefined {
    let rows: Bitset = new Uint8Array(bitsetBytes(this.#rows));
    let known: Bitset = rows;
    for (const kind of ['number', 'string', 'boolean'] as const) {
      const some = values.filter((value) => kindOf(value) === kind);
      if (some.length === 0) continue;
      const found = this.#ofKind(kind, { kind: 'inSet', values: some });
      if (found === undefined) return undefined;
      rows = this.#predicates.or(rows, found.rows);
      known = this.#predicates.or(known, found.known);
    }
    return { rows, known };
  }
}

function kindOf(value: IndexedValue): Kind {
  return typeof value === 'bigint' ? 'number' : (typeof value as Kind);
}

// All numbers are exact below 2^53, so that one beyond is on the same side of its double.
function numberRows(numbers: Float64Array, question: IndexQuestion, predicates: Predicates): Bitset | undefined {
  if (question.kind === 'compare') return predicates.compare(numbers, question.op, Number(question.value));
  return question.kind === 'inSet' ? predicates.inSet(numbers, question.values.map(Number)) : undefined;
}

function booleanRows(trues: Bitset, question: IndexQuestion, rows: number, predicates: Predicates): Bitset | undefined {
  if (question.kind === 'compare') return matchesTrue(question.op, question.value) ? trues.slice() : predicates.not(trues, rows);
  if (question.kind !== 'inSet') return undefined;
  const [hasTrue, hasFalse] = [question.values.includes(true), question.values.includes(false)];
  if (hasTrue && hasFalse) return predicates.or(trues, predicates.not(trues, rows));
  return hasTrue ? trues.slice() : predicates.not(trues, rows);
}

function matchesTrue(op: CompareOp, value: IndexedValue): boolean {
  return (op === 'eq') === (value === true);
}
