// Embed, in Node: a model in a thread of its own, and what embeds otherwise.

import { Worker } from 'node:worker_threads';
import type { Embedder } from '../embed/embedder.js';
import { modelEmbedder, type ModelEmbedderOptions } from '../embed/model-embedder.js';

/**
 * A model of transformers.js in a thread, from the hub or a local path; `@huggingface/transformers` is the program's own
 * dependency. Resolves when it is loaded. Errors: `StorageFailed` if library or model is not to be had, `Closed`.
 */
export async function transformersEmbedder(options: ModelEmbedderOptions): Promise<Embedder> {
  // Flags of the program, such as --input-type, are not for the thread.
  const worker = new Worker(new URL('./embed-worker-node.js', import.meta.url), { execArgv: [] });
  return modelEmbedder(options, {
    post: (request) => worker.postMessage(request),
    listen: (replied, failed) => {
      worker.on('message', replied);
      worker.on('error', failed);
      worker.on('exit', (code) => failed(`its thread ended with ${code}`));
    },
    terminate: () => void worker.terminate(),
  });
}

export { httpEmbedder } from './embed-http.js';
export * from '../embed/index.js';
