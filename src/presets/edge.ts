// Edge: a database read from R2 by an isolate: precompiled WebAssembly, no writes, everything in memory.

import { createPredicates } from '../core/predicates/wasm-predicates.js';
import { createWasmCore } from '../core/wasm/wasm-core.js';
import { openDatabase } from '../engine/database.js';
import { webAmbient } from '../platform/ambient.js';
import { r2Storage } from '../storage/r2.js';
import { SyncDatabase } from '../sync/database.js';
import { encryptionBy, type EncryptionOptions } from './encryption.js';

export interface EdgeOptions {
  /** The R2 binding that holds the files. */
  readonly bucket: Parameters<typeof r2Storage>[0];
  /** Where in the bucket the database's files are: the key of its folder, e.g. `default/`. Default: the name and `/`. */
  readonly prefix?: string;
  /**
   * `import core from 'elanus/core.wasm'`: isolates may not compile at run time. Where the runtime takes relaxed SIMD, as
   * workerd does, 'elanus/core-relaxed.wasm' is the faster one; elsewhere its import fails.
   */
  readonly core: WebAssembly.Module;
  /** Opens an encrypted database. */
  readonly encryption?: EncryptionOptions;
  /** `import filter from 'elanus/filter.wasm'` */
  readonly filter: WebAssembly.Module;
}

/** Opens a database to read. Its collections are those of the moment at which each is first asked for. */
export async function open(name: string, { bucket, prefix = `${name}/`, core, filter, encryption }: EdgeOptions): Promise<SyncDatabase> {
  return openDatabase(SyncDatabase, name, {
    storage: r2Storage(bucket, prefix),
    core: createWasmCore(core, createPredicates(filter)),
    ambient: webAmbient(),
    encryption: encryptionBy(encryption),
    durable: true,
  });
}

export { answerSearch } from './edge-search.js';
export type { EncryptionOptions } from './encryption.js';
export * from '../index.js';
