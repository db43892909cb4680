// Parse: the syntax of RE2 to nodes. What RE2 leaves out, as no linear matcher has it, is refused: back references and
// looking around. Greedy or not makes no difference to whether a text matches.

import { LIMITS } from '../../model/limits.js';
import { classAt } from './class.js';
import { perlClass } from './classes.js';
import { escapedChar, propertyAt } from './escape.js';
import { oneChar, oneGroup, type RegexNode } from './node.js';
import { refuse, type Flags, type Reader } from './reader.js';

/** Errors: `RegexError`. */
export function parseRegex(source: string): RegexNode {
  const reader: Reader = { source, at: 0, depth: 0, flags: { ignoreCase: false, multiline: false, dotAll: false } };
  const node = choice(reader);
  if (reader.at < source.length) throw refuse(reader, 'the end', reader.at);
  return node;
}

function choice(reader: Reader): RegexNode {
  const options = [sequence(reader)];
  while (reader.source[reader.at] === '|') {
    reader.at++;
    options.push(sequence(reader));
  }
  return options.length === 1 ? (options[0] as RegexNode) : { kind: 'choice', options };
}

function sequence(reader: Reader): RegexNode {
  const parts: RegexNode[] = [];
  while (reader.at < reader.source.length && reader.source[reader.at] !== '|' && reader.source[reader.at] !== ')') {
    const start = reader.at;
    const part = atom(reader);
    if (part !== undefined) parts.push(repeated(reader, part, start));
  }
  return parts.length === 1 ? (parts[0] as RegexNode) : { kind: 'sequence', parts };
}

const COUNTED = /\{(\d{1,5})(?:(,)(\d{1,5})?)?\}/y;

function repeated(reader: Reader, part: RegexNode, start: number): RegexNode {
  const times = timesAt(reader);
  if (times === undefined) return part;
  const { min, max } = times;
  const most = LIMITS.regexRepeatMax;
  if (min > most || (max ?? 0) > most || (max !== undefined && max < min)) throw refuse(reader, `at most ${most} repetitions, the smaller number first`, start);
  if (reader.source[reader.at] === '?') reader.at++;
  if (timesAt(reader) !== undefined) throw refuse(reader, 'one repetition', start);
  return { kind: 'repeat', part, min, max };
}

function timesAt(reader: Reader): { readonly min: number; readonly max: number | undefined } | undefined {
  const char = reader.source[reader.at];
  if (char === '*' || char === '+' || char === '?') {
    reader.at++;
    return { min: char === '+' ? 1 : 0, max: char === '?' ? 1 : undefined };
  }
  COUNTED.lastIndex = reader.at;
  const match = char === '{' ? COUNTED.exec(reader.source) : null;
  if (match === null) return undefined;
  reader.at += match[0].length;
  const min = Number(match[1]);
  return { min, max: match[2] === undefined ? min : match[3] === undefined ? undefined : Number(match[3]) };
}

/** Undefined for what only sets flags. */
function atom(reader: Reader): RegexNode | undefined {
  const { source, flags } = reader;
  const char = source[reader.at] as string;
  switch (char) {
    case '(':
      return group(reader);
    case '[':
      return { kind: 'set', set: classAt(reader) };
    case '.':
      reader.at++;
      return { kind: 'set', set: { groups: flags.dotAll ? [] : [{ ranges: [[10, 10]], ignoreCase: false }], negated: true } };
    case '^':
    case '$':
      reader.at++;
      return { kind: 'edge', edge: char === '^' ? (flags.multiline ? 'lineStart' : 'textStart') : flags.multiline ? 'lineEnd' : 'textEnd' };
    case '*':
    case '+':
    case '?':
      throw refuse(reader, 'something to repeat', reader.at);
    case '\\':
      return escaped(reader);
    default: {
      const point = source.codePointAt(reader.at) as number;
      reader.at += point > 0xffff ? 2 : 1;
      return oneChar(point, flags.ignoreCase);
    }
  }
}

const EDGES = { A: 'textStart', z: 'textEnd', b: 'wordEdge', B: 'noWordEdge' } as const;

function escaped(reader: Reader): RegexNode {
  const { flags } = reader;
  const letter = reader.source[reader.at + 1] ?? '';
  if (Object.hasOwn(EDGES, letter)) {
    reader.at += 2;
    return { kind: 'edge', edge: EDGES[letter as keyof typeof EDGES] };
  }
  if (letter === 'Q') return quoted(reader);
  const ranges = perlClass(letter);
  if (ranges !== undefined) {
    reader.at += 2;
    return oneGroup({ ranges, ignoreCase: false });
  }
  const property = propertyAt(reader);
  if (property !== undefined) return oneGroup(property);
  return oneChar(escapedChar(reader), flags.ignoreCase);
}

/** `\Q…\E`: characters as they are. */
function quoted(reader: Reader): RegexNode {
  const start = reader.at + 2;
  const found = reader.source.indexOf('\\E', start);
  const end = found < 0 ? reader.source.length : found;
  reader.at = found < 0 ? end : found + 2;
  return { kind: 'sequence', parts: Array.from(reader.source.slice(start, end), (char) => oneChar(char.codePointAt(0) as number, reader.flags.ignoreCase)) };
}

const GROUP = /\((?:\?(?:P?<([A-Za-z_][A-Za-z0-9_]*)>|([imsU]*(?:-[imsU]+)?)([:)])))?/y;

function group(reader: Reader): RegexNode | undefined {
  const start = reader.at;
  GROUP.lastIndex = start;
  const match = GROUP.exec(reader.source) as RegExpExecArray;
  reader.at += match[0].length;
  if (match[0] === '(' && reader.source[reader.at] === '?') throw refuse(reader, 'a group (…), (?:…), (?P<name>…) or (?flags), without looking around,', start);
  const outer = reader.flags;
  if (match[2] !== undefined) reader.flags = flagsOf(outer, match[2]);
  if (match[3] === ')') return undefined;
  if (reader.depth === LIMITS.filterDepthMax) throw refuse(reader, `groups at most ${LIMITS.filterDepthMax} deep`, start);
  reader.depth++;
  const node = choice(reader);
  reader.depth--;
  reader.flags = outer;
  if (reader.source[reader.at] !== ')') throw refuse(reader, '")"', reader.at);
  reader.at++;
  return node;
}

function flagsOf(outer: Flags, written: string): Flags {
  const [on = '', off = ''] = written.split('-');
  const has = (letter: string, before: boolean): boolean => (off.includes(letter) ? false : on.includes(letter) || before);
  return { ignoreCase: has('i', outer.ignoreCase), multiline: has('m', outer.multiline), dotAll: has('s', outer.dotAll) };
}
