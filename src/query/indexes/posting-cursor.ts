// PostingCursor: goes through the rows that have a term, ascending, as TextPostings keeps them.

export class PostingCursor {
  /** -1 before the first. */
  row = -1;
  readonly #rows: Uint8Array;
  readonly #end: number;
  readonly #positions: Uint8Array;
  #at: number;
  /** Where the positions begin that have not been passed yet, and how many of them are of rows before and of this one. */
  #positionsAt: number;
  #passed = 0;
  #count = 0;

  constructor(rows: Uint8Array, at: number, end: number, positions: Uint8Array, positionsAt: number) {
    this.#rows = rows;
    this.#at = at;
    this.#end = end;
    this.#positions = positions;
    this.#positionsAt = positionsAt;
  }

  /** False behind the last. */
  next(): boolean {
    if (this.#at === this.#end) return false;
    this.#passed += this.#count;
    const step = this.#read();
    this.row += Math.floor(step / 2);
    this.#count = step % 2 === 0 ? 1 : this.#read();
    return true;
  }

  /** Goes on to that row, or the first behind it. */
  seek(row: number): boolean {
    while (this.row < row) if (!this.next()) return false;
    return true;
  }

  /** Where the term stands in this row, ascending. Once a row. */
  positions(): readonly number[] {
    const bytes = this.#positions;
    for (; this.#passed > 0; this.#passed--) while ((bytes[this.#positionsAt++] as number) >= 0x80);
    const found: number[] = [];
    let position = 0;
    for (; this.#count > 0; this.#count--) {
      let scale = 1;
      let byte = bytes[this.#positionsAt++] as number;
      for (; byte >= 0x80; byte = bytes[this.#positionsAt++] as number, scale *= 0x80) position += (byte - 0x80) * scale;
      position += byte * scale;
      found.push(position);
    }
    return found;
  }

  #read(): number {
    let value = 0;
    let scale = 1;
    let byte = this.#rows[this.#at++] as number;
    for (; byte >= 0x80; byte = this.#rows[this.#at++] as number, scale *= 0x80) value += (byte - 0x80) * scale;
    return value + byte * scale;
  }
}
