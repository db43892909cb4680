// Embedder: what turns texts into the vectors of one model. Whoever fills it names the model, so that a collection that
// records its own can refuse it.

import { ElanusError, require } from '../model/errors.js';
import { requireNormalized } from '../model/vector-model.js';

/** Models that were trained for it embed what is searched for otherwise than what is found. */
export type TextKind = 'document' | 'query';

export interface EmbedOptions {
  /** Default 'document'. */
  readonly kind?: TextKind;
  readonly signal?: AbortSignal;
}

export interface Embedder {
  /** As `Field.model` records it. */
  readonly model: string;
  readonly dim: number;
  /** True if every vector has length 1. */
  readonly normalized: boolean;
  /** The vector of each text, `dim` finite numbers each, in their order. Errors: `Closed` if aborted; what the model throws is the cause of a `StorageFailed` or `Network`. */
  embed(texts: readonly string[], options?: EmbedOptions): Promise<readonly Float32Array[]>;
  /** Frees what it holds: a worker, the memory of a model. */
  close(): Promise<void>;
}

export interface EmbedderDefinition {
  readonly model: string;
  readonly dim: number;
  /** Default false. */
  readonly normalized?: boolean;
  /** Texts that are embedded at once at most. Default 32. */
  readonly batchSize?: number;
  /** Put before texts of each kind, as some models want it, e.g. `{ query: 'query: ', document: 'passage: ' }`. */
  readonly prefixes?: Partial<Readonly<Record<TextKind, string>>>;
}

/** Vectors of `texts`, each numbers or a Float32Array, in their order. */
export type EmbedFunction = (texts: readonly string[], options: { readonly kind: TextKind; readonly signal: AbortSignal | undefined }) => Promise<readonly ArrayLike<number>[]>;

const BATCH_DEFAULT = 32;

/** An Embedder by any function. What the function gives is checked: number, dimension, finite values, length. Errors: `InvalidArgument`. */
export function embedderOf(definition: EmbedderDefinition & { readonly embed: EmbedFunction; readonly close?: () => Promise<void> }): Embedder {
  const { model, dim, normalized = false, batchSize = BATCH_DEFAULT, prefixes = {}, embed, close } = definition;
  require(typeof model === 'string' && model !== '', () => 'embedder: expected the name of its model');
  require(Number.isInteger(dim) && dim >= 1, () => `embedder "${model}": dim: expected a positive integer, found ${String(dim)}`);
  require(Number.isInteger(batchSize) && batchSize >= 1, () => `embedder "${model}": batchSize: expected a positive integer, found ${String(batchSize)}`);
  require(typeof embed === 'function', () => `embedder "${model}": expected a function embed`);
  const batch = async (texts: readonly string[], kind: TextKind, signal: AbortSignal | undefined): Promise<readonly Float32Array[]> => {
    const given = await embed(texts, { kind, signal });
    require(given.length === texts.length, () => `embedder "${model}": expected ${texts.length} vectors, found ${given.length}`);
    return given.map((vector, at) => checked(vector, definition, normalized, at));
  };
  return {
    model,
    dim,
    normalized,
    async embed(texts, { kind = 'document', signal } = {}) {
      const prefix = prefixes[kind] ?? '';
      const vectors: Float32Array[] = [];
      for (let at = 0; at < texts.length; at += batchSize) {
        if (signal?.aborted === true) throw new ElanusError('Closed', `embedder "${model}": aborted after ${at} of ${texts.length} texts`, { cause: signal.reason });
        vectors.push(...(await batch(texts.slice(at, at + batchSize).map((text) => prefix + text), kind, signal)));
      }
      return vectors;
    },
    close: async () => close?.(),
  };
}

function checked(given: ArrayLike<number>, { model, dim }: EmbedderDefinition, normalized: boolean, at: number): Float32Array {
  require(given.length === dim, () => `embedder "${model}": expected ${dim} numbers for text ${at}, found ${String(given.length)}`);
  const vector = given instanceof Float32Array ? given : Float32Array.from(given);
  require(vector.every(Number.isFinite), () => `embedder "${model}": expected finite numbers for text ${at}`);
  requireNormalized({ model: { name: model, normalized }, dim }, vector, () => `embedder "${model}", text ${at}`);
  return vector;
}
