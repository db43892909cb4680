// Token: one term of a text and where it stands. Tokenizers make tokens, filters change or remove them.

export interface Token {
  /** What is indexed and looked for. */
  readonly term: string;
  /** Where it is in the text, in UTF-16 units: start inclusive, end exclusive. */
  readonly start: number;
  readonly end: number;
  /**
   * Ascends within a text, from 0; what a filter removed leaves its place. Tokens that stand for the same word, or grams
   * of several lengths that begin with the same character, share one.
   */
  readonly position: number;
}

/** Cuts a text. It takes time in proportion to the length of the text. */
export type Tokenizer = (text: string) => Token[];

/** What becomes of a term: another one, several in its place, or none. */
export type TermFilter = (term: string) => string | readonly string[] | undefined;
