// Embedders: any function, and a server over HTTP. What they give is checked before anybody stores it.

import { describe, expect, it } from 'vitest';
import { embedderOf } from '../../src/embed/embedder.js';
import { httpEmbedder } from '../../src/embed/http.js';
import { ElanusError } from '../../src/model/errors.js';
import type { SendingTransport, TransportResponse } from '../../src/ports/transport.js';

/** The vector of a text is its length and its first character. */
const numbersOf = (text: string): readonly number[] => [text.length, text.charCodeAt(0) || 0];
const plain = { model: 'm', dim: 2 } as const;

describe('an embedder by a function', () => {
  it('hands texts on in batches, with the prefix of their kind, and keeps their order', async () => {
    const asked: (readonly string[])[] = [];
    const embedder = embedderOf({ ...plain, batchSize: 2, prefixes: { query: 'q: ' }, embed: async (texts) => (asked.push(texts), texts.map(numbersOf)) });
    expect(await embedder.embed(['a', 'bb', 'ccc'])).toEqual([Float32Array.of(1, 97), Float32Array.of(2, 98), Float32Array.of(3, 99)]);
    await embedder.embed(['a'], { kind: 'query' });
    expect(asked).toEqual([['a', 'bb'], ['ccc'], ['q: a']]);
  });
  it('ends between batches when it is aborted', async () => {
    const abort = new AbortController();
    const embedder = embedderOf({ ...plain, batchSize: 1, embed: async (texts) => (abort.abort(), texts.map(numbersOf)) });
    await expect(embedder.embed(['a', 'b'], { signal: abort.signal })).rejects.toMatchObject({ code: 'Closed' });
  });
  it.each<[string, readonly (readonly number[])[], RegExp]>([
    ['too few vectors', [], /expected 1 vectors, found 0/],
    ['another dimension', [[1, 2, 3]], /expected 2 numbers for text 0, found 3/],
    ['what is not finite', [[1, Number.NaN]], /expected finite numbers/],
  ])('refuses %s', async (_, given, message) => {
    await expect(embedderOf({ ...plain, embed: async () => given }).embed(['a'])).rejects.toThrow(message);
  });
  it('refuses a vector of another length where the model is normalised', async () => {
    await expect(embedderOf({ ...plain, normalized: true, embed: async () => [[3, 4]] }).embed(['a'])).rejects.toThrow(/length 1/);
  });
  it.each([[{ ...plain, model: '' }], [{ ...plain, dim: 0 }], [{ ...plain, batchSize: 0 }]])('refuses the definition %j', (definition) => {
    expect(() => embedderOf({ ...definition, embed: async () => [] })).toThrow(ElanusError);
  });
});

interface Asked {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly body: { readonly model: string; readonly input: readonly string[] };
}

/** A server that answers each request by the next of `answers`; an Error is no answer. */
function serverOf(answers: readonly (Error | { readonly status?: number; readonly retryAfter?: string; readonly body: unknown })[]) {
  const asked: Asked[] = [];
  const waited: number[] = [];
  const transport: SendingTransport = {
    get: () => Promise.reject(new Error('nobody gets here')),
    post: async ({ url, headers, body }): Promise<TransportResponse> => {
      const answer = answers[asked.push({ url, headers, body: JSON.parse(new TextDecoder().decode(body)) as Asked['body'] }) - 1];
      if (answer === undefined || answer instanceof Error) throw answer ?? new Error('asked once too often');
      const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
      return { status: answer.status ?? 200, header: (name) => (name === 'retry-after' ? answer.retryAfter : undefined), bytes: async () => new TextEncoder().encode(text) };
    },
  };
  return { asked, waited, context: { transport, wait: async (ms: number) => void waited.push(ms) } };
}

const options = { ...plain, url: 'http://127.0.0.1:1/v1/embeddings', headers: { Authorization: 'Bearer x' } };
const answer = { body: { data: [{ index: 1, embedding: [3, 4] }, { index: 0, embedding: [1, 2] }] } };

describe('an embedder over HTTP', () => {
  it('asks as OpenAI names it, and orders the answer by its indexes', async () => {
    const { asked, context } = serverOf([answer]);
    const vectors = await httpEmbedder({ ...options, serverModel: 'served', body: { dimensions: 2 } }, context).embed(['a', 'b']);
    expect(vectors).toEqual([Float32Array.of(1, 2), Float32Array.of(3, 4)]);
    expect(asked).toEqual([{ url: options.url, headers: { 'Content-Type': 'application/json', Authorization: 'Bearer x' }, body: { encoding_format: 'float', dimensions: 2, model: 'served', input: ['a', 'b'] } }]);
  });
  it('waits and asks again while the server is busy, fails or does not answer', async () => {
    const { asked, waited, context } = serverOf([{ status: 429, retryAfter: '2', body: '' }, { status: 503, body: '' }, new ElanusError('Network', 'no answer'), answer]);
    await httpEmbedder(options, context).embed(['a', 'b']);
    expect(asked).toHaveLength(4);
    expect(waited).toEqual([2000, 500, 1000]);
  });
  it('gives up after as many times as it was told', async () => {
    const { asked, context } = serverOf([{ status: 500, body: 'sorry' }, { status: 500, body: 'sorry' }]);
    await expect(httpEmbedder({ ...options, retriesMax: 1 }, context).embed(['a'])).rejects.toMatchObject({ code: 'Network', status: 500, message: expect.stringContaining('sorry') as string });
    expect(asked).toHaveLength(2);
  });
  it('does not ask again for what is refused', async () => {
    const { asked, context } = serverOf([{ status: 401, body: 'who are you' }]);
    await expect(httpEmbedder(options, context).embed(['a'])).rejects.toMatchObject({ code: 'Network', status: 401 });
    expect(asked).toHaveLength(1);
  });
  it.each([['what is not JSON', '<html>'], ['null', null], ['no data', {}], ['too few', { data: [] }], ['an index twice', { data: [{ index: 0, embedding: [1, 2] }, { index: 0, embedding: [1, 2] }] }], ['an index beyond', { data: [{ index: 0, embedding: [1, 2] }, { index: 2, embedding: [1, 2] }] }], ['no numbers', { data: [{ embedding: ['1', '2'] }, { embedding: [1, 2] }] }]])('refuses an answer with %s', async (_, body) => {
    const { context } = serverOf([{ body }]);
    await expect(httpEmbedder(options, context).embed(['a', 'b'])).rejects.toMatchObject({ code: 'Network', message: expect.stringContaining('expected { data') as string });
  });
});
