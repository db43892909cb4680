// The embedding worker of a Node program: a ModelHost over transformers.js, which the program's own package brings.

import { parentPort } from 'node:worker_threads';
import { ModelHost, type TransformersLibrary } from '../src/embed/model-host.js';
import type { ModelRequest } from '../src/embed/model-wire.js';

const library = async (): Promise<TransformersLibrary> => (await import('@huggingface/transformers' as string)) as TransformersLibrary;
const host = new ModelHost(library, (reply) => parentPort?.postMessage(reply));
parentPort?.on('message', (request: ModelRequest) => host.take(request));
