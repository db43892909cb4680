// Embed as the package has it: texts become vectors on their way into a collection and into a search.

export { withEmbedder, type EmbeddedOptions } from './embedded-collection.js';
export { embedderOf, type Embedder, type EmbedderDefinition, type EmbedFunction, type EmbedOptions, type TextKind } from './embedder.js';
export { reembed, type ReembedOptions, type ReembedResult } from './reembed.js';
export type { HttpEmbedderOptions } from './http.js';
export type { ModelEmbedderOptions } from './model-embedder.js';
export type { ModelOptions, ModelProgress } from './model-wire.js';
