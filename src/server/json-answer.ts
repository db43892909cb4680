// JsonAnswer: the body of an answer as JSON. A short one is made at once; of a long list in `data` pieces are made as the client
// takes them, others having their turn before each, so that no more of it is in memory than is on its way.

import { jsonBytes } from './json.js';
import { JsonWriter } from './json-writer.js';
import { nextTurn } from './slices.js';

/** What is written in one turn: about a millisecond of work. */
const PIECE_BYTES = 256 * 1024;

export type AnswerBody = Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>;

export function answerJson({ data, ...head }: { readonly [member: string]: unknown }, int64AsText: boolean): AnswerBody {
  if (!Array.isArray(data)) return jsonBytes({ ...head, ...(data === undefined ? {} : { data }) }, int64AsText);
  const pieces = new Pieces(head, data, int64AsText);
  const first = pieces.next();
  return pieces.isEnded ? first : streamOf(first, pieces);
}

function streamOf(first: Uint8Array<ArrayBuffer>, pieces: Pieces): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start: (controller) => controller.enqueue(first),
    pull: async (controller) => {
      await nextTurn();
      controller.enqueue(pieces.next());
      if (pieces.isEnded) controller.close();
    },
  });
}

class Pieces {
  readonly #data: readonly unknown[];
  readonly #int64AsText: boolean;
  #writer: JsonWriter;
  #at = 0;

  constructor(head: Readonly<Record<string, unknown>>, data: readonly unknown[], int64AsText: boolean) {
    this.#data = data;
    this.#int64AsText = int64AsText;
    this.#writer = new JsonWriter(int64AsText);
    this.#writer.raw('{');
    for (const [key, value] of Object.entries(head)) {
      if (value === undefined) continue;
      this.#writer.text(key);
      this.#writer.raw(':');
      this.#writer.value(value);
      this.#writer.raw(',');
    }
    this.#writer.raw('"data":[');
  }

  /** Whether the last was given. */
  get isEnded(): boolean {
    return this.#at > this.#data.length;
  }

  /** As many items as make a piece. REQUIRES: it has not ended. */
  next(): Uint8Array<ArrayBuffer> {
    const writer = this.#writer;
    for (; this.#at < this.#data.length && writer.length < PIECE_BYTES; this.#at++) {
      if (this.#at > 0) writer.raw(',');
      writer.value(this.#data[this.#at]);
    }
    if (this.#at === this.#data.length && writer.length < PIECE_BYTES) {
      writer.raw(']}');
      this.#at++;
    }
    this.#writer = new JsonWriter(this.#int64AsText);
    return writer.take();
  }
}
