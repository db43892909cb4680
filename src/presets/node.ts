// Node: the file system, the native addon (else WebAssembly, with a warning), fetch.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { createNativeCore, THREADS_MAX } from '../core/native/native-core.js';
import { createPredicates } from '../core/predicates/wasm-predicates.js';
import { openDatabase } from '../engine/database/database.js';
import { memoryBytes } from '../engine/database/environment.js';
import type { Ack } from '../model/ack.js';
import { ElanusError } from '../model/errors.js';
import { checkName } from '../model/schema.js';
import { nodeAmbient } from '../platform/node-ambient.js';
import { webSignatures } from '../platform/signatures.js';
import { fetchTransport } from '../platform/transport.js';
import { webWaking } from '../platform/waking.js';
import type { Ambient } from '../ports/ambient.js';
import type { Core } from '../ports/core.js';
import type { ReadStorage } from '../ports/storage.js';
import { openFsStorage } from '../storage/fs.js';
import type { HttpOptions } from '../storage/http.js';
import { memoryStorage } from '../storage/memory.js';
import type { S3Options } from '../storage/s3.js';
import { SyncDatabase } from '../sync/database.js';
import { encryptionBy, type EncryptionOptions } from './encryption.js';

export interface NodeOptions {
  /** Folder that holds databases, each in a folder of its name. Default: `.elanus` in the working directory. */
  readonly directory?: string;
  /** Default 'fs'. 'memory' keeps nothing; other places are named by their address. */
  readonly storage?: 'fs' | 'memory' | S3Place | HttpPlace;
  /** Default: native if the addon loads, else wasm. Given, it is that or an error. */
  readonly core?: 'native' | 'wasm';
  /**
   * What vectors, indexes, columns and keys may take in memory, in MiB. Beyond it vectors stay in their files and are read as
   * searches need them; a write that does not fit is refused with `OutOfMemory`. Default: no limit.
   */
  readonly maxMemoryMB?: number;
  /** A kernel set of the native core, for tests and measurements. Default: the best one. */
  readonly kernels?: string;
  /** Threads beside the JavaScript one in which the native core builds indexes and answers searches. Default: one per processor. */
  readonly threads?: number;
  /**
   * Many callers search at once, as on a server: searches leave the JavaScript thread free wherever the core has others.
   * Default false: one search alone is answered sooner.
   */
  readonly concurrent?: boolean;
  /** Encrypts all that is stored; of a database that is new. */
  readonly encryption?: EncryptionOptions;
  /** What writes wait for unless they say otherwise. Default 'flushed'. */
  readonly ack?: Ack;
  readonly ambient?: Ambient;
}

/** A folder of an S3 bucket. Who opens a collection to write takes it over from whoever has it. */
export interface S3Place extends S3Options {
  readonly kind: 's3';
  /** Default: the name of the database and `/`. */
  readonly prefix?: string;
  /** Opens it to read; any number may. Default false. */
  readonly readOnly?: boolean;
}

/** A folder that `elanus publish` has indexed, behind any server of files; read only. */
export interface HttpPlace extends HttpOptions {
  readonly kind: 'http';
}

/** A server has room to seal more at once than a tab. */
const SEAL_BYTES = 256 * 1024 * 1024;

const requireHere = createRequire(import.meta.url);

/** Opens the database of that name, created if absent. Errors: `Busy` if another process has it, `Corrupt`, `Unsupported`, `WrongKey`. */
export async function open(name: string, options: NodeOptions = {}): Promise<SyncDatabase> {
  checkName('database name', name);
  const { ambient = nodeAmbient() } = options;
  const { core, warnings } = await loadCore(options);
  return openDatabase(SyncDatabase, name, {
    storage: await openStorage(name, options),
    core,
    ambient,
    transport: fetchTransport(),
    waking: webWaking(),
    signatures: webSignatures,
    encryption: encryptionBy(options.encryption),
    durable: options.storage !== 'memory',
    sealBytes: SEAL_BYTES,
    memoryBytes: memoryBytes(options.maxMemoryMB),
    ack: options.ack,
    concurrent: options.concurrent,
    warnings,
  });
}

async function loadCore({ core, kernels, threads = Math.min(availableParallelism(), THREADS_MAX) }: NodeOptions): Promise<{ readonly core: Core; readonly warnings: readonly string[] }> {
  const predicates = createPredicates(await compileAsset('#filter.wasm'));
  const wasm = async (): Promise<Core> => {
    const [{ createWasmCore }, { takesRelaxedSimd }] = await Promise.all([import('../core/wasm/wasm-core.js'), import('../core/wasm/relaxed.js')]);
    return createWasmCore(await compileAsset(takesRelaxedSimd() ? '#core-relaxed.wasm' : '#core.wasm'), predicates);
  };
  if (core === 'wasm') return { core: await wasm(), warnings: [] };
  try {
    return { core: createNativeCore(requireHere('#native'), predicates, { threads, ...(kernels === undefined ? {} : { kernels }) }), warnings: [] };
  } catch (error) {
    if (core === 'native' || error instanceof ElanusError) throw error;
    return { core: await wasm(), warnings: [`the native addon did not load, WebAssembly is used instead: ${String(error)}`] };
  }
}

async function compileAsset(name: string): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await readFile(requireHere.resolve(name)));
}

async function openStorage(name: string, { directory = '.elanus', storage = 'fs' }: NodeOptions): Promise<ReadStorage> {
  if (storage === 'memory') return memoryStorage();
  if (storage === 'fs') return openFsStorage(join(resolve(directory), name));
  if (storage.kind === 'http') return (await import('../storage/http.js')).openHttpStorage(storage);
  const place = { prefix: `${name}/`, ...storage };
  const { openS3Storage, s3Reads } = await import('../storage/s3.js');
  return storage.readOnly === true ? s3Reads(place) : openS3Storage(place);
}

export type { EncryptionOptions } from './encryption.js';
export * from '../index.js';
