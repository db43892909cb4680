// Analyzers: which terms a text has, and which descriptions of analyzers are refused.

import { describe, expect, test } from 'vitest';
import { loadAnalyzer } from '../../src/text/analyzer.js';
import { checkAnalyzerParams } from '../../src/text/analyzer-params.js';
import type { Token } from '../../src/text/token.js';

async function tokens(params: unknown, text: string): Promise<readonly Token[]> {
  return (await loadAnalyzer(checkAnalyzerParams(params))).analyze(text);
}

async function terms(params: unknown, text: string): Promise<string> {
  return (await tokens(params, text)).map(({ term }) => term).join(' ');
}

const custom = (filter: readonly unknown[], tokenizer: unknown = 'standard'): unknown => ({ tokenizer, filter });

describe('tokenizers', () => {
  test('standard takes letters and digits with their marks, and keeps the places of each', async () => {
    expect(await terms({}, "Can't STOP 3.14 foo_bar हिन्दी क्षेत्र")).toBe("can t stop 3 14 foo bar हिन्दी क्षेत्र");
    const text = 'Ab, cde';
    expect(await tokens(undefined, text)).toEqual([{ term: 'ab', start: 0, end: 2, position: 0 }, { term: 'cde', start: 4, end: 7, position: 1 }]);
  });

  test('standard with uax29, and icu, join what words are joined by, and take pictographs', async () => {
    const text = "can't 3.14 foo_bar a.b. צה\"ל 👩‍🔬!";
    const expected = "can't 3.14 foo_bar a.b צה\"ל 👩🔬";
    expect(await terms(custom([], { type: 'standard', uax29: true }), text)).toBe(expected);
    expect(await terms(custom([], 'icu'), text)).toBe(expected);
  });

  test('whitespace changes nothing', async () => {
    expect(await terms(custom([], 'whitespace'), ' Héllo,\u00a0(W)\u3000x ')).toBe('Héllo, (W) x');
  });

  test('scripts that do not part words give characters and pairs of them, each found at its place', async () => {
    expect(await tokens({}, '京都x')).toEqual([
      { term: '京', start: 0, end: 1, position: 0 },
      { term: '京都', start: 0, end: 2, position: 0 },
      { term: '都', start: 1, end: 2, position: 1 },
      { term: 'x', start: 2, end: 3, position: 2 },
    ]);
    expect(await terms({}, '𠮷野')).toBe('𠮷 𠮷野 野');
    expect(await terms({}, 'เด็กๆ')).toBe('เด็ เด็กๆ กๆ');
    expect(await terms({}, 'ខ្មែរ')).toBe('ខ្មែ ខ្មែរ រ');
    expect(await terms({}, 'မြန်မာ')).toBe('မြန် မြန်မာ မာ');
    expect(await terms({ type: 'chinese' }, '天安门 Ok 5% мир')).toBe('天 天安 安 安门 门 ok 5');
  });

  test('what looks the same is the same term: composed, of one width, without what is not seen', async () => {
    expect(await terms({}, 'cafe\u0301 caf\u00e9 ＡＢ co\u00adop ﾀﾜ')).toBe('café café ab coop タ タワ ワ');
    expect(await terms({}, '한국'.normalize('NFD'))).toBe('한 한국 국');
  });

  test('a character that this Unicode does not know is no part of a term', async () => {
    expect(await terms({}, 'a\u{1c89}b \u{10d50}')).toBe('a b');
  });
});

describe('filters', () => {
  test('each does what its name says', async () => {
    expect(await terms(custom(['asciifolding']), 'Ærøskøbing Straße Łódź Ｘ résumé Ж')).toBe('AEroskobing Strasse Lodz X resume Ж');
    expect(await terms(custom(['alphanumonly']), 'a1 б c')).toBe('a1 c');
    expect(await terms(custom(['cncharonly']), 'a1 中 б')).toBe('中');
    expect(await terms(custom(['cnalphanumonly'], 'whitespace'), 'a1 中a б -')).toBe('a1 中a');
    expect(await terms(custom(['removepunct'], 'whitespace'), 'a . -- $ b! ')).toBe('a b!');
    expect(await terms(custom([{ type: 'length', min: 2, max: 3 }]), 'a bc def ghij 𠮷x')).toBe('bc def');
    expect(await terms(custom(['lowercase', { type: 'stop', stop_words: ['_german_', 'foo'] }]), 'Der foo und Bar')).toBe('bar');
    expect(await terms(custom([{ type: 'stemmer', language: 'german' }]), 'häuser')).toBe('haus');
    expect(await terms(custom([{ type: 'decompounder', word_list: ['dampf', 'schiff', 'fahrt'] }]), 'dampfschifffahrt dampfer')).toBe('dampf schiff fahrt dampfer');
    expect(await terms(custom([{ type: 'synonym', synonyms: ['car, auto', 'tv => television'], expand: false }]), 'auto tv bus')).toBe('car television bus');
    expect(await terms(custom([{ type: 'synonym', synonyms: ['car, auto'] }]), 'auto')).toBe('car auto');
  });

  test('terms that stand for one word share its position, and a removed one leaves its place', async () => {
    const found = await tokens(custom([{ type: 'stop', stop_words: ['b'] }, { type: 'decompounder', wordList: ['c', 'd'] }]), 'a b cd e');
    expect(found.map(({ term, position }) => [term, position])).toEqual([['a', 0], ['c', 2], ['d', 2], ['e', 3]]);
  });

  test('english leaves out what says nothing and stems the rest', async () => {
    expect(await terms({ type: 'english' }, 'The ponies were running; connections of universities')).toBe('poni were run connect univers');
    expect(await terms({ type: 'english', stop_words: ['ponies'] }, 'the ponies ran')).toBe('ran');
  });
});

describe('hostile texts', () => {
  test('the longest take time in proportion to their length', async () => {
    for (const piece of ['a', '中', "a'", 'e\u0301', '\ud800', 'ﾀ']) {
      const text = piece.repeat(Math.floor(65_535 / piece.length));
      for (const params of [{ type: 'english' }, { type: 'chinese' }, custom(['lowercase', 'asciifolding', { type: 'decompounder', word_list: ['a', 'aa'] }], 'icu')]) {
        expect((await tokens(params, text)).filter(({ start, end }) => start >= end || end > text.length)).toEqual([]);
      }
    }
  });
});

describe('refused', () => {
  const refused: readonly (readonly [unknown, string])[] = [
    [5, 'expected an object'],
    ['{', 'expected JSON'],
    [[], 'expected an object'],
    [{ type: 'klingon' }, 'unknown built-in analyzer type: klingon'],
    [{ type: 'standard', filter: [] }, 'unknown analyzer option key: filter'],
    [{ filter: [] }, 'tokenizer name or type must be set'],
    [{ tokenizer: 'standard', filters: [] }, 'unknown analyzer option key: filters'],
    [{ tokenizer: 'lindera' }, 'unsupported tokenizer: lindera'],
    [{ tokenizer: { type: 'standard', uax29: 1 } }, 'uax29 must be a boolean'],
    [{ tokenizer: 'standard', filter: 'lowercase' }, 'filter params should be an array'],
    [{ tokenizer: 'standard', filter: ['nope'] }, 'filter not found: nope'],
    [custom([{}]), 'no type field in filter params'],
    [custom([7]), 'a filter should be a name or an object'],
    [custom([{ type: 'nope' }]), 'unsupported filter type: nope'],
    [custom([{ type: 'length' }]), 'length filter: expected max'],
    [custom([{ type: 'length', max: -1 }]), 'length filter: expected max'],
    [custom([{ type: 'stop' }]), 'stop_words must be set'],
    [custom([{ type: 'stop', stop_words: 'a' }]), 'stop_words should be a list of strings'],
    [custom([{ type: 'stop', stop_words: ['_klingon_'] }]), 'unsupported language: klingon'],
    [custom([{ type: 'stemmer', language: 'klingon' }]), 'stemmer: unsupported language: klingon'],
    [custom([{ type: 'stemmer' }]), 'unsupported language: undefined'],
    [custom([{ type: 'decompounder' }]), 'word_list must be set'],
    [custom([{ type: 'synonym' }]), 'synonyms must be set'],
    [custom(new Array<string>(33).fill('lowercase')), 'at most 32 filters'],
  ];
  test.each(refused)('%j', (params, message) => {
    expect(() => checkAnalyzerParams(params)).toThrow(expect.objectContaining({ code: 'InvalidArgument', message: expect.stringContaining(message) }));
  });
});
