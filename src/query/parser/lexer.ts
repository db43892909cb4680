// Lexer: filter text to tokens, in one pass. Every token knows where it begins; the last is always `end`.
// Errors are `InvalidFilter` with the position of the offending character.

import type { ElanusError } from '../../model/errors.js';
import { LIMITS } from '../../model/limits.js';
import { invalid } from '../invalid.js';
import { numberAt } from './number.js';
import { matchAt } from './sticky.js';
import { rawStringAt, stringAt } from './string.js';
import type { Reserved, Sign, Token } from './token.js';

const SPACE = /[ \t\r\n]*/y;
const WORD = /[A-Za-z_$][A-Za-z0-9_$]*/y;
const SIGN = /\*\*|&&|\|\||<<|>>|=~|!~|[=!<>]=|[-+*/%&|^~<>=!()[\]{},]/y;
const NUMBER_START = /\.?\d/y;
/** Before a string: that its backslashes are as they are, or what C would have made of it. */
const RAW = /[rR](?=["'])/y;
const ENCODING = /(?:u8|[uUL])(?=["'])/y;

const RESERVED: ReadonlyMap<string, Reserved> = new Map<string, Reserved>([
  ['and', 'and'], ['AND', 'and'], ['&&', 'and'], ['or', 'or'], ['OR', 'or'], ['||', 'or'],
  ['not', 'not'], ['NOT', 'not'], ['!', 'not'], ['in', 'in'], ['IN', 'in'],
]);
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true], ['True', true], ['TRUE', true], ['false', false], ['False', false], ['FALSE', false],
]);

export function tokenize(text: string): readonly Token[] {
  if (text.length > LIMITS.filterLengthMax) {
    throw invalid(LIMITS.filterLengthMax, `expected at most ${LIMITS.filterLengthMax} characters, found ${text.length}`);
  }
  const tokens: Token[] = [];
  for (let at = skipSpace(text, 0); at < text.length; ) {
    const token = tokenAt(text, at);
    tokens.push(token);
    at = skipSpace(text, at + token.text.length);
  }
  tokens.push({ kind: 'end', position: text.length, text: '' });
  return tokens;
}

function skipSpace(text: string, at: number): number {
  return at + matchAt(SPACE, text, at).length;
}

function tokenAt(text: string, position: number): Token {
  const first = text.charAt(position);
  if (first === '"' || first === "'") return literalToken(text, stringAt(text, position), position);
  if (matchAt(NUMBER_START, text, position) !== '') return literalToken(text, numberAt(text, position), position);
  if (matchAt(RAW, text, position) !== '') return literalToken(text, rawStringAt(text, position + 1), position);
  const encoding = matchAt(ENCODING, text, position);
  if (encoding !== '') return literalToken(text, stringAt(text, position + encoding.length), position);
  const word = matchAt(WORD, text, position);
  if (word !== '') return wordToken(word, position);
  const sign = matchAt(SIGN, text, position);
  if (sign === '') throw unexpected(text, position);
  return { kind: RESERVED.get(sign) ?? (sign as Sign), position, text: sign };
}

function literalToken(text: string, { value, end }: { readonly value: bigint | number | string; readonly end: number }, position: number): Token {
  return { kind: 'literal', value, position, text: text.slice(position, end) };
}

function wordToken(word: string, position: number): Token {
  const value = BOOLEANS.get(word);
  if (value !== undefined) return { kind: 'literal', value, position, text: word };
  return { kind: RESERVED.get(word) ?? 'name', position, text: word };
}

function unexpected(text: string, position: number): ElanusError {
  const char = String.fromCodePoint(text.codePointAt(position) ?? 0);
  return invalid(position, `expected a field, a literal or an operator, found ${JSON.stringify(char)}`);
}
