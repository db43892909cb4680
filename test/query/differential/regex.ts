// Regular expressions of the differential test: one tree, written as the filter has it and as JavaScript has it, whose
// matcher is of another kind. The trees are small: what would make JavaScript's matcher slow is tested elsewhere.

import type { Re } from './tree.js';

const SETS = { d: '0-9', w: '0-9A-Za-z_', s: '\\t\\n\\f\\r ' } as const;

const cache = new WeakMap<Re, Map<boolean, RegExp>>();

export function patternOf(re: Re, ignoreCase: boolean): RegExp {
  const known = cache.get(re)?.get(ignoreCase);
  if (known !== undefined) return known;
  const made = new RegExp(write(re, true), ignoreCase ? 'iu' : 'u');
  cache.set(re, (cache.get(re) ?? new Map<boolean, RegExp>()).set(ignoreCase, made));
  return made;
}

/** As the filter language has it. */
export function sourceOf(re: Re, ignoreCase: boolean): string {
  return `${ignoreCase ? '(?i)' : ''}${write(re, false)}`;
}

function write(re: Re, js: boolean): string {
  switch (re.k) {
    case 'char':
      return escaped(re.c);
    case 'dot':
      return js ? '[^\\n]' : '.';
    case 'class':
      return `[${re.negated ? '^' : ''}${re.chars.map((char) => (char === '-' ? '\\-' : escaped(char))).join('')}]`;
    case 'perl':
      return js ? `[${re.letter === re.letter.toUpperCase() ? '^' : ''}${SETS[re.letter.toLowerCase() as 'd' | 'w' | 's']}]` : `\\${re.letter}`;
    case 'edge':
      return re.edge === 'b' || re.edge === 'B' ? `\\${re.edge}` : re.edge;
    case 'seq':
      return re.parts.map((part) => (part.k === 'alt' ? `(?:${write(part, js)})` : write(part, js))).join('');
    case 'alt':
      return re.parts.map((part) => write(part, js)).join('|');
    case 'rep': {
      const times = re.max === undefined ? (re.min === 0 ? '*' : re.min === 1 ? '+' : `{${re.min},}`) : re.min === 0 && re.max === 1 ? '?' : re.min === re.max ? `{${re.min}}` : `{${re.min},${re.max}}`;
      return `(?:${write(re.a, js)})${times}${re.lazy ? '?' : ''}`;
    }
  }
}

function escaped(char: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char === '\n' ? '\\n' : char;
}
