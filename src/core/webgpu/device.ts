// Device: a GPUDevice that tells the truth about its failures. What goes wrong on a GPU is reported late and
// elsewhere; here it becomes an ElanusError of the call that caused it. Work that shares buffers takes turns.

import { ElanusError } from '../../model/errors.js';

// The numbers of GPUBufferUsage, GPUMapMode and GPUShaderStage, which are not globals in every runtime.
export const USAGE = { MAP_READ: 0x1, COPY_SRC: 0x4, COPY_DST: 0x8, UNIFORM: 0x40, STORAGE: 0x80 } as const;
export const MAP_MODE_READ = 0x1;
export const STAGE_COMPUTE = 0x4;

export class Device {
  readonly gpu: GPUDevice;
  readonly name: string;
  #lost: string | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(gpu: GPUDevice, name: string) {
    this.gpu = gpu;
    this.name = name;
    void gpu.lost.then(({ message }) => {
      this.#lost ??= `the device was lost: ${message}`;
    });
  }

  /** Errors: `Closed` if the device was lost or closed. */
  requireOpen(): void {
    if (this.#lost !== undefined) throw new ElanusError('Closed', `${this.name}: ${this.#lost}`);
  }

  /** Runs `work` when all work before it has ended, well or not. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined); // the failure is `result`'s, and its caller's
    return result;
  }

  /** The result of `work`, once the device has found no fault in it. Errors: `OutOfMemory`, `Unsupported`, `Closed`. */
  async checked<T>(work: () => T): Promise<T> {
    this.requireOpen();
    const filters = ['internal', 'validation', 'out-of-memory'] as const;
    for (const filter of filters) this.gpu.pushErrorScope(filter);
    let result: T;
    let faults: Promise<readonly (GPUError | null)[]>;
    try {
      result = work();
    } finally {
      faults = Promise.all(filters.map(() => this.gpu.popErrorScope()));
    }
    const [memory, ...others] = await this.answered(faults);
    if (memory) throw new ElanusError('OutOfMemory', `${this.name}: ${memory.message}`);
    for (const fault of others) if (fault) throw new ElanusError('Unsupported', `${this.name}: expected the device to accept the work, found ${fault.message}`);
    return result;
  }

  /** What the device answers. Errors: `Closed` if it is lost and will not. */
  async answered<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (cause) {
      this.requireOpen();
      throw new ElanusError('Closed', `${this.name}: expected an answer, found ${String(cause)}`, { cause });
    }
  }

  /** A buffer that copies go into. Errors: `OutOfMemory`, `Closed`. */
  allocate(label: string, size: number, usage: number): Promise<GPUBuffer> {
    return this.checked(() => this.gpu.createBuffer({ label, size, usage: usage | USAGE.COPY_DST }));
  }

  /** Frees all that was made on the device. */
  close(): void {
    this.#lost ??= 'the accelerator is closed';
    this.gpu.destroy();
  }
}
