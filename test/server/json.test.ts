// Bodies of requests and answers as JSON.

import { describe, expect, test } from 'vitest';
import { answerJson, type AnswerBody } from '../../src/server/json-answer.js';
import { parseObject, toJson } from '../../src/server/json.js';
import { random } from '../support/random.js';

const parsed = (text: string): Promise<unknown> => parseObject([new TextEncoder().encode(text)]);
const textOf = (body: AnswerBody): Promise<string> => new Response(body).text();

describe('JSON with exact Int64', () => {
  test('a bigint is written with all digits, or as text where asked', () => {
    expect(toJson({ id: 9223372036854775807n, limit: 3 }, false)).toBe('{"id":9223372036854775807,"limit":3}');
    expect(toJson({ id: 9223372036854775807n, limit: 3 }, true)).toBe('{"id":"9223372036854775807","limit":3}');
  });

  test('a vector is written as an array of numbers', () => {
    expect(toJson({ vector: Float32Array.of(1, -0.5) }, false)).toBe('{"vector":[1,-0.5]}');
  });

  test.each(['', '{"a":1', '{} {}', '[]', 'null', '1', '"text"'])('text that is not one object is refused with 1801: %s', async (text) => {
    await expect(parsed(text)).rejects.toThrow(expect.objectContaining({ status: 1801 }));
    // As one that is read in turns, too.
    await expect(parsed(`${' '.repeat(70_000)}${text}`)).rejects.toThrow(expect.objectContaining({ status: 1801 }));
  });

  test('a long object is read as a short one is, in turns', async () => {
    const pad = ' '.repeat(70_000);
    const content = { a: [[1, 2.5], { b: [] }, [], ['x']], c: [1, 2], d: {}, e: [[9_007_199_254_740_991]], f: 'é' };
    expect(await parsed(JSON.stringify(content) + pad)).toEqual(content);
    expect(await parsed(`{"a":[[9223372036854775807,0.1]]}${pad}`)).toEqual({ a: [[9223372036854775807n, 0.1]] });
    for (const torn of ['{"a":[[1],', '{"a":[[1]', '{"a":[[1]},', '{"a":[[1]],"a":1}', '{"a":[{"b":1}]]}', `{"a":[${'['.repeat(200)}`]) {
      await expect(parsed(pad + torn)).rejects.toThrow(expect.objectContaining({ status: 1801 }));
    }
  });

  test('a long object in pieces of any length is read as a whole one is', async () => {
    const content = { a: [[1, 2.5], { b: [] }, [], ['x"\\é'], -1.5e3, true, null, 'u'], c: [1, 2], d: {}, e: [[9_007_199_254_740_991]], f: 'é', long: [{ text: 'y'.repeat(300_000) }, 12] };
    const bytes = new TextEncoder().encode(JSON.stringify(content));
    for (const length of [1, 2, 3, 7, 1000, 70_000, 400_000]) {
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += at < 400 ? length : Math.max(length, 1000)) pieces.push(bytes.subarray(at, at + (at < 400 ? length : Math.max(length, 1000))));
      expect(await parseObject(pieces), `pieces of ${length}`).toEqual(content);
      await expect(parseObject([...pieces.slice(0, -1), bytes.subarray(bytes.length, bytes.length)])).rejects.toThrow(expect.objectContaining({ status: 1801 }));
    }
    const cut = new TextEncoder().encode(`{"a":[[1],${' '.repeat(300_000)}1234]}`);
    expect(await parseObject([cut.subarray(0, cut.length - 4), cut.subarray(cut.length - 4)])).toEqual({ a: [[1], 1234] });
    const wrong = new TextEncoder().encode(`{"a":[[1],[2],${' '.repeat(600_000)}[x]]}`);
    await expect(parseObject([wrong])).rejects.toThrow('position 600015: expected a value, found "x]]}"');
    await expect(parseObject([wrong.subarray(0, 14), wrong.subarray(14)])).rejects.toThrow('position 600015');
    await expect(parseObject([bytes, Uint8Array.of(0xff)])).rejects.toThrow(expect.objectContaining({ status: 1801 }));
  });

  test('a long answer is written as a short one is', async () => {
    const content = { code: 0, data: Array.from({ length: 5000 }, (_, id) => ({ id: BigInt(id), text: `"${id}" é`, vector: Float32Array.of(id, 0.1) })), topks: [5000], none: undefined };
    expect(JSON.parse(await textOf(answerJson(content, false)))).toEqual({ code: 0, topks: [5000], data: content.data.map(({ id, text }) => ({ id: Number(id), text, vector: [Number(id), 0.1] })) });
    expect(await textOf(answerJson({ code: 0, data: [] }, true))).toBe('{"code":0,"data":[]}');
    expect(await textOf(answerJson({ code: 0, data: { a: 1n } }, true))).toBe('{"code":0,"data":{"a":"1"}}');
  });

  test('of a long answer no more is made than is taken, and others have their turn before each piece', async () => {
    let written = 0;
    const item = { get text() { written++; return 'x'.repeat(100_000); } };
    const body = answerJson({ code: 0, data: Array.from({ length: 30 }, () => item) }, false);
    if (!(body instanceof ReadableStream)) return expect.fail('expected a stream');
    const reader = body.getReader();
    expect(written).toBe(3);
    let turns = 0;
    let isRead = false;
    const count = (): void => void (turns++, isRead || setImmediate(count));
    setImmediate(count);
    expect((await reader.read()).value?.length).toBeGreaterThan(256 * 1024);
    await reader.read();
    expect(written).toBeLessThanOrEqual(9);
    while (!(await reader.read()).done);
    isRead = true;
    expect(written).toBe(30);
    expect(turns).toBeGreaterThanOrEqual(9);
    expect(answerJson({ code: 0, data: [item] }, false)).toBeInstanceOf(Uint8Array);
  });

  test('every f32 is read back as it was, in no more digits than it takes', () => {
    const seed = Date.now() % 2 ** 31;
    const next = random(seed);
    const bits = Uint32Array.from({ length: 20_000 }, () => next() * 2 ** 32);
    const floats = new Float32Array(bits.buffer).filter(Number.isFinite);
    const chosen = Float32Array.of(0, -0, 1, -1, 0.1, 0.5, 1e-4, 9.9e-5, 0.000123456, 0.1234567, 123.456, 999999.94, 1e9, 123456790, 3.4028235e38, 1.4e-45, 16777216, 0.99999994, -0.3, 8.5);
    for (const given of [floats, chosen, floats.map((x) => Math.sin(x)).filter(Number.isFinite)]) {
      const text = toJson(given, false);
      const back = JSON.parse(text) as number[];
      expect(new Uint32Array(Float32Array.from(back).buffer), `seed ${seed}`).toEqual(new Uint32Array(given.buffer.slice(given.byteOffset, given.byteOffset + given.byteLength)));
      for (const item of text.slice(1, -1).split(',')) expect(item.replace(/e.*/, '').replace(/[-.]/g, '').replace(/^0+|0+$/g, '').length, item).toBeLessThanOrEqual(9);
    }
    expect(toJson(chosen.subarray(4, 11), false)).toBe('[0.1,0.5,0.0001,0.000099,0.000123456,0.1234567,123.456]');
  });

  test('bytes are base64', () => {
    expect(toJson({ v: Uint8Array.of(255, 1), w: Int8Array.of(-1, 2) }, false)).toBe('{"v":"/wE=","w":[-1,2]}');
  });

  test('what JSON cannot say is null or left out, as with JSON.stringify', () => {
    expect(toJson({ a: undefined, b: [undefined], c: Infinity, d: null, e: 'é"\n', f: true, g: {}, h: [] }, false)).toBe('{"b":[null],"c":null,"d":null,"e":"é\\"\\n","f":true,"g":{},"h":[]}');
  });

  test('bytes that are not UTF-8 are refused with 1801', async () => {
    await expect(parseObject([Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)])).rejects.toThrow(expect.objectContaining({ status: 1801 }));
  });
});
