// A model in a worker: what transformers.js is asked for, what comes back, and what happens when it fails. The library is
// one of ours that counts letters, and the worker a channel.

import { describe, expect, it } from 'vitest';
import { modelEmbedder } from '../../src/embed/model-embedder.js';
import { ModelHost, type TransformersLibrary } from '../../src/embed/model-host.js';
import type { ModelProgress, ModelReply, ModelRequest, ModelWorker } from '../../src/embed/model-wire.js';

interface Asked {
  readonly model: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Vectors of two numbers: the length of a text, and 0. */
function libraryOf(asked: Asked[], extract = (texts: readonly string[]) => ({ data: texts.flatMap((text) => [text.length, 0]), dims: [texts.length, 2] })): TransformersLibrary {
  return {
    env: { allowRemoteModels: true, allowLocalModels: false, localModelPath: '' },
    pipeline: async (_, model, options) => {
      asked.push({ model, options });
      (options['progress_callback'] as (event: unknown) => void)({ status: 'progress', file: 'model.onnx', loaded: 5, total: 10 });
      (options['progress_callback'] as (event: unknown) => void)({ status: 'done', file: 'model.onnx' });
      return async (texts) => extract(texts);
    },
  };
}

/** A worker in this thread; messages arrive later, copied. */
function workerOf(library: () => Promise<TransformersLibrary>) {
  const ended = { count: 0 };
  let fail: (reason: unknown) => void = () => {};
  let replied: (reply: ModelReply) => void = () => {};
  const host = new ModelHost(library, (reply) => queueMicrotask(() => replied(structuredClone(reply))));
  const worker: ModelWorker = {
    post: (request: ModelRequest) => queueMicrotask(() => host.take(structuredClone(request))),
    listen: (onReply, onFail) => {
      replied = onReply;
      fail = onFail;
    },
    terminate: () => void ended.count++,
  };
  return { worker, ended, crash: (reason: unknown) => fail(reason) };
}

describe('a model in a worker', () => {
  it('is loaded as it was asked for, tells its progress, and embeds', async () => {
    const asked: Asked[] = [];
    const progress: ModelProgress[] = [];
    const library = libraryOf(asked);
    const { worker } = workerOf(async () => library);
    const embedder = await modelEmbedder({ model: 'letters', localPath: './models', dtype: 'q4', device: 'wasm', normalize: false, onProgress: (one) => progress.push(one) }, worker);
    expect(embedder).toMatchObject({ model: 'letters q4', dim: 2, normalized: false });
    expect(asked).toMatchObject([{ model: 'letters', options: { dtype: 'q4', device: 'wasm' } }]);
    expect(library.env).toEqual({ allowRemoteModels: false, allowLocalModels: true, localModelPath: './models' });
    expect(progress).toEqual([{ file: 'model.onnx', bytes: 5, bytesTotal: 10 }]);
    expect(await Promise.all([embedder.embed(['a', 'bb']), embedder.embed(['ccc'])])).toEqual([[Float32Array.of(1, 0), Float32Array.of(2, 0)], [Float32Array.of(3, 0)]]);
  });
  it('asks the hub unless it is given a path', async () => {
    const library = libraryOf([]);
    await modelEmbedder({ model: 'letters', normalize: false }, workerOf(async () => library).worker);
    expect(library.env.allowRemoteModels).toBe(true);
  });
  it('fails to open where the library or the model is not to be had, and ends its worker', async () => {
    const { worker, ended } = workerOf(() => Promise.reject(new Error('no such package')));
    await expect(modelEmbedder({ model: 'letters' }, worker)).rejects.toMatchObject({ code: 'StorageFailed', message: 'model "letters q8": no such package' });
    expect(ended.count).toBe(1);
  });
  it('refuses a tensor of another shape', async () => {
    const library = libraryOf([], (texts) => ({ data: texts.map(() => 1), dims: [texts.length] }));
    await expect(modelEmbedder({ model: 'letters' }, workerOf(async () => library).worker)).rejects.toThrow(/expected 1 vectors, found a tensor of 1/);
  });
  it('goes on after one call that failed', async () => {
    const library = libraryOf([], (texts) => {
      if (texts.includes('bad')) throw new Error('too long');
      return { data: texts.flatMap(() => [1, 0]), dims: [texts.length, 2] };
    });
    const embedder = await modelEmbedder({ model: 'letters' }, workerOf(async () => library).worker);
    await expect(embedder.embed(['bad'])).rejects.toMatchObject({ code: 'StorageFailed', message: expect.stringContaining('too long') as string });
    expect(await embedder.embed(['good'])).toEqual([Float32Array.of(1, 0)]);
  });
  it('fails what waits when its worker ends, or when it is closed', async () => {
    const never = libraryOf([], (texts) => (texts.includes('slow') ? (new Promise(() => {}) as never) : { data: [1, 0], dims: [1, 2] }));
    for (const how of ['crash', 'close'] as const) {
      const { worker, crash, ended } = workerOf(async () => never);
      const embedder = await modelEmbedder({ model: 'letters' }, worker);
      const waiting = embedder.embed(['slow']);
      if (how === 'crash') crash('out of memory');
      else await embedder.close();
      await expect(waiting).rejects.toMatchObject({ code: how === 'crash' ? 'StorageFailed' : 'Closed' });
      await expect(embedder.embed(['a'])).rejects.toMatchObject({ code: how === 'crash' ? 'StorageFailed' : 'Closed' });
      expect(ended.count).toBe(1);
    }
  });
  it('is not loaded once it was aborted', async () => {
    const abort = new AbortController();
    const loading = modelEmbedder({ model: 'letters', signal: abort.signal }, workerOf(() => new Promise(() => {})).worker);
    abort.abort();
    await expect(loading).rejects.toMatchObject({ code: 'Closed' });
    await expect(modelEmbedder({ model: 'letters', signal: abort.signal }, workerOf(() => new Promise(() => {})).worker)).rejects.toMatchObject({ code: 'Closed' });
  });
});
