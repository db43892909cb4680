// Escapes of single characters, and Unicode properties.

import { unicodeProperty } from './classes.js';
import { CODE_POINT_MAX, type CharGroup } from './node.js';
import { refuse, type Reader } from './reader.js';

const CONTROL: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };
const HEX = /\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})/y;
const OCTAL = /\\(0[0-7]{0,2}|[1-7][0-7]{1,2})/y;
const PROPERTY = /\\([pP])(?:\{([^}]*)\}|(.))/y;

/** Takes a backslash and what it escapes. Gives the code point. */
export function escapedChar(reader: Reader): number {
  const { source, at } = reader;
  const letter = source[at + 1] ?? '';
  HEX.lastIndex = at;
  OCTAL.lastIndex = at;
  const hex = HEX.exec(source);
  const octal = OCTAL.exec(source);
  const point = hex !== null ? Number.parseInt((hex[1] ?? hex[2]) as string, 16) : octal !== null ? Number.parseInt(octal[1] as string, 8) : Object.hasOwn(CONTROL, letter) ? CONTROL[letter] : undefined;
  if (point !== undefined && point <= CODE_POINT_MAX) {
    reader.at += (hex ?? octal)?.[0].length ?? 2;
    return point;
  }
  if (letter === '' || /[A-Za-z0-9]/.test(letter)) throw refuse(reader, 'an escape that RE2 has', at);
  const char = source.codePointAt(at + 1) as number;
  reader.at += char > 0xffff ? 3 : 2;
  return char;
}

/** Takes `\p{…}`, if it comes next. */
export function propertyAt(reader: Reader): CharGroup | undefined {
  const { source, at } = reader;
  PROPERTY.lastIndex = at;
  const match = PROPERTY.exec(source);
  if (match === null) return undefined;
  const property = unicodeProperty((match[2] ?? match[3]) as string, match[1] === 'P', reader.flags.ignoreCase);
  if (property === undefined) throw refuse(reader, 'a general category or a script of Unicode', at);
  reader.at += match[0].length;
  return property;
}
