// Model embedder: an Embedder over a worker that runs a model, so that neither page nor server waits for it.

import { ElanusError } from '../model/errors.js';
import { embedderOf, type Embedder, type EmbedderDefinition } from './embedder.js';
import type { ModelOptions, ModelProgress, ModelReply, ModelWorker } from './model-wire.js';

export interface ModelEmbedderOptions extends ModelOptions, Pick<EmbedderDefinition, 'batchSize' | 'prefixes'> {
  /** What fields record as their model. Default: `model` and, unless it is 'fp32', its dtype, e.g. 'Xenova/bge-small-en-v1.5 q8'. */
  readonly name?: string;
  /** Of files as they come; those that are cached already come too. */
  readonly onProgress?: (progress: ModelProgress) => void;
  /** Ends the loading. */
  readonly signal?: AbortSignal;
}

interface Waiting {
  readonly resolve: (values: Float32Array) => void;
  readonly reject: (error: ElanusError) => void;
}

/** Resolves when the model is loaded. Errors: `StorageFailed` if the library or the model is not to be had, `Closed` if aborted. */
export async function modelEmbedder(options: ModelEmbedderOptions, worker: ModelWorker): Promise<Embedder> {
  const { model, dtype = 'q8', normalize = true, name = dtype === 'fp32' ? model : `${model} ${dtype}`, batchSize, prefixes, onProgress, signal, localPath, device, pooling } = options;
  const line = new ModelLine(worker, name, onProgress);
  const end = (): void => line.end(new ElanusError('Closed', `model "${name}": loading it was aborted`, { cause: signal?.reason }));
  signal?.addEventListener('abort', end);
  if (signal?.aborted === true) end();
  try {
    const dim = await line.load({ model, dtype, normalize, ...(localPath === undefined ? {} : { localPath }), ...(device === undefined ? {} : { device }), ...(pooling === undefined ? {} : { pooling }) });
    return embedderOf({
      model: name,
      dim,
      normalized: normalize,
      ...(batchSize === undefined ? {} : { batchSize }),
      ...(prefixes === undefined ? {} : { prefixes }),
      embed: async (texts) => {
        const values = await line.embed(texts);
        return texts.map((_, at) => values.subarray(at * dim, (at + 1) * dim));
      },
      close: async () => line.end(new ElanusError('Closed', `model "${name}" is closed`)),
    });
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

class ModelLine {
  readonly #worker: ModelWorker;
  readonly #name: string;
  readonly #onProgress: ((progress: ModelProgress) => void) | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #loading: { readonly resolve: (dim: number) => void; readonly reject: (error: ElanusError) => void } | undefined;
  #ended: ElanusError | undefined;
  #calls = 0;

  constructor(worker: ModelWorker, name: string, onProgress: ((progress: ModelProgress) => void) | undefined) {
    this.#worker = worker;
    this.#name = name;
    this.#onProgress = onProgress;
    worker.listen((reply) => this.#take(reply), (reason) => this.end(this.#failed(String(reason), reason)));
  }

  load(options: ModelOptions): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) return reject(this.#ended);
      this.#loading = { resolve, reject };
      this.#worker.post({ kind: 'load', options });
    });
  }

  embed(texts: readonly string[]): Promise<Float32Array> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) return reject(this.#ended);
      const id = ++this.#calls;
      this.#waiting.set(id, { resolve, reject });
      this.#worker.post({ kind: 'embed', id, texts });
    });
  }

  /** The worker is ended, and what waits for it fails with `reason`; the first counts. */
  end(reason: ElanusError): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#worker.terminate();
    this.#loading?.reject(reason);
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }

  #take(reply: ModelReply): void {
    if (reply.kind === 'progress') return this.#onProgress?.(reply.progress);
    if (reply.kind === 'loaded') return this.#loading?.resolve(reply.dim);
    if (reply.kind === 'failure' && reply.id === undefined) return this.end(this.#failed(reply.message));
    const { id } = reply as { readonly id: number };
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (reply.kind === 'vectors') waiting?.resolve(reply.values);
    else waiting?.reject(this.#failed(reply.message));
  }

  #failed(message: string, cause?: unknown): ElanusError {
    return new ElanusError('StorageFailed', `model "${this.#name}": ${message}`, cause === undefined ? {} : { cause });
  }
}
