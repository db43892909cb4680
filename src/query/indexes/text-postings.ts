// TextPostings: of each term the rows that have it, and of each row where it stands there. Row numbers and positions are
// kept as differences, of 7 bits a byte: most take one. A row is the difference to the one before, doubled, and one more if
// a count follows, as the term stands there more than once.

import { PostingCursor } from './posting-cursor.js';
import type { TokenList } from './token-list.js';

/** Bytes of each term, one after the other. */
interface Runs {
  readonly starts: Uint32Array;
  readonly bytes: Uint8Array;
}

export class TextPostings {
  readonly #rows: Runs;
  readonly #positions: Runs;

  private constructor(rows: Runs, positions: Runs) {
    this.#rows = rows;
    this.#positions = positions;
  }

  /** Two passes: how much each term takes, then what it is. A step takes a few milliseconds. `hasRoom`: for so many bytes; undefined if not. */
  static *build(tokens: TokenList, terms: number, hasRoom: (bytes: number) => boolean): Generator<void, TextPostings | undefined> {
    const rows = new Float64Array(terms + 1);
    const positions = new Float64Array(terms + 1);
    const count = (of: Float64Array) => (term: number, value: number): void => void (of[term + 1] = (of[term + 1] as number) + byteCount(value));
    yield* walk(tokens, terms, count(rows), count(positions));
    for (const of of [rows, positions]) for (let term = 0; term < terms; term++) of[term + 1] = (of[term + 1] as number) + (of[term] as number);
    const [rowBytes, positionBytes] = [rows[terms] as number, positions[terms] as number];
    if (Math.max(rowBytes, positionBytes) > BYTES_MAX || !hasRoom(rowBytes + positionBytes + 4 * terms * Uint32Array.BYTES_PER_ELEMENT)) return undefined;
    const made = [rows, positions].map((of): Runs => ({ starts: Uint32Array.from(of), bytes: new Uint8Array(of[terms] as number) })) as [Runs, Runs];
    yield;
    yield* walk(tokens, terms, writer(made[0]), writer(made[1]));
    return new TextPostings(...made);
  }

  get bytes(): number {
    return [this.#rows, this.#positions].reduce((sum, { starts, bytes }) => sum + starts.byteLength + bytes.byteLength, 0);
  }

  /** In proportion to the rows that have it, about. */
  weight(term: number): number {
    return (this.#rows.starts[term + 1] as number) - (this.#rows.starts[term] as number);
  }

  cursor(term: number): PostingCursor {
    const [from, end] = [this.#rows.starts[term] as number, this.#rows.starts[term + 1] as number];
    return new PostingCursor(this.#rows.bytes, from, end, this.#positions.bytes, this.#positions.starts[term] as number);
  }
}

type Put = (term: number, value: number) => void;

/** What the bytes of all terms may take: what an offset of 32 bits reaches. */
const BYTES_MAX = 2 ** 32 - 1;
/** Tokens that are gone through between two steps. */
const STEP_TOKENS = 32_768;

/** Gives rows and positions to be put with each term, in its order. */
function* walk(tokens: TokenList, terms: number, putRow: Put, putPosition: Put): Generator<void> {
  const { ends, terms: termOf, positions } = tokens;
  const lastRow = new Int32Array(terms).fill(-1);
  const lastPosition = new Uint32Array(terms);
  const counts = new Uint32Array(terms);
  let since = 0;
  for (let row = 0, first = 0; row < ends.length; first = ends[row++] as number) {
    const end = ends[row] as number;
    for (let at = first; at < end; at++) {
      const term = termOf[at] as number;
      const position = positions[at] as number;
      putPosition(term, (counts[term] as number) === 0 ? position : position - (lastPosition[term] as number));
      counts[term] = (counts[term] as number) + 1;
      lastPosition[term] = position;
    }
    for (let at = first; at < end; at++) {
      const term = termOf[at] as number;
      const count = counts[term] as number;
      if (count === 0) continue;
      const step = row - (lastRow[term] as number);
      putRow(term, step * 2 + (count === 1 ? 0 : 1));
      if (count > 1) putRow(term, count);
      counts[term] = 0;
      lastRow[term] = row;
    }
    since += end - first + 1;
    if (since < STEP_TOKENS) continue;
    since = 0;
    yield;
  }
}

function writer({ starts, bytes }: Runs): Put {
  const next = starts.slice();
  return (term, value) => {
    let at = next[term] as number;
    let left = value;
    for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes[at++] = (left % 0x80) + 0x80;
    bytes[at++] = left;
    next[term] = at;
  };
}

function byteCount(value: number): number {
  let count = 1;
  for (let left = value; left >= 0x80; left = Math.floor(left / 0x80)) count++;
  return count;
}
