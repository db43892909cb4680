// Edge: a database read from R2 by an isolate: precompiled WebAssembly, everything in memory.

import { createPredicates } from '../core/predicates/wasm-predicates.js';
import { createWasmCore } from '../core/wasm/wasm-core.js';
import { openDatabase } from '../engine/database/database.js';
import { require } from '../model/errors.js';
import { webAmbient } from '../platform/ambient.js';
import { late } from '../platform/late.js';
import { openR2Storage, r2Storage, type R2Bucket, type R2Reads } from '../storage/r2.js';
import { SyncDatabase } from '../sync/database.js';
import { encryptionBy, type EncryptionOptions } from './encryption.js';

export interface EdgeOptions {
  /** The R2 binding that holds the files. */
  readonly bucket: R2Reads | R2Bucket;
  /** Where in the bucket the database's files are: the key of its folder, e.g. `default/`. Default: the name and `/`. */
  readonly prefix?: string;
  /**
   * Opens it to write too; default false. There is no lock: who opens a collection takes it over from who has it, which
   * gets `Busy` from then on. So let one place write, as a Durable Object.
   */
  readonly write?: boolean;
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

/** Opens a database. Of one that is read only, each collection is as of the moment at which it is first asked for. Errors: `Unsupported`, `Network`. */
export async function open(name: string, { bucket, prefix = `${name}/`, write = false, core, filter, encryption }: EdgeOptions): Promise<SyncDatabase> {
  return openDatabase(SyncDatabase, name, {
    storage: write ? await openR2Storage(writableBucket(bucket), prefix) : r2Storage(bucket, prefix),
    core: createWasmCore(core, createPredicates(filter)),
    ambient: webAmbient(),
    encryption: encryptionBy(encryption),
    durable: true,
  });
}

/**
 * For an isolate, which keeps a database for all of its requests: opens it by the environment of the first that asks, with
 * `opening`. If that fails so do the requests that wait for it; the next one tries again.
 */
export function openOnce<Env>(opening: (env: Env) => Promise<SyncDatabase>): (env: Env) => Promise<SyncDatabase> {
  return late(opening);
}

function writableBucket(bucket: R2Reads | R2Bucket): R2Bucket {
  require('put' in bucket, () => 'bucket: expected an R2 bucket that can be written, found one without put');
  return bucket;
}

export { answerSearch } from './edge-search.js';
export { answerWrite } from './edge-write.js';
export type { EncryptionOptions } from './encryption.js';
export { bearer, Relay, type RelayBucket, type RelayContext, type RelayOptions } from './relay.js';
export * from '../index.js';
