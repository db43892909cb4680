// The Accelerator that WebGPU fills: exact search for batches of queries. A lost device is never asked again: every
// search from then on, and those under way, reject with `Closed`, and the caller goes on with its CPU.

import { ElanusError } from '../../model/errors.js';
import type { AcceleratedIndex, Accelerator, FlatIndex } from '../../ports/core.js';
import { Device } from './device.js';
import { GpuFlatIndex, SLAB_BYTES_MAX } from './gpu-flat-index.js';
import { Kernels } from './kernels.js';
import { createScratch, type Scratch } from './scratch.js';

/** Half a tile of queries. Below it most lanes compute for nobody, and the way to the device and back, about 1 ms, is longer than the CPU takes. */
export const QUERIES_MIN = 16;

/** Where to look for a device. */
export interface WebGpuOptions {
  /** Default: the runtime's own. */
  readonly gpu?: GPU | undefined;
  /** Take an adapter that a CPU emulates, as tests do; the CPU's own kernels are faster than that. Default false. */
  readonly software?: boolean;
}

/**
 * The best device there is. Undefined if there is no WebGPU or no adapter.
 * Errors: `Unsupported` if there is one, but it gives no device or does not take the kernels.
 */
export async function openWebGpu({ gpu = runtimeGpu(), software = false }: WebGpuOptions = {}): Promise<Accelerator | undefined> {
  const adapter = await gpu?.requestAdapter();
  if (!adapter || (adapter.info.isFallbackAdapter && !software)) return undefined;
  const { vendor, architecture } = adapter.info;
  const name = ['webgpu', vendor, architecture].filter((part) => part !== '').join(' ');
  const bindingBytes = Math.min(adapter.limits.maxStorageBufferBindingSize, SLAB_BYTES_MAX);
  let device: GPUDevice | undefined;
  try {
    device = await adapter.requestDevice({ requiredLimits: { maxStorageBufferBindingSize: bindingBytes } });
    return new WebGpuAccelerator(new Device(device, name), await Kernels.compile(device));
  } catch (cause) {
    device?.destroy();
    throw new ElanusError('Unsupported', `${name}: expected a device that takes the kernels, found ${String(cause)}`, { cause });
  }
}

function runtimeGpu(): GPU | undefined {
  return (globalThis as { readonly navigator?: { readonly gpu?: GPU } }).navigator?.gpu;
}

class WebGpuAccelerator implements Accelerator {
  readonly queriesMin = QUERIES_MIN;
  readonly #device: Device;
  readonly #kernels: Kernels;
  #scratch: Promise<Scratch> | undefined;

  constructor(device: Device, kernels: Kernels) {
    this.#device = device;
    this.#kernels = kernels;
  }

  get name(): string {
    return this.#device.name;
  }

  /** Undefined if the index is empty or the device has no memory for it. Errors: `Closed`, `Unsupported`. */
  async attach(index: FlatIndex): Promise<AcceleratedIndex | undefined> {
    this.#device.requireOpen();
    if (index.size === 0) return undefined;
    try {
      this.#scratch ??= createScratch(this.#device);
      return await GpuFlatIndex.upload({ device: this.#device, kernels: this.#kernels, scratch: await this.#scratch }, index);
    } catch (error) {
      if (error instanceof ElanusError && error.code === 'OutOfMemory') return undefined;
      throw error;
    }
  }

  close(): void {
    this.#device.close();
  }
}
