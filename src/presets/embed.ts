// Embed, in a page: a model in a worker of its own, and what embeds otherwise.

import type { Embedder } from '../embed/embedder.js';
import { modelEmbedder, type ModelEmbedderOptions } from '../embed/model-embedder.js';

/**
 * A model of transformers.js in a worker, from the hub or a local path; `@huggingface/transformers` is the page's own
 * dependency. Resolves when it is loaded. Errors: `StorageFailed` if library or model is not to be had, `Closed`.
 */
export async function transformersEmbedder(options: ModelEmbedderOptions): Promise<Embedder> {
  const worker = new Worker(new URL('./embed-worker.js', import.meta.url), { type: 'module', name: `elanus:${options.model}` });
  return modelEmbedder(options, {
    post: (request) => worker.postMessage(request),
    listen: (replied, failed) => {
      worker.onmessage = ({ data }) => replied(data);
      worker.onerror = (event) => failed(event.message);
    },
    terminate: () => worker.terminate(),
  });
}

export { httpEmbedder } from './embed-http.js';
export * from '../embed/index.js';
