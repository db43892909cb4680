// Browser: the database lives in a dedicated worker, so that the page never waits for it; no special headers needed. One
// tab's worker owns it, and the other tabs of the origin work through that one.

import type { Database } from '../engine/api.js';
import type { Ack } from '../model/ack.js';
import { checkName } from '../model/schema.js';
import { encryptionToPost, type EncryptionOptions } from './encryption.js';
import type { Caller } from './pending.js';
import { RemoteDatabase } from './remote.js';
import { Tab } from './tab.js';
import type { BrowserStorage, HttpPlace } from './wire.js';
import { LoneTab, WorkerLine } from './worker-line.js';

export interface BrowserOptions {
  /** Default: OPFS, else IndexedDB, else memory; `health()` says which. Given, it is that or an error. */
  readonly storage?: BrowserStorage | HttpPlace;
  /** Whether batches of queries may go to WebGPU. Default true. */
  readonly gpu?: boolean;
  /**
   * 'share': any number of tabs may open it; one owns the storage, and if it ends another takes over. 'alone': a second
   * opening gets `Busy`. Default 'share'; memory, HTTP and browsers without Web Locks are always alone.
   */
  readonly tabs?: 'share' | 'alone';
  /**
   * What vectors, indexes, columns and keys may take in memory, in MiB. Beyond it vectors stay in their files and are read as
   * searches need them; a write that does not fit is refused with `OutOfMemory`. Default: no limit. The owner's counts.
   */
  readonly maxMemoryMB?: number;
  /** What a write waits for unless it says otherwise. Default 'flushed'. The owner's counts. */
  readonly ack?: Ack;
  /** Encrypts all that is stored; of a database that is new. The key of the owner counts, so all tabs must give the same. */
  readonly encryption?: EncryptionOptions;
}

/**
 * Opens the database of that name, created if absent. Errors: `Busy` if somebody has it who does not share it or does not
 * answer, `Corrupt`, `Unsupported`, `WrongKey`.
 */
export async function open(name: string, options: BrowserOptions = {}): Promise<Database> {
  checkName('database name', name);
  const encryption = await encryptionToPost(options.encryption);
  const worker = new Worker(new URL('./database-worker.js', import.meta.url), { type: 'module', name: `elanus:${name}` });
  try {
    return new RemoteDatabase(name, await openCaller(new WorkerLine(worker), name, { ...options, encryption }));
  } catch (error) {
    worker.terminate();
    throw error;
  }
}

type Posted = Omit<BrowserOptions, 'encryption'> & { readonly encryption: EncryptionOptions | undefined };

function openCaller(worker: WorkerLine, name: string, { storage, gpu = true, tabs = 'share', ...rest }: Posted): Promise<Caller> {
  const shared = tabs === 'share' && storage !== 'memory' && typeof storage !== 'object' && (navigator.locks as LockManager | undefined) !== undefined;
  return shared ? Tab.open(worker, name, { storage, gpu, ...rest }) : LoneTab.open(worker, name, { storage, gpu, ...rest });
}

export type { EncryptionOptions } from './encryption.js';
export * from '../index.js';
