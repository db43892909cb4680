// Cursor: the place of the parser in its tokens. It only moves on: every token is taken once.

import { LIMITS } from '../../model/limits.js';
import { invalid, shortened } from '../invalid.js';
import type { Token } from './token.js';

export interface Cursor {
  readonly tokens: readonly Token[];
  at: number;
  /** Open brackets and operators in front of their operand. */
  depth: number;
}

export function next(cursor: Cursor): Token {
  return cursor.tokens[cursor.at] as Token;
}

/** The one behind the next; the last token stands for all that are not there. */
export function afterNext({ tokens, at }: Cursor): Token {
  return tokens[Math.min(at + 1, tokens.length - 1)] as Token;
}

export function take(cursor: Cursor): Token {
  const token = next(cursor);
  if (token.kind !== 'end') cursor.at++;
  return token;
}

/** Takes the next token if it is of that kind. */
export function accept(cursor: Cursor, kind: Token['kind']): boolean {
  if (next(cursor).kind !== kind) return false;
  take(cursor);
  return true;
}

export function expect(cursor: Cursor, kind: Token['kind'], what: string): Token {
  if (next(cursor).kind !== kind) throw unexpected(what, next(cursor));
  return take(cursor);
}

/** Takes the next token if it is one of these words, which are names elsewhere. */
export function acceptWord(cursor: Cursor, ...words: readonly string[]): boolean {
  const { kind, text } = next(cursor);
  if (kind !== 'name' || !words.includes(text)) return false;
  take(cursor);
  return true;
}

/** Runs `parse` one level deeper. */
export function nested<T>(cursor: Cursor, opener: Token, parse: () => T): T {
  if (cursor.depth === LIMITS.filterDepthMax) {
    throw invalid(opener.position, `expected brackets and operators nested at most ${LIMITS.filterDepthMax} deep, found one more`);
  }
  cursor.depth++;
  const parsed = parse();
  cursor.depth--;
  return parsed;
}

export function unexpected(expected: string, found: Token): Error {
  return invalid(found.position, `expected ${expected}, found ${found.kind === 'end' ? 'the end of the filter' : shortened(found.text)}`);
}
