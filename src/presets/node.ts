// Node: the file system, the native addon (else WebAssembly, with a warning), fetch.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { createNativeCore, THREADS_MAX } from '../core/native/native-core.js';
import { createPredicates } from '../core/predicates/wasm-predicates.js';
import { takesRelaxedSimd } from '../core/wasm/relaxed.js';
import { createWasmCore } from '../core/wasm/wasm-core.js';
import { openDatabase } from '../engine/database.js';
import { ElanusError } from '../model/errors.js';
import { checkName } from '../model/schema.js';
import { webAmbient } from '../platform/ambient.js';
import { fetchTransport } from '../platform/transport.js';
import type { Ambient } from '../ports/ambient.js';
import type { Core } from '../ports/core.js';
import { openFsStorage } from '../storage/fs.js';
import { memoryStorage } from '../storage/memory.js';
import { SyncDatabase } from '../sync/database.js';

export interface NodeOptions {
  /** Folder that holds databases, each in a folder of its name. Default: `.elanus` in the working directory. */
  readonly directory?: string;
  /** Default 'fs'. 'memory' keeps nothing. */
  readonly storage?: 'fs' | 'memory';
  /** Default: native if the addon loads, else wasm. Given, it is that or an error. */
  readonly core?: 'native' | 'wasm';
  /** A kernel set of the native core, for tests and measurements. Default: the best one. */
  readonly kernels?: string;
  /** Threads beside the JavaScript one in which the native core builds indexes and answers searches. Default: one per processor. */
  readonly threads?: number;
  readonly ambient?: Ambient;
}

/** A server has room to seal more at once than a tab. */
const SEAL_BYTES = 256 * 1024 * 1024;

const requireHere = createRequire(import.meta.url);

/** Opens the database of that name, created if absent. Errors: `Busy` if another process has it, `Corrupt`, `Unsupported`. */
export async function open(name: string, options: NodeOptions = {}): Promise<SyncDatabase> {
  checkName('database name', name);
  const { directory = '.elanus', storage = 'fs', ambient = webAmbient() } = options;
  const { core, warnings } = await loadCore(options);
  return openDatabase(SyncDatabase, name, {
    storage: storage === 'memory' ? memoryStorage() : await openFsStorage(join(resolve(directory), name)),
    core,
    ambient,
    transport: fetchTransport(),
    durable: storage === 'fs',
    sealBytes: SEAL_BYTES,
    warnings,
  });
}

async function loadCore({ core, kernels, threads = Math.min(availableParallelism(), THREADS_MAX) }: NodeOptions): Promise<{ readonly core: Core; readonly warnings: readonly string[] }> {
  const predicates = createPredicates(await compileAsset('#filter.wasm'));
  const wasm = async (): Promise<Core> => createWasmCore(await compileAsset(takesRelaxedSimd() ? '#core-relaxed.wasm' : '#core.wasm'), predicates);
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

export * from '../index.js';
