// Embed over HTTP: the embedder of a server, over fetch, in every runtime.

import type { Embedder } from '../embed/embedder.js';
import { httpEmbedder as overHttp, type HttpEmbedderOptions } from '../embed/http.js';
import { fetchTransport } from '../platform/transport.js';

/** Vectors from a server that speaks the embeddings call of OpenAI's API. */
export function httpEmbedder(options: HttpEmbedderOptions): Embedder {
  return overHttp(options, { transport: fetchTransport(), wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) });
}
