// Classes of characters by name, as RE2 has them: those of Perl and POSIX are ASCII, those by \p are Unicode's.

import { CODE_POINT_MAX, type CharGroup } from './node.js';

export type Ranges = readonly (readonly [number, number])[];

const range = (text: string): readonly [number, number] => [text.charCodeAt(0), text.charCodeAt(text.length - 1)];
const DIGITS = [range('09')];
const LOWER = [range('az')];
const UPPER = [range('AZ')];
const WORD = [...DIGITS, ...UPPER, range('_'), ...LOWER];

const PERL: Readonly<Record<string, Ranges>> = { d: DIGITS, w: WORD, s: [range('\t\n'), range('\f\r'), range(' ')] };

const POSIX: Readonly<Record<string, Ranges>> = {
  alnum: [...DIGITS, ...UPPER, ...LOWER],
  alpha: [...UPPER, ...LOWER],
  ascii: [[0, 0x7f]],
  blank: [range('\t'), range(' ')],
  cntrl: [[0, 0x1f], [0x7f, 0x7f]],
  digit: DIGITS,
  graph: [range('!~')],
  lower: LOWER,
  print: [range(' ~')],
  punct: [range('!/'), range(':@'), range('[`'), range('{~')],
  space: [range('\t\r'), range(' ')],
  upper: UPPER,
  word: WORD,
  xdigit: [...DIGITS, range('AF'), range('af')],
};

export const WORD_CHARS: Ranges = WORD;

/** `\d`, `\W` and the like by their letter; undefined for another. */
export function perlClass(letter: string): Ranges | undefined {
  const ranges = Object.hasOwn(PERL, letter.toLowerCase()) ? PERL[letter.toLowerCase()] : undefined;
  return ranges === undefined || letter === letter.toLowerCase() ? ranges : complement(ranges);
}

/** What stands between `[:` and `:]`. */
export function posixClass(name: string): Ranges | undefined {
  const plain = name.replace(/^\^/, '');
  const ranges = Object.hasOwn(POSIX, plain) ? (POSIX[plain] as Ranges) : undefined;
  return ranges === undefined || plain === name ? ranges : complement(ranges);
}

/** `\p{name}`: a general category or a script; undefined for what Unicode does not know. */
export function unicodeProperty(name: string, negated: boolean, ignoreCase: boolean): CharGroup | undefined {
  const plain = name.replace(/^\^/, '');
  if (!/^[A-Za-z_]+$/.test(plain)) return undefined;
  const property = [`General_Category=${plain}`, `Script=${plain}`].map((written) => `\\p{${written}}`).find(isKnown);
  return property === undefined ? undefined : { property, negated: negated !== name.startsWith('^'), ignoreCase };
}

function isKnown(property: string): boolean {
  try {
    return new RegExp(property, 'u') !== undefined;
  } catch {
    return false;
  }
}

function complement(ranges: Ranges): Ranges {
  const sorted = [...ranges].sort(([a], [b]) => a - b);
  const gaps: (readonly [number, number])[] = [];
  let from = 0;
  for (const [low, high] of sorted) {
    if (low > from) gaps.push([from, low - 1]);
    from = high + 1;
  }
  return from <= CODE_POINT_MAX ? [...gaps, [from, CODE_POINT_MAX]] : gaps;
}
