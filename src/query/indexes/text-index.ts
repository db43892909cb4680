// TextIndex: the terms of the texts of a column, by their analyzer, and the rows and places that have them. It answers
// what TEXT_MATCH and PHRASE_MATCH ask without analyzing a text again, as looking at every row would.

import { bitsetBytes, setBit, type Bitset } from '../../model/bitset.js';
import type { ColumnIndex, IndexAnswer, IndexQuestion } from '../column-indexes.js';
import type { Term } from '../context.js';
import { phraseGroups, placesFit, type PlacedGroup } from '../evaluate/phrase.js';
import type { PostingCursor } from './posting-cursor.js';
import { TextPostings } from './text-postings.js';
import { TokenList } from './token-list.js';

/** UTF-16 units that are analyzed between two steps. */
const STEP_UNITS = 8192;
/** About what building takes at least for each unit: tokens of six of them, and what comes of these. */
const BUILDING_BYTES = 4;
/** A term takes its units, and about so much in the table of terms. */
const TERM_BYTES = 64;

/** What building takes: the analyzer of the column, and who says whether so many bytes in all are still there. */
export interface TextBuilding {
  readonly analyze: (text: string) => readonly Term[];
  readonly hasRoom: (bytes: number) => boolean;
}

export class TextIndex implements ColumnIndex {
  readonly form = 'text';
  readonly bytes: number;
  readonly #rows: number;
  readonly #terms: ReadonlyMap<string, number>;
  readonly #postings: TextPostings;

  private constructor(rows: number, terms: ReadonlyMap<string, number>, termBytes: number, postings: TextPostings) {
    this.#rows = rows;
    this.#terms = terms;
    this.#postings = postings;
    this.bytes = termBytes + postings.bytes;
  }

  /** Undefined if there is no room for it. A step takes a few milliseconds. */
  static *build(texts: readonly string[], { analyze, hasRoom }: TextBuilding): Generator<void, TextIndex | undefined> {
    const numbers = new Map<string, number>();
    const tokens = new TokenList(texts.length);
    let termBytes = 0;
    let units = 0;
    for (const text of texts) {
      const found = analyze(text);
      if (tokens.bytesToAdd(found.length) > 0 && !hasRoom(2 * tokens.bytes + tokens.bytesToAdd(found.length) + termBytes)) return undefined;
      for (const { term, position } of found) {
        let number = numbers.get(term);
        if (number === undefined) {
          number = numbers.size;
          numbers.set(term, number);
          termBytes += term.length * 2 + TERM_BYTES;
        }
        tokens.add(number, position);
      }
      tokens.endRow();
      units += text.length + 1;
      if (units < STEP_UNITS) continue;
      units = 0;
      yield;
    }
    const postings = yield* TextPostings.build(tokens, numbers.size, (bytes) => hasRoom(tokens.bytes + termBytes + bytes));
    return postings && new TextIndex(texts.length, numbers, termBytes, postings);
  }

  /** What building one takes at least, about; scripts that are cut into grams take more. */
  static bytesFor(texts: readonly string[]): number {
    return texts.reduce((sum, text) => sum + text.length, texts.length) * BUILDING_BYTES;
  }

  answer(question: IndexQuestion): IndexAnswer | undefined {
    if (question.kind === 'terms') return { rows: this.#having(question.terms, question.minimum) };
    return question.kind === 'phrase' ? { rows: this.#phrase(question.terms, question.slop) } : undefined;
  }

  #having(terms: readonly string[], minimum: number): Bitset {
    const rows = this.#none();
    const known = this.#numbersOf(terms);
    if (known.length < minimum) return rows;
    const counts = minimum === 1 ? undefined : new Uint16Array(this.#rows);
    for (const term of known) {
      const cursor = this.#postings.cursor(term);
      if (counts === undefined) while (cursor.next()) setBit(rows, cursor.row);
      else while (cursor.next()) counts[cursor.row] = (counts[cursor.row] as number) + 1;
    }
    counts?.forEach((count, row) => count >= minimum && setBit(rows, row));
    return rows;
  }

  /** The rows of the rarest term, in which the others are looked for. */
  #phrase(query: readonly Term[], slop: number): Bitset {
    const rows = this.#none();
    const groups = [...phraseGroups(query)].map(([term, offsets]) => ({ offsets, number: this.#terms.get(term) }));
    if (groups.length === 0 || groups.some(({ number }) => number === undefined)) return rows;
    const weightOf = ({ number }: { readonly number: number | undefined }): number => this.#postings.weight(number as number);
    const parts = groups.sort((a, b) => weightOf(a) - weightOf(b)).map(({ offsets, number }) => ({ offsets, cursor: this.#postings.cursor(number as number) }));
    const [rarest, ...others] = parts as [Part, ...Part[]];
    while (rarest.cursor.next()) {
      const { row } = rarest.cursor;
      let isThere = true;
      for (const { cursor } of others) {
        if (!cursor.seek(row)) return rows;
        if (cursor.row === row) continue;
        isThere = false;
        break;
      }
      if (isThere && placesFit(parts.map(placed), slop)) setBit(rows, row);
    }
    return rows;
  }

  #numbersOf(terms: readonly string[]): readonly number[] {
    return terms.flatMap((term) => this.#terms.get(term) ?? []);
  }

  #none(): Bitset {
    return new Uint8Array(bitsetBytes(this.#rows));
  }
}

interface Part {
  readonly offsets: readonly number[];
  readonly cursor: PostingCursor;
}

function placed({ offsets, cursor }: Part): PlacedGroup {
  return { offsets, at: cursor.positions() };
}
