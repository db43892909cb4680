// A class in brackets, [a-z\d[:alpha:]].

import { perlClass, posixClass, type Ranges } from './classes.js';
import { escapedChar, propertyAt } from './escape.js';
import type { CharGroup, CharSet } from './node.js';
import { refuse, type Reader } from './reader.js';

const POSIX = /\[:(\^?[a-z]+):\]/y;

/** REQUIRES: `[` at the place. */
export function classAt(reader: Reader): CharSet {
  const start = reader.at++;
  const negated = reader.source[reader.at] === '^';
  if (negated) reader.at++;
  const { ignoreCase } = reader.flags;
  const ranges: (readonly [number, number])[] = [];
  const groups: CharGroup[] = [];
  for (let first = true; first || reader.source[reader.at] !== ']'; first = false) {
    if (reader.at >= reader.source.length) throw refuse(reader, 'a class with an end', start);
    const named = namedRanges(reader);
    const property = named === undefined ? propertyAt(reader) : undefined;
    // Those of Perl and POSIX have both cases, or neither, by themselves.
    if (named !== undefined) groups.push({ ranges: named, ignoreCase: false });
    else if (property !== undefined) groups.push(property);
    else ranges.push(rangeAt(reader));
  }
  reader.at++;
  return { groups: [...groups, { ranges, ignoreCase }], negated };
}

function namedRanges(reader: Reader): Ranges | undefined {
  const { source, at } = reader;
  POSIX.lastIndex = at;
  const match = POSIX.exec(source);
  if (match !== null) {
    const ranges = posixClass(match[1] as string);
    if (ranges === undefined) throw refuse(reader, 'a class of POSIX', at);
    reader.at += match[0].length;
    return ranges;
  }
  const ranges = source[at] === '\\' ? perlClass(source[at + 1] ?? '') : undefined;
  if (ranges !== undefined) reader.at += 2;
  return ranges;
}

function rangeAt(reader: Reader): readonly [number, number] {
  const start = reader.at;
  const low = charAt(reader);
  if (reader.source[reader.at] !== '-' || reader.source[reader.at + 1] === ']' || reader.at + 1 >= reader.source.length) return [low, low];
  reader.at++;
  const high = charAt(reader);
  if (high < low) throw refuse(reader, 'a range that ascends', start);
  return [low, high];
}

function charAt(reader: Reader): number {
  if (reader.source[reader.at] === '\\') return escapedChar(reader);
  const point = reader.source.codePointAt(reader.at) as number;
  reader.at += point > 0xffff ? 2 : 1;
  return point;
}
