// World: what a run is made of besides its disk: the WebAssembly core, shared by all runs, and an ambient without timers,
// threads or clock. So a run is over when no promise of it can go on, which tells a hang without waiting.

import { createHash } from 'node:crypto';
import type { Ambient } from '../../src/ports/ambient.js';
import type { Core } from '../../src/ports/core.js';
import type { Storage } from '../../src/ports/storage.js';
import type { Transport } from '../../src/ports/transport.js';
import { openDatabase } from '../../src/engine/database/database.js';
import type { Encryption } from '../../src/engine/database/environment.js';
import { SyncDatabase } from '../../src/sync/database.js';
import { testCore } from '../support/database.js';
import { nodeCipher } from '../support/node-cipher.js';
import type { Random } from './bytes.js';
import { arraysOf } from './memory.js';

/** Cores whose databases are encrypted. */
const encrypting = new WeakSet<Core>();
const KEY = new Uint8Array(32).fill(7);

/** So small that some of the histories seal by themselves. */
const SEAL_BYTES = 3200;

let shared: Promise<Core> | undefined;

/** One core for every run of this process. */
export function sharedCore(): Promise<Core> {
  shared ??= testCore();
  return shared;
}

/** The same core, for a world in which every database is encrypted. */
export function encryptedWorld(core: Core): Core {
  const own = { ...core };
  encrypting.add(own);
  return own;
}

/** How databases over `core` are encrypted: by a cipher without threads. */
export function encryptionOf(core: Core, next: Random): Encryption | undefined {
  return encrypting.has(core) ? { cipher: nodeCipher((count) => Uint8Array.from({ length: count }, () => next() * 256)), key: KEY } : undefined;
}

export function simAmbient(next: Random): Ambient {
  let now = 1_700_000_000_000;
  return {
    nowMs: () => now++,
    randomBytes: (count) => Uint8Array.from({ length: count }, () => next() * 256),
    sha256: async (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
    pause: async () => {
      for (let turn = 0; turn < 4; turn++) await undefined;
    },
    log: () => {},
  };
}

export interface OpenOptions {
  readonly sealBytes?: number | undefined;
  readonly transport?: Transport | undefined;
}

export function openSim(storage: Storage, core: Core, next: Random, { sealBytes = SEAL_BYTES, transport }: OpenOptions = {}): Promise<SyncDatabase> {
  // Half of the databases are read from their files as they are used.
  const eagerBytes = next() < 0.5 ? 0 : undefined;
  return openDatabase(SyncDatabase, 'sim', { storage, core, ambient: simAmbient(next), transport, encryption: encryptionOf(core, next), durable: true, sealBytes, eagerBytes, allocate: arraysOf(core) });
}

/** What `work` gives, or an error if it waits for what will never come. */
export async function finished<T>(work: Promise<T>): Promise<T> {
  let over = false;
  const end = work.finally(() => (over = true));
  end.catch(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  if (!over) throw new Error('hang: it waits for what will never come');
  return end;
}
