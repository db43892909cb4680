// What the WebGPU accelerator does when the device is missing, small, out of memory or lost. The devices are real;
// a GPU that stands in front of them changes what they are asked for and what they answer.

import { describe, expect, test } from 'vitest';
import { openWebGpu } from '../../src/core/webgpu/accelerator.js';
import type { Accelerator } from '../../src/ports/core.js';
import { expectExact, indexOf, randomFrom } from './webgpu-reference.js';

type Request = (adapter: GPUAdapter, asked: GPUDeviceDescriptor | undefined) => Promise<GPUDevice>;

/** A GPU whose devices come from `request`. */
function gpuWith(request: Request): GPU {
  const requestAdapter = async (): Promise<GPUAdapter | null> => {
    const adapter = await navigator.gpu.requestAdapter();
    if (adapter === null) throw new Error('expected a WebGPU adapter; start Chromium with --enable-unsafe-webgpu --use-webgpu-adapter=swiftshader');
    return { info: adapter.info, limits: adapter.limits, requestDevice: (asked) => request(adapter, asked) } as GPUAdapter;
  };
  return { requestAdapter } as GPU;
}

async function open(request: Request): Promise<Accelerator> {
  const accelerator = await openWebGpu({ gpu: gpuWith(request), software: true });
  if (accelerator === undefined) throw new Error('expected an accelerator');
  return accelerator;
}

/** `target` with some members replaced. */
function standIn<T extends object>(target: T, replaced: Partial<T>): T {
  return new Proxy(target, {
    get(_, name) {
      const value: unknown = name in replaced ? Reflect.get(replaced, name) : Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const VECTORS = Float32Array.from({ length: 400 * 7 }, randomFrom(1));
const QUERIES = VECTORS.subarray(0, 20 * 7);

async function expectWorks(accelerator: Accelerator): Promise<void> {
  for (const metric of ['L2', 'IP', 'COSINE'] as const) {
    const index = await accelerator.attach(indexOf(VECTORS, 7, metric));
    const found = await index?.search(QUERIES, 128);
    if (found === undefined) throw new Error('expected the device to take the index');
    expectExact(found, VECTORS, QUERIES, 7, metric);
  }
}

describe('limits', () => {
  test('a device with the default limits runs the kernels', async () => {
    const accelerator = await open((adapter) => adapter.requestDevice());
    await expectWorks(accelerator);
    accelerator.close();
  });

  test('a device with all limits of its adapter runs the kernels', async () => {
    const accelerator = await open((adapter) => {
      const requiredLimits: Record<string, number> = {};
      for (const name in adapter.limits) {
        const limit: unknown = Reflect.get(adapter.limits, name);
        if (typeof limit === 'number') requiredLimits[name] = limit;
      }
      return adapter.requestDevice({ requiredLimits });
    });
    await expectWorks(accelerator);
    accelerator.close();
  });

  test('nothing but the size of a binding is asked for', async () => {
    const asked: unknown[] = [];
    const accelerator = await open((adapter, descriptor) => {
      asked.push(descriptor);
      return adapter.requestDevice(descriptor);
    });
    expect(asked).toEqual([{ requiredLimits: { maxStorageBufferBindingSize: expect.any(Number) as number } }]);
    accelerator.close();
  });
});

describe('absence', () => {
  test('no adapter gives no accelerator', async () => {
    expect(await openWebGpu({ gpu: { requestAdapter: async () => null } as unknown as GPU })).toBeUndefined();
  });

  test('an adapter that a CPU emulates is left alone unless it is asked for', async () => {
    const asked: unknown[] = [];
    const emulated = { info: { isFallbackAdapter: true }, requestDevice: (descriptor: unknown) => asked.push(descriptor) };
    expect(await openWebGpu({ gpu: { requestAdapter: async () => emulated } as unknown as GPU })).toBeUndefined();
    expect(asked).toEqual([]);
  });

  test('an adapter that gives no device is an error that says so', async () => {
    const opening = openWebGpu({ gpu: gpuWith(() => Promise.reject(new DOMException('no device today', 'OperationError'))), software: true });
    await expect(opening).rejects.toMatchObject({ code: 'Unsupported', message: expect.stringContaining('no device today') as string });
  });

  test('a device that does not take the kernels is an error, and is given back', async () => {
    let device: GPUDevice | undefined;
    const gpu = gpuWith(async (adapter) => {
      device = await adapter.requestDevice();
      return standIn(device, { createComputePipelineAsync: () => Promise.reject(new Error('no such kernels')) });
    });
    const opening = openWebGpu({ gpu, software: true });
    await expect(opening).rejects.toMatchObject({ code: 'Unsupported', message: expect.stringContaining('no such kernels') as string });
    expect((await device?.lost)?.reason).toBe('destroyed');
  });
});

test('an index beyond the memory of the device is not attached, and what was taken is given back', async () => {
  let vectorsLeft = 1;
  const held = new Set<GPUBuffer>();
  const accelerator = await open(async (adapter) => {
    const device = await adapter.requestDevice();
    const scopes: GPUErrorFilter[] = [];
    let full = false;
    return standIn(device, {
      pushErrorScope: (filter) => {
        scopes.push(filter);
        device.pushErrorScope(filter);
      },
      popErrorScope: async () => {
        const filter = scopes.pop();
        const fault = await device.popErrorScope();
        return full && filter === 'out-of-memory' ? new GPUOutOfMemoryError('no memory left') : fault;
      },
      createBuffer: (descriptor) => {
        const buffer = device.createBuffer(descriptor);
        if (descriptor.label !== 'vectors') return buffer;
        full = vectorsLeft-- === 0;
        if (full) return buffer;
        held.add(buffer);
        buffer.destroy = () => {
          held.delete(buffer);
          return GPUBuffer.prototype.destroy.call(buffer);
        };
        return buffer;
      },
    });
  });
  // 70,000 rows are two slabs, of which the second finds no memory.
  await expect(accelerator.attach(indexOf(new Float32Array(140_000), 2, 'L2'))).resolves.toBeUndefined();
  expect(vectorsLeft).toBe(-1);
  expect(held.size).toBe(0);
  accelerator.close();
});

describe('loss', () => {
  test('pending and later calls reject when the device is lost', async () => {
    let device: GPUDevice | undefined;
    const accelerator = await open(async (adapter, asked) => (device = await adapter.requestDevice(asked)));
    const index = await accelerator.attach(indexOf(VECTORS, 7, 'L2'));
    if (index === undefined) throw new Error('expected the device to take the index');
    const pending = [index.search(QUERIES, 5), index.search(QUERIES, 5)];
    const outcomes = Promise.allSettled(pending);
    device?.destroy();
    for (const outcome of await outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'Closed' } });
    await expect(index.search(QUERIES, 5)).rejects.toMatchObject({ code: 'Closed' });
    await expect(accelerator.attach(indexOf(VECTORS, 7, 'L2'))).rejects.toMatchObject({ code: 'Closed' });
    index.close();
  });

  test('after close every call rejects', async () => {
    const accelerator = await open((adapter, asked) => adapter.requestDevice(asked));
    const index = await accelerator.attach(indexOf(VECTORS, 7, 'L2'));
    accelerator.close();
    await expect(index?.search(QUERIES, 5)).rejects.toMatchObject({ code: 'Closed' });
    await expect(accelerator.attach(indexOf(VECTORS, 7, 'L2'))).rejects.toMatchObject({ code: 'Closed' });
  });
});
