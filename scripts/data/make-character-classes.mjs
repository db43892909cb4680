// Writes src/text/character-runs.ts: what every code point is to the tokenizers. The only argument is the folder of the npm package
// @unicode/unicode-15.0.0. The result is kept in the repository, so that all runtimes cut text alike, whatever Unicode they
// know themselves.

import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { at } from '../lib/tree.mjs';

const END = 0x40000;
const UNICODE = '15.0';
const folder = resolve(process.argv[2] ?? '.', '.');

async function having(...properties) {
  const all = new Set();
  for (const property of properties) {
    const { default: codePoints } = await import(pathToFileURL(join(folder, property, 'code-points.mjs')).href);
    for (const codePoint of codePoints) all.add(codePoint);
  }
  return all;
}

const unassigned = await having('General_Category/Unassigned');
// And the vowels AM of Thai and Lao, which are letters that only follow one.
const mark = new Set([...(await having('General_Category/Mark', 'General_Category/Format')), 0xe33, 0xeb3]);
mark.delete(0x200b); // which is there to part words
const number = await having('General_Category/Number');
const syllabic = await having(...['Thai', 'Lao', 'Khmer', 'Myanmar', 'Tai_Le', 'New_Tai_Lue', 'Tai_Tham', 'Tai_Viet', 'Ahom'].map((name) => `Script/${name}`));
const eastAsian = await having(...['Han', 'Hiragana', 'Katakana', 'Hangul', 'Bopomofo', 'Yi'].map((name) => `Script_Extensions/${name}`), 'Binary_Property/Ideographic');
const alphabetic = await having('Binary_Property/Alphabetic');
const pictograph = await having('Binary_Property/Extended_Pictographic', 'Binary_Property/Regional_Indicator');

/** By src/text/character.ts. */
function classOf(codePoint) {
  if (unassigned.has(codePoint)) return 'H';
  if (mark.has(codePoint)) return 'D';
  if (number.has(codePoint)) return 'C';
  if (alphabetic.has(codePoint)) return syllabic.has(codePoint) ? 'E' : eastAsian.has(codePoint) ? 'F' : 'B';
  return pictograph.has(codePoint) ? 'G' : 'A';
}

const runs = [];
for (let codePoint = 0; codePoint < END; codePoint++) {
  const kind = classOf(codePoint);
  const last = runs.at(-1);
  if (last?.kind === kind) last.length++;
  else runs.push({ kind, length: 1 });
}
const packed = runs.map(({ kind, length }) => kind + (length === 1 ? '' : length.toString(32))).join('');
const lines = packed.match(/.{1,160}/g).map((line) => `  '${line}'`).join(' +\n');
writeFileSync(
  at('src/text/character-runs.ts'),
  `// Made by scripts/data/make-character-classes.mjs from Unicode ${UNICODE}: runs of code points of one class, each its letter and its
// length in base 32, which is left out if it is 1. Stored indexes depend on it: do not change it.

/** The first code point beyond the runs. */
export const RUNS_END = 0x${END.toString(16)};

export const CHARACTER_RUNS =
${lines};
`,
);
