// JsonInTurns: a long JSON object from the pieces of its text, read as `parseJson` reads a whole one, with others served in between. No more
// of the text is put together than the value takes that is being read.

import { accept, fail, parseJson, readKey, readValue, setMember, skipSpace, TooManyNames, type JsonInput, type Reader } from './json-parser.js';

/** Of the object itself, and of what is read in one go: a member of it, or an item of a list in it. */
export const NAMES_MAX = 32_768;
/** Text that is put together at a time, in characters. */
const PIECE_LENGTH = 256 * 1024;
/** From its beginning a list is told that has lists or objects. */
const LIST_START_LENGTH = 64;
const LIST_OF_MANY = /\s*\[\s*[[{]/y;

/**
 * Members of a list that is in the object are read one by one: between two of them `turn` is asked, and what it gives is waited for; a list of
 * numbers is read at once. Errors: `SyntaxError` with the position, `TooManyNames` of them; what `texts` throws.
 */
export async function parseJsonInTurns(texts: Iterator<string>, turn: () => Promise<void> | undefined): Promise<JsonInput> {
  const window = new Window(texts);
  if (!window.read((reader) => accept(reader, '{'))) return parseJson(window.rest());
  const object: Record<string, JsonInput> = {};
  if (!window.read((reader) => accept(reader, '}'))) {
    let names = 0;
    do {
      if (++names > NAMES_MAX) throw new TooManyNames(`expected at most ${NAMES_MAX} names, found more`);
      const key = window.read((reader) => readKey(reader, object));
      setMember(object, key, window.isListOfMany() ? await readList(window, turn) : window.read((reader) => readValue(reader, 1)));
    } while (window.read((reader) => accept(reader, ',')));
    window.read((reader) => accept(reader, '}') || fail(reader, '"," or "}"'));
  }
  window.read((reader) => {
    skipSpace(reader);
    if (reader.at < reader.text.length) fail(reader, 'the end');
  });
  return object;
}

async function readList(window: Window, turn: () => Promise<void> | undefined): Promise<readonly JsonInput[]> {
  window.read((reader) => accept(reader, '['));
  const items: JsonInput[] = [];
  do {
    items.push(window.read((reader) => readValue(reader, 2)));
    const waiting = turn();
    if (waiting !== undefined) await waiting;
  } while (window.read((reader) => accept(reader, ',')));
  window.read((reader) => accept(reader, ']') || fail(reader, '"," or "]"'));
  return items;
}

/** The part of the text that is being read. */
class Window {
  readonly #texts: Iterator<string>;
  #reader: Reader = { text: '', at: 0, before: 0 };
  #isEnded = false;

  constructor(texts: Iterator<string>) {
    this.#texts = texts;
  }

  /** What `read` gives, which may be run again with more text behind: what ends with the text may go on. Errors: those of `read`, of the whole text. */
  read<T>(read: (reader: Reader) => T): T {
    for (let length = PIECE_LENGTH; ; length *= 2) {
      const start = this.#reader.at;
      this.#reader.namesLeft = NAMES_MAX;
      try {
        const value = read(this.#reader);
        skipSpace(this.#reader);
        if (this.#isEnded || this.#reader.at < this.#reader.text.length) return value;
      } catch (error) {
        if (this.#isEnded || error instanceof TooManyNames) throw error;
      }
      this.#reader.at = start;
      this.#extend(length);
    }
  }

  /** All that is left. */
  rest(): string {
    this.#extend(Infinity);
    return this.#reader.text;
  }

  isListOfMany(): boolean {
    if (this.#reader.text.length - this.#reader.at < LIST_START_LENGTH) this.#extend(PIECE_LENGTH);
    const { text, at } = this.#reader;
    LIST_OF_MANY.lastIndex = 0;
    return LIST_OF_MANY.test(text.slice(at, at + LIST_START_LENGTH));
  }

  /** By as many characters or more, unless the text ends. */
  #extend(length: number): void {
    const { text, at, before } = this.#reader;
    const parts = [text.slice(at)];
    for (let added = 0; added < length && !this.#isEnded; ) {
      const next = this.#texts.next();
      if (next.done === true) this.#isEnded = true;
      else added += parts[parts.push(next.value) - 1]?.length ?? 0;
    }
    this.#reader = { text: parts.join(''), at: 0, before: before + at };
  }
}
