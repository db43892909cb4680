// Browser: the database lives in a dedicated worker, so that the page never waits for it; no special headers needed. One
// tab's worker owns it, and the other tabs of the origin work through that one. A page that searches a published folder gets
// a worker that can do just that, as long as nothing else is asked for.

import type { Database } from '../engine/api.js';
import type { Ack } from '../model/ack.js';
import { checkName } from '../model/schema.js';
import type { EncryptionOptions } from './encryption.js';
import type { Caller } from './pending.js';
import { RemoteDatabase } from './remote.js';
import { SearchTab } from './search-tab.js';
import type { BrowserStorage, HttpPlace } from './wire.js';
import { WorkerLine } from './worker-line.js';

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
  return new RemoteDatabase(name, isSearched(options) ? await openSearcher(name, options) : await openEngine(name, options));
}

/** A folder that the search worker may open: it knows no keys and no limits. */
function isSearched({ storage, encryption, maxMemoryMB }: BrowserOptions): boolean {
  return typeof storage === 'object' && encryption === undefined && maxMemoryMB === undefined;
}

async function openSearcher(name: string, options: BrowserOptions): Promise<Caller> {
  const searcher = new Worker(new URL('./search-worker.js', import.meta.url), { type: 'module', name: `elanus:${name}` });
  return ending(searcher, () => SearchTab.open(new WorkerLine(searcher), name, { gpu: true, storage: undefined, ...options }, () => openEngine(name, options)));
}

async function openEngine(name: string, { storage, gpu = true, tabs = 'share', encryption, ...rest }: BrowserOptions): Promise<Caller> {
  const worker = new Worker(new URL('./database-worker.js', import.meta.url), { type: 'module', name: `elanus:${name}` });
  return ending(worker, async () => {
    const shared = tabs === 'share' && storage !== 'memory' && typeof storage !== 'object' && (navigator.locks as LockManager | undefined) !== undefined;
    // While the worker loads, and all that it will take: later the server of the scripts may be away.
    const [Tabs, posted] = await Promise.all([
      shared ? import('./tab.js').then(({ Tab }) => Tab) : import('./lone-tab.js').then(({ LoneTab }) => LoneTab),
      encryption && import('./encryption.js').then(({ encryptionToPost }) => encryptionToPost(encryption)),
      import('./remote-parts.js'),
    ]);
    return Tabs.open(new WorkerLine(worker), name, { storage, gpu, encryption: posted, ...rest });
  });
}

/** What cannot be opened leaves no worker behind. */
async function ending<T>(worker: Worker, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    worker.terminate();
    throw error;
  }
}

export type { EncryptionOptions } from './encryption.js';
export * from '../index.js';
