// Calls that have a truth: `exists`, and the functions of arrays, texts, nulls and samples. Their names may be written
// in small letters or in capitals, and are names of fields where no bracket follows.

import type { Filter, Operand } from '../../model/filter.js';
import { invalid } from '../invalid.js';
import { accept, acceptWord, afterNext, expect, nested, next, take, type Cursor } from './cursor.js';
import { operandOf } from './operand.js';
import type { Token } from './token.js';

type Read = (cursor: Cursor, position: number) => Filter;

const CALLS: ReadonlyMap<string, Read> = new Map([
  ...['json_contains', 'array_contains'].flatMap((name): [string, Read][] => [
    [name, contains('one')],
    [`${name}_all`, contains('all')],
    [`${name}_any`, contains('any')],
  ]),
  ['isnull', isNull(false)],
  ['isnotnull', isNull(true)],
  ['text_match', textMatch],
  ['phrase_match', phraseMatch],
  ['random_sample', randomSample],
]);

/** The condition that begins here with a word, if one does. */
export function conditionCall(cursor: Cursor): Filter | undefined {
  const token = next(cursor);
  const { kind } = afterNext(cursor);
  if (token.kind !== 'name' || (kind !== '(' && kind !== 'name')) return undefined;
  if (!isSubject(cursor) && acceptWord(cursor, 'exists', 'EXISTS')) return { kind: 'exists', operand: nested(cursor, token, () => operandOf(cursor)), position: token.position };
  const read = kind === '(' ? CALLS.get(token.text === token.text.toUpperCase() ? token.text.toLowerCase() : token.text) : undefined;
  if (read === undefined) return undefined;
  take(cursor);
  return nested(cursor, take(cursor), () => {
    const filter = read(cursor, token.position);
    expect(cursor, ')', '"," or ")"');
    return filter;
  });
}

/** A field called `exists` may be said to be null, or like a text; fields called `is` and `like` may exist. */
function isSubject({ tokens, at }: Cursor): boolean {
  const [verb, object] = [tokens[at + 1], tokens[at + 2]];
  if (verb?.text === 'is' || verb?.text === 'IS') return object?.kind === 'not' || object?.text === 'null' || object?.text === 'NULL';
  return (verb?.text === 'like' || verb?.text === 'LIKE') && (object?.kind === 'literal' || object?.kind === '{');
}

function contains(mode: 'one' | 'all' | 'any'): Read {
  return (cursor, position) => {
    const array = operandOf(cursor);
    expect(cursor, ',', '"," and what the array is to contain');
    return { kind: 'contains', mode, array, values: operandOf(cursor), position };
  };
}

function isNull(negated: boolean): Read {
  return (cursor, position) => ({ kind: 'null', operand: operandOf(cursor), negated, position });
}

function textMatch(cursor: Cursor, position: number): Filter {
  const { field, query } = fieldAndQuery(cursor);
  if (!accept(cursor, ',')) return { kind: 'textMatch', field, query, minimum: undefined, position };
  const token = next(cursor);
  if (!acceptWord(cursor, 'minimum_should_match', 'MINIMUM_SHOULD_MATCH')) throw notOption(token);
  expect(cursor, '=', '"=" after minimum_should_match');
  return { kind: 'textMatch', field, query, minimum: operandOf(cursor), position };
}

function notOption({ position, text }: Token): Error {
  return invalid(position, `expected minimum_should_match, found ${text === '' ? 'the end of the filter' : text.slice(0, 40)}`);
}

function phraseMatch(cursor: Cursor, position: number): Filter {
  const { field, query } = fieldAndQuery(cursor);
  return { kind: 'phraseMatch', field, query, slop: accept(cursor, ',') ? operandOf(cursor) : undefined, position };
}

function fieldAndQuery(cursor: Cursor): { readonly field: Operand; readonly query: Operand } {
  const field = operandOf(cursor);
  expect(cursor, ',', '"," and the text to look for');
  return { field, query: operandOf(cursor) };
}

function randomSample(cursor: Cursor, position: number): Filter {
  const share = operandOf(cursor);
  return { kind: 'sample', share, seed: accept(cursor, ',') ? operandOf(cursor) : undefined, position };
}
