// TokenList: the tokens of rows, while an index is made of them. They come row by row, each row's in order of their positions.

/** The number of each token's term, and its position; both grow. */
export class TokenList {
  /** Where the tokens of each row end. */
  readonly ends: Uint32Array;
  #terms = new Uint32Array(0);
  #positions = new Uint32Array(0);
  #count = 0;
  #rows = 0;

  constructor(rows: number) {
    this.ends = new Uint32Array(rows);
  }

  get bytes(): number {
    return this.ends.byteLength + this.#terms.byteLength + this.#positions.byteLength;
  }

  get terms(): Uint32Array {
    return this.#terms.subarray(0, this.#count);
  }

  get positions(): Uint32Array {
    return this.#positions.subarray(0, this.#count);
  }

  /** Bytes that it takes beyond these, for so many tokens more. */
  bytesToAdd(count: number): number {
    return Math.max(0, this.#capacityFor(count) - this.#terms.length) * 2 * Uint32Array.BYTES_PER_ELEMENT;
  }

  add(term: number, position: number): void {
    if (this.#count === this.#terms.length) this.#grow(this.#capacityFor(1));
    this.#terms[this.#count] = term;
    this.#positions[this.#count++] = position;
  }

  endRow(): void {
    this.ends[this.#rows++] = this.#count;
  }

  #capacityFor(count: number): number {
    let capacity = Math.max(1024, this.#terms.length);
    while (capacity < this.#count + count) capacity += capacity >> 1;
    return capacity;
  }

  #grow(capacity: number): void {
    const terms = new Uint32Array(capacity);
    terms.set(this.#terms);
    this.#terms = terms;
    const positions = new Uint32Array(capacity);
    positions.set(this.#positions);
    this.#positions = positions;
  }
}
