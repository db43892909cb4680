// Lexer: filter text to tokens. Every token knows where it begins; the last is always `end`.
// Errors are `InvalidFilter` with the position of the offending character.

import { ElanusError } from '../model/errors.js';
import type { Comparison, Literal } from '../model/filter.js';
import { LIMITS } from '../model/limits.js';

export type Token = { readonly position: number; readonly text: string } & (
  | { readonly kind: 'name' }
  | { readonly kind: 'literal'; readonly value: Literal }
  | { readonly kind: 'comparison'; readonly op: Comparison }
  | { readonly kind: Plain | 'end' }
);

type Plain = 'and' | 'or' | 'not' | 'in' | '(' | ')' | '[' | ']' | ',';

const SPACE = /[ \t\r\n]*/y;
const WORD = /[A-Za-z_$][A-Za-z0-9_$]*/y;
const NUMBER = /-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const SIGN = /&&|\|\||[=!<>]=|[<>!()[\],]/y;
const HEX4 = /[0-9A-Fa-f]{4}/y;

const KEYWORDS: ReadonlyMap<string, Plain> = new Map<string, Plain>([
  ['and', 'and'], ['AND', 'and'], ['or', 'or'], ['OR', 'or'], ['not', 'not'], ['NOT', 'not'], ['in', 'in'], ['IN', 'in'],
]);
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true], ['True', true], ['TRUE', true], ['false', false], ['False', false], ['FALSE', false],
]);
const SIGNS: ReadonlyMap<string, Plain> = new Map<string, Plain>([
  ['&&', 'and'], ['||', 'or'], ['!', 'not'], ['(', '('], [')', ')'], ['[', '['], [']', ']'], [',', ','],
]);
const ESCAPES: ReadonlyMap<string, string> = new Map([['n', '\n'], ['t', '\t'], ['\\', '\\'], ['"', '"'], ["'", "'"]]);

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

/** An `InvalidFilter` that names the position. */
export function invalid(position: number, message: string): ElanusError {
  return new ElanusError('InvalidFilter', `filter at ${position}: ${message}`, { position });
}

function skipSpace(text: string, at: number): number {
  return at + matchAt(SPACE, text, at).length;
}

function tokenAt(text: string, position: number): Token {
  const first = text.charAt(position);
  if (first === '"' || first === "'") return stringAt(text, position);
  const number = matchAt(NUMBER, text, position);
  if (number !== '') return numberToken(text, number, position);
  const word = matchAt(WORD, text, position);
  if (word !== '') return wordToken(word, position);
  const sign = matchAt(SIGN, text, position);
  if (sign === '') throw unexpected(text, position);
  const kind = SIGNS.get(sign);
  return kind === undefined ? { kind: 'comparison', op: sign as Comparison, position, text: sign } : { kind, position, text: sign };
}

function wordToken(word: string, position: number): Token {
  const value = BOOLEANS.get(word);
  if (value !== undefined) return { kind: 'literal', value, position, text: word };
  return { kind: KEYWORDS.get(word) ?? 'name', position, text: word };
}

/** Digits alone are a bigint; a point or an exponent makes a number. */
function numberToken(text: string, number: string, position: number): Token {
  const next = position + number.length;
  if (matchAt(WORD, text, next) !== '') throw invalid(next, `expected a number to end here, found "${text.charAt(next)}" after ${number}`);
  if (/^-?0\d/.test(number)) throw invalid(position, `expected a decimal number without leading zeros, found ${number}`);
  if (/^-?\d+$/.test(number)) return { kind: 'literal', value: BigInt(number), position, text: number };
  const value = Number(number);
  if (!Number.isFinite(value)) throw invalid(position, `expected a number of at most ${Number.MAX_VALUE}, found ${number}`);
  return { kind: 'literal', value, position, text: number };
}

function stringAt(text: string, position: number): Token {
  const quote = text.charAt(position);
  let value = '';
  for (let at = position + 1; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === quote) return { kind: 'literal', value, position, text: text.slice(position, at + 1) };
    if (char !== '\\') {
      value += char;
      continue;
    }
    const escape = escapeAt(text, at);
    value += escape.char;
    at += escape.length - 1;
  }
  throw invalid(position, `expected a closing ${quote} of the string that begins here, found the end of the filter`);
}

function escapeAt(text: string, position: number): { readonly char: string; readonly length: number } {
  const name = text.charAt(position + 1);
  const char = ESCAPES.get(name);
  if (char !== undefined) return { char, length: 2 };
  const hex = name === 'u' ? matchAt(HEX4, text, position + 2) : '';
  if (hex === '') throw invalid(position, `expected one of \\n \\t \\\\ \\" \\' \\uXXXX, found "${text.slice(position, position + 2)}"`);
  return { char: String.fromCharCode(Number.parseInt(hex, 16)), length: 6 };
}

function unexpected(text: string, position: number): ElanusError {
  const char = String.fromCodePoint(text.codePointAt(position) ?? 0);
  const meant = { '=': '"=="', '&': '"&&"', '|': '"||"', '-': 'a number after "-"' }[char];
  return invalid(position, `expected ${meant ?? 'a field, a literal or an operator'}, found ${JSON.stringify(char)}`);
}

/** What the sticky `pattern` matches at `at`, or the empty string. */
function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}
