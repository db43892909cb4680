// The English stemmer of Snowball ("Porter2": https://snowballstem.org/algorithms/english/stemmer.html), by hand, as it is
// what most texts need and a page should not load anything for it. Words are lower case; others stay as they are.

const STAYS_OR_BECOMES: ReadonlyMap<string, string> = new Map([
  ['skis', 'ski'], ['skies', 'sky'], ['dying', 'die'], ['lying', 'lie'], ['tying', 'tie'], ['idly', 'idl'], ['gently', 'gentl'], ['ugly', 'ugli'], ['early', 'earli'],
  ['only', 'onli'], ['singly', 'singl'], ['sky', 'sky'], ['news', 'news'], ['howe', 'howe'], ['atlas', 'atlas'], ['cosmos', 'cosmos'], ['bias', 'bias'], ['andes', 'andes'],
]); // prettier-ignore
const DONE_AFTER_PLURAL = new Set(['inning', 'outing', 'canning', 'herring', 'earring', 'proceed', 'exceed', 'succeed']);

/** Suffixes of the second step by what they become, the longest that fits counts. */
const STEP_2 = longestFirst({
  ization: 'ize', ational: 'ate', fulness: 'ful', ousness: 'ous', iveness: 'ive', tional: 'tion', biliti: 'ble', lessli: 'less', entli: 'ent', ation: 'ate', alism: 'al', aliti: 'al',
  ousli: 'ous', iviti: 'ive', fulli: 'ful', enci: 'ence', anci: 'ance', abli: 'able', izer: 'ize', ator: 'ate', alli: 'al', bli: 'ble', ogi: 'og', li: '',
}); // prettier-ignore
const STEP_3 = longestFirst({ ational: 'ate', tional: 'tion', alize: 'al', icate: 'ic', iciti: 'ic', ative: '', ical: 'ic', ness: '', ful: '' });
const STEP_4 = longestFirst({ ement: '', ance: '', ence: '', able: '', ible: '', ment: '', ant: '', ent: '', ism: '', ate: '', iti: '', ous: '', ive: '', ize: '', ion: '', al: '', er: '', ic: '' });

type Suffixes = readonly (readonly [suffix: string, becomes: string])[];

function longestFirst(suffixes: Readonly<Record<string, string>>): Suffixes {
  return Object.entries(suffixes).sort(([a], [b]) => b.length - a.length);
}

export function stemEnglish(given: string): string {
  if (given.length <= 2) return given;
  const exception = STAYS_OR_BECOMES.get(given);
  if (exception !== undefined) return exception;
  const word = withConsonantY(given.startsWith("'") ? given.slice(1) : given);
  const r1 = firstRegion(word);
  const r2 = regionAfter(word, r1);
  const singular = withoutPlural(word.replace(/'(s'?)?$/, ''));
  if (DONE_AFTER_PLURAL.has(singular)) return singular;
  const past = withoutPast(singular, r1);
  const ended = /[^aeiouy][yY]$/.test(past) && past.length > 2 ? `${past.slice(0, -1)}i` : past;
  return withoutE(step4(step3(step2(ended, r1), r1, r2), r2), r1, r2).replaceAll('Y', 'y');
}

/** A y that begins the word or follows a vowel is a consonant: Y. */
function withConsonantY(word: string): string {
  if (!word.includes('y')) return word;
  let marked = '';
  for (let i = 0; i < word.length; i++) {
    const char = word.charAt(i);
    marked += char === 'y' && (i === 0 || isVowel(marked.charAt(i - 1))) ? 'Y' : char;
  }
  return marked;
}

function isVowel(char: string): boolean {
  return char === 'a' || char === 'e' || char === 'i' || char === 'o' || char === 'u' || char === 'y';
}

/** Where R1 begins: behind the first consonant after a vowel, but for three beginnings. */
function firstRegion(word: string): number {
  if (word.startsWith('gener') || word.startsWith('arsen')) return 5;
  return word.startsWith('commun') ? 6 : regionAfter(word, 0);
}

function regionAfter(word: string, from: number): number {
  for (let i = from + 1; i < word.length; i++) if (!isVowel(word.charAt(i)) && isVowel(word.charAt(i - 1))) return i + 1;
  return word.length;
}

function withoutPlural(word: string): string {
  if (word.endsWith('sses')) return word.slice(0, -2);
  if (word.endsWith('ied') || word.endsWith('ies')) return word.slice(0, word.length > 4 ? -2 : -1);
  if (!word.endsWith('s') || word.endsWith('us') || word.endsWith('ss')) return word;
  return /[aeiouy]/.test(word.slice(0, -2)) ? word.slice(0, -1) : word;
}

function withoutPast(word: string, r1: number): string {
  const [suffix] = /(?:eedly|ingly|edly|eed|ing|ed)$/.exec(word) ?? [];
  if (suffix === undefined) return word;
  const stem = word.slice(0, -suffix.length);
  if (suffix.startsWith('eed')) return stem.length >= r1 ? `${stem}ee` : word;
  if (!/[aeiouy]/.test(stem)) return word;
  if (/(?:at|bl|iz)$/.test(stem)) return `${stem}e`;
  if (/(?:bb|dd|ff|gg|mm|nn|pp|rr|tt)$/.test(stem)) return stem.slice(0, -1);
  return stem.length <= r1 && endsShort(stem) ? `${stem}e` : stem;
}

/** Whether it ends in a short syllable: a vowel between consonants, the last none of w, x, Y; or a word of both. */
function endsShort(word: string): boolean {
  return /[^aeiouy][aeiouy][^aeiouywxY]$/.test(word) || /^[aeiouy][^aeiouy]$/.test(word);
}

function endingOf(word: string, suffixes: Suffixes): Suffixes[number] | undefined {
  return suffixes.find(([suffix]) => word.endsWith(suffix));
}

function step2(word: string, r1: number): string {
  const [suffix, becomes] = endingOf(word, STEP_2) ?? [];
  if (suffix === undefined || becomes === undefined) return word;
  const stem = word.slice(0, -suffix.length);
  if (stem.length < r1 || (suffix === 'ogi' && !stem.endsWith('l')) || (suffix === 'li' && !/[cdeghkmnrt]$/.test(stem))) return word;
  return stem + becomes;
}

function step3(word: string, r1: number, r2: number): string {
  const [suffix, becomes] = endingOf(word, STEP_3) ?? [];
  if (suffix === undefined || becomes === undefined) return word;
  const stem = word.slice(0, -suffix.length);
  return stem.length < (suffix === 'ative' ? r2 : r1) ? word : stem + becomes;
}

function step4(word: string, r2: number): string {
  const [suffix] = endingOf(word, STEP_4) ?? [];
  if (suffix === undefined) return word;
  const stem = word.slice(0, -suffix.length);
  return stem.length < r2 || (suffix === 'ion' && !/[st]$/.test(stem)) ? word : stem;
}

function withoutE(word: string, r1: number, r2: number): string {
  const at = word.length - 1;
  if (word.endsWith('ll')) return at >= r2 ? word.slice(0, -1) : word;
  if (!word.endsWith('e')) return word;
  return at >= r2 || (at >= r1 && !endsShort(word.slice(0, -1))) ? word.slice(0, -1) : word;
}
