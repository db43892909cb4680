// Conformance in Node: every kernel set of the native core, and both WebAssembly modules.

import { createRequire } from 'node:module';
import { describe, test } from 'vitest';
import { createNativeCore, kernelSets } from '../../src/core/native/native-core.js';
import { createPredicates } from '../../src/core/predicates/wasm-predicates.js';
import { openDatabase } from '../../src/engine/database/database.js';
import type { Core } from '../../src/ports/core.js';
import { memoryStorage } from '../../src/storage/memory.js';
import { SyncDatabase } from '../../src/sync/database.js';
import { compileAsset } from '../support/assets.js';
import { testAmbient, testCore } from '../support/database.js';
import { enableRelaxedSimd } from '../support/relaxed.js';
import { answerBy, check, fill, type ConformanceFile } from './conformance.js';
import file from './conformance.json' with { type: 'json' };

const addon: unknown = createRequire(import.meta.url)('../../build/native/elanus.node');

async function run(runtime: string, core: Core): Promise<void> {
  const database = await openDatabase(SyncDatabase, 'test', { storage: memoryStorage(), core, ambient: testAmbient(1), durable: false });
  await fill(database, file as ConformanceFile, false);
  await check(runtime, file as ConformanceFile, answerBy(database));
  await database.close();
}

describe('conformance in Node', () => {
  test.each(kernelSets(addon).map((kernels) => [kernels]))('native %s', async (kernels) => {
    await run(`native ${kernels}, Node`, createNativeCore(addon, createPredicates(await compileAsset('filter.wasm')), { kernels }));
  });

  test('wasm', async () => {
    await run('wasm, Node', await testCore());
  });

  test('wasm, the module for relaxed SIMD', async () => {
    await enableRelaxedSimd();
    const core = await testCore('core-relaxed.wasm');
    await run(`wasm ${core.kernels}, Node`, core);
  });
});
