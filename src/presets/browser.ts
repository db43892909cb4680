// Browser: the database lives in a dedicated worker, so that the page never waits for it; no special headers needed.

import { wrap, type Remote } from 'comlink';
import type { Database } from '../engine/api.js';
import { ElanusError } from '../model/errors.js';
import { checkName } from '../model/schema.js';
import { RemoteDatabase } from './remote.js';
import { carryErrors, type BrowserStorage, type Host, type HttpPlace } from './wire.js';

export interface BrowserOptions {
  /** Default: OPFS, else IndexedDB, else memory; `health()` says which. Given, it is that or an error. */
  readonly storage?: BrowserStorage | HttpPlace;
  /** Whether batches of queries may go to WebGPU. Default true. */
  readonly gpu?: boolean;
}

carryErrors();

/** Opens the database of that name, created if absent. Errors: `Busy` if another tab has it, `Corrupt`, `Unsupported`. */
export async function open(name: string, options: BrowserOptions = {}): Promise<Database> {
  checkName('database name', name);
  const worker = new Worker(new URL('./database-worker.js', import.meta.url), { type: 'module', name: `elanus:${name}` });
  const host: Remote<Host> = wrap<Host>(worker);
  try {
    await Promise.race([host.open(name, { storage: options.storage, gpu: options.gpu ?? true }), failureOf(worker)]);
  } catch (error) {
    worker.terminate();
    throw error;
  }
  return new RemoteDatabase(name, host, worker);
}

// A worker whose script does not load says so by an event only.
function failureOf(worker: Worker): Promise<never> {
  return new Promise((_, reject) => {
    worker.addEventListener('error', (event) => reject(new ElanusError('Unsupported', `the database worker did not start: ${event.message || 'its script did not load'}`)));
  });
}

export * from '../index.js';
