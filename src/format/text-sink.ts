// TextSink: UTF-8 of many texts, one behind the other. Short texts of ASCII, which most are, are copied as they are: what
// encodes any text costs more than they do.

const ENCODER = new TextEncoder();
const SHORT_CHARS = 64;
/** Bytes that a UTF-16 code unit takes at most. */
const BYTES_PER_CHAR_MAX = 3;

export class TextSink {
  #bytes: Uint8Array<ArrayBuffer>;
  #end = 0;

  /** `sizeBytes` is what is expected; more is taken when needed. */
  constructor(sizeBytes: number) {
    this.#bytes = new Uint8Array(sizeBytes);
  }

  /** All that was added; a view that the next text may move. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#end);
  }

  /** Adds a text; gives where it ends. REQUIRES: it is well-formed. */
  add(text: string): number {
    this.#reserve(text.length);
    if (text.length > SHORT_CHARS || !this.#addAscii(text)) {
      this.#reserve(text.length * BYTES_PER_CHAR_MAX);
      this.#end += ENCODER.encodeInto(text, this.#bytes.subarray(this.#end)).written;
    }
    return this.#end;
  }

  /** False, and nothing added, if it is not all ASCII. */
  #addAscii(text: string): boolean {
    const bytes = this.#bytes;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) return false;
      bytes[this.#end + i] = code;
    }
    this.#end += text.length;
    return true;
  }

  #reserve(count: number): void {
    const needed = this.#end + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.bytes);
    this.#bytes = grown;
  }
}
