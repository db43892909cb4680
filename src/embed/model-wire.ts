// Model wire: what a page, or a Node program, and the worker that runs its embedding model say to each other.

/** How a model of transformers.js is loaded and used. */
export interface ModelOptions {
  /** Its name on the hub, e.g. 'Xenova/bge-small-en-v1.5', or of a folder below `localPath`. */
  readonly model: string;
  /** The folder, or URL, that models are read from; nothing is then asked of the hub. */
  readonly localPath?: string;
  /** Of its weights: 'fp32', 'fp16', 'q8', 'q4' and what else the library takes. Default 'q8'. */
  readonly dtype?: string;
  /** 'wasm', 'webgpu', 'cpu'. Default: the library's. */
  readonly device?: string;
  /** How vectors of tokens become one: 'mean', 'cls', 'last_token'. Default 'mean'. */
  readonly pooling?: string;
  /** Whether vectors get length 1. Default true. */
  readonly normalize?: boolean;
}

/** Of one file of the model. */
export interface ModelProgress {
  readonly file: string;
  readonly bytes: number;
  /** 0 if it is not known. */
  readonly bytesTotal: number;
}

export type ModelRequest = { readonly kind: 'load'; readonly options: ModelOptions } | { readonly kind: 'embed'; readonly id: number; readonly texts: readonly string[] };

export type ModelReply =
  | { readonly kind: 'progress'; readonly progress: ModelProgress }
  | { readonly kind: 'loaded'; readonly dim: number }
  /** Vectors, row-major. */
  | { readonly kind: 'vectors'; readonly id: number; readonly values: Float32Array }
  /** Without an id the model did not load. */
  | { readonly kind: 'failure'; readonly id?: number; readonly message: string };

/** The worker as its user sees it. */
export interface ModelWorker {
  post(request: ModelRequest): void;
  /** `failed`: it ended, or could not begin. Once. */
  listen(replied: (reply: ModelReply) => void, failed: (reason: unknown) => void): void;
  terminate(): void;
}
