// The embedding worker of a page: a ModelHost over transformers.js, which the page's own package brings.

import { ModelHost, type TransformersLibrary } from '../src/embed/model-host.js';
import type { ModelRequest } from '../src/embed/model-wire.js';

// The user's bundler finds it; its types are not ours to ask for.
const library = async (): Promise<TransformersLibrary> => (await import('@huggingface/transformers' as string)) as TransformersLibrary;
const host = new ModelHost(library, (reply) => postMessage(reply));
onmessage = ({ data }: MessageEvent<ModelRequest>) => host.take(data);
