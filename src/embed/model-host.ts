// ModelHost: an embedding model in a worker, by transformers.js. One request is answered after the other, for the model
// has one session; the library itself is handed in, since it is the user's to install.

import type { ModelOptions, ModelReply, ModelRequest } from './model-wire.js';

/** What we use of `@huggingface/transformers`. */
export interface TransformersLibrary {
  readonly env: { allowRemoteModels: boolean; allowLocalModels: boolean; localModelPath: string };
  pipeline(task: 'feature-extraction', model: string, options: Readonly<Record<string, unknown>>): Promise<Extractor>;
}
type Extractor = (texts: readonly string[], options: Readonly<Record<string, unknown>>) => Promise<{ readonly data: ArrayLike<number>; readonly dims: readonly number[] }>;

interface LoadedModel {
  readonly extract: Extractor;
  readonly options: ModelOptions;
}

/** Tells the dimension; any would do. */
const PROBE = 'a';

export class ModelHost {
  readonly #library: () => Promise<TransformersLibrary>;
  readonly #reply: (reply: ModelReply) => void;
  #model: Promise<LoadedModel> | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(library: () => Promise<TransformersLibrary>, reply: (reply: ModelReply) => void) {
    this.#library = library;
    this.#reply = reply;
  }

  /** Answers each request once, in their order. */
  take(request: ModelRequest): void {
    this.#last = this.#last.then(() => this.#answer(request)).catch((error: unknown) => {
      this.#reply({ kind: 'failure', ...(request.kind === 'embed' ? { id: request.id } : {}), message: error instanceof Error ? error.message : String(error) });
    });
  }

  async #answer(request: ModelRequest): Promise<void> {
    if (request.kind === 'load') {
      this.#model = this.#load(request.options);
      const { dim } = await vectorsOf(await this.#model, [PROBE]);
      return this.#reply({ kind: 'loaded', dim });
    }
    if (this.#model === undefined) throw new Error('a text came before the model was loaded');
    const { values } = await vectorsOf(await this.#model, request.texts);
    this.#reply({ kind: 'vectors', id: request.id, values });
  }

  async #load(options: ModelOptions): Promise<LoadedModel> {
    const { model, localPath, dtype = 'q8', device } = options;
    const { env, pipeline } = await this.#library();
    if (localPath !== undefined) {
      env.allowRemoteModels = false;
      env.allowLocalModels = true;
      env.localModelPath = localPath;
    }
    const extract = await pipeline('feature-extraction', model, { dtype, ...(device === undefined ? {} : { device }), progress_callback: (event: unknown) => this.#progress(event) });
    return { extract, options };
  }

  #progress(event: unknown): void {
    const { status, file, loaded = 0, total = 0 } = event as { readonly status?: string; readonly file?: string; readonly loaded?: number; readonly total?: number };
    if (status === 'progress' && file !== undefined) this.#reply({ kind: 'progress', progress: { file, bytes: loaded, bytesTotal: total } });
  }
}

async function vectorsOf({ extract, options }: LoadedModel, texts: readonly string[]): Promise<{ readonly dim: number; readonly values: Float32Array }> {
  const { pooling = 'mean', normalize = true } = options;
  const { data, dims } = await extract(texts, { pooling, normalize });
  const [count, dim] = dims;
  if (dims.length !== 2 || count !== texts.length || dim === undefined || data.length !== count * dim) throw new Error(`expected ${texts.length} vectors, found a tensor of ${dims.join(' x ')}`);
  // The library may use its memory again.
  return { dim, values: Float32Array.from(data) };
}
