// HTTP embedder: vectors from a server that speaks the embeddings call of OpenAI's API, as Ollama, vLLM, llama.cpp, LM
// Studio, text-embeddings-inference and others do too. A server that is busy or failing is asked again, with a pause.

import { ElanusError } from '../model/errors.js';
import type { SendingTransport, TransportResponse } from '../ports/transport.js';
import { embedderOf, type Embedder, type EmbedderDefinition } from './embedder.js';

export interface HttpEmbedderOptions extends EmbedderDefinition {
  /** Of the call itself, e.g. `http://127.0.0.1:11434/v1/embeddings`. */
  readonly url: string;
  /** E.g. `{ Authorization: 'Bearer …' }`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How the server calls the model. Default: `model`. */
  readonly serverModel?: string;
  /** More members of the request, e.g. `{ dimensions: 256 }`. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** Times that a batch is asked for again if the server is busy (429) or fails (5xx, no answer). Default 3. */
  readonly retriesMax?: number;
}

/** What it needs of its surroundings. */
export interface HttpEmbedderContext {
  readonly transport: SendingTransport;
  readonly wait: (ms: number) => Promise<void>;
}

const RETRIES_DEFAULT = 3;
const FIRST_PAUSE_MS = 250;
const PAUSE_MS_MAX = 30_000;
/** Of the answer for one text: a number of 24 characters each, and what surrounds it. */
const BYTES_PER_NUMBER = 32;
const BYTES_OF_REST = 65_536;

/** Errors of `embed`: `Network` with `status` if the server refuses, fails or answers with something else than vectors. */
export function httpEmbedder(options: HttpEmbedderOptions, context: HttpEmbedderContext): Embedder {
  const { url, headers = {}, model, serverModel = model, body = {}, dim, retriesMax = RETRIES_DEFAULT } = options;
  return embedderOf({
    ...options,
    embed: async (texts, { signal }) => {
      const sent = new TextEncoder().encode(JSON.stringify({ encoding_format: 'float', ...body, model: serverModel, input: texts }));
      const request = { url, headers: { 'Content-Type': 'application/json', ...headers }, body: sent, ...(signal === undefined ? {} : { signal }) };
      const response = await askAgain(retriesMax, context, () => context.transport.post(request));
      const bytes = await response.bytes(texts.length * dim * BYTES_PER_NUMBER + BYTES_OF_REST);
      const text = new TextDecoder().decode(bytes);
      if (response.status !== 200) throw new ElanusError('Network', `${url}: expected vectors, found status ${response.status}: ${text.slice(0, 200)}`, { status: response.status });
      return vectorsIn(text, texts.length, url);
    },
  });
}

async function askAgain(retriesMax: number, { wait }: HttpEmbedderContext, ask: () => Promise<TransportResponse>): Promise<TransportResponse> {
  for (let attempt = 0; ; attempt++) {
    let pauseMs = FIRST_PAUSE_MS * 2 ** attempt;
    try {
      const response = await ask();
      if (attempt === retriesMax || (response.status !== 429 && response.status < 500)) return response;
      const asked = Number(response.header('retry-after'));
      if (Number.isFinite(asked) && asked > 0) pauseMs = asked * 1000;
    } catch (error) {
      if (attempt === retriesMax || !(error instanceof ElanusError) || error.code !== 'Network') throw error;
    }
    await wait(Math.min(pauseMs, PAUSE_MS_MAX));
  }
}

function vectorsIn(text: string, count: number, url: string): readonly ArrayLike<number>[] {
  const refused = (found: string, cause?: unknown): never => {
    throw new ElanusError('Network', `${url}: expected { data: [{ index, embedding: [numbers] }] } for ${count} texts, found ${found}`, { cause });
  };
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch (cause) {
    return refused('what is not JSON', cause);
  }
  const data = (answer as { readonly data?: unknown } | null)?.data;
  if (!Array.isArray(data) || data.length !== count) return refused(Array.isArray(data) ? `${data.length} of them` : text.slice(0, 80));
  const vectors = new Array<ArrayLike<number>>(count);
  for (const [at, item] of data.entries()) {
    const { index = at, embedding } = (item ?? {}) as { readonly index?: unknown; readonly embedding?: unknown };
    if (!Number.isInteger(index) || (index as number) < 0 || (index as number) >= count || vectors[index as number] !== undefined) return refused(`index ${String(index)}`);
    if (!Array.isArray(embedding) || !embedding.every((value) => typeof value === 'number')) return refused(`item ${at} without numbers`);
    vectors[index as number] = embedding as readonly number[];
  }
  return vectors;
}
