// A database for tests: the WebAssembly core over memory files that outlive it, a clock that only counts, and
// randomness from a seed, so that a run can be repeated.

import { createPredicates } from '../../src/core/predicates/wasm-predicates.js';
import { createWasmCore } from '../../src/core/wasm/wasm-core.js';
import { openDatabase } from '../../src/engine/database/database.js';
import { webAmbient } from '../../src/platform/ambient.js';
import { webCipher } from '../../src/platform/cipher.js';
import type { Ambient } from '../../src/ports/ambient.js';
import type { EncryptionKey, Signatures } from '../../src/ports/cipher.js';
import type { Core } from '../../src/ports/core.js';
import type { ReadStorage, Storage } from '../../src/ports/storage.js';
import type { Transport } from '../../src/ports/transport.js';
import type { Waking } from '../../src/ports/waking.js';
import { memoryStorage, type MemoryFiles } from '../../src/storage/memory.js';
import { SyncDatabase } from '../../src/sync/database.js';
import { compileAsset } from './assets.js';
import { random } from './random.js';

export interface TestDatabaseOptions {
  readonly files?: MemoryFiles;
  readonly storage?: ReadStorage | Storage;
  readonly transport?: Transport;
  readonly waking?: Waking;
  readonly seed?: number;
  readonly ambient?: Ambient;
  readonly core?: Core;
  readonly signatures?: Signatures;
  readonly key?: EncryptionKey | undefined;
  readonly reserveBytes?: number;
  /** 0: sealed segments are read from files as they are used. */
  readonly eagerBytes?: number;
  readonly memoryBytes?: number;
  readonly sealBytes?: number;
  readonly concurrent?: boolean;
}

export async function testCore(module: 'core.wasm' | 'core-relaxed.wasm' = 'core.wasm'): Promise<Core> {
  return createWasmCore(await compileAsset(module), createPredicates(await compileAsset('filter.wasm')));
}

export function testAmbient(seed: number): Ambient {
  const next = random(seed);
  let now = 1_700_000_000_000;
  return { ...webAmbient(), nowMs: () => now++, randomBytes: (count) => Uint8Array.from({ length: count }, () => next() * 256) };
}

export async function testDatabase({ files = new Map(), storage = memoryStorage(files), transport, seed = 1, ambient = testAmbient(seed), core, key, ...limits }: TestDatabaseOptions = {}): Promise<SyncDatabase> {
  return openDatabase(SyncDatabase, 'test', { storage, core: core ?? (await testCore()), ambient, transport, durable: false, encryption: key && { cipher: webCipher, key }, ...limits });
}
