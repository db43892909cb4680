// Conformance in Chromium: both WebAssembly modules, and WebGPU for what is sealed.

import { describe, expect, test } from 'vitest';
import { openWebGpu } from '../../src/core/webgpu/accelerator.js';
import type { Accelerator, AcceleratedIndex } from '../../src/ports/core.js';
import { testCore, testDatabase } from '../support/database.js';
import { relaxedKernels } from '../support/relaxed.js';
import { answerBy, check, fill, type ConformanceFile } from './conformance.js';
import file from './conformance.json' with { type: 'json' };

/** Counts the searches that the accelerator answers, so that a silent fall back to the CPU would be seen. */
function counting(accelerator: Accelerator, counter: { searches: number }): Accelerator {
  const counted = (index: AcceleratedIndex): AcceleratedIndex => ({
    kMax: index.kMax,
    search(queries, k, alive) {
      counter.searches++;
      return index.search(queries, k, alive);
    },
    close: () => index.close(),
  });
  return {
    name: accelerator.name,
    queriesMin: accelerator.queriesMin,
    attach: async (index) => {
      const attached = await accelerator.attach(index);
      return attached && counted(attached);
    },
    close: () => accelerator.close(),
  };
}

describe('conformance in Chromium', () => {
  test('wasm', async () => {
    const database = await testDatabase();
    await fill(database, file as ConformanceFile, false);
    await check('wasm, Chromium', file as ConformanceFile, answerBy(database));
    await database.close();
  });

  test('wasm, the module for relaxed SIMD', async () => {
    const core = await testCore('core-relaxed.wasm');
    expect(core.kernels).toBe(await relaxedKernels());
    const database = await testDatabase({ core });
    await fill(database, file as ConformanceFile, false);
    await check(`wasm ${core.kernels}, Chromium`, file as ConformanceFile, answerBy(database));
    await database.close();
  });

  test('webgpu for sealed segments', async () => {
    const accelerator = await openWebGpu({ software: true });
    if (accelerator === undefined) throw new Error('Chromium gave no WebGPU adapter: it must be started with SwiftShader');
    const counter = { searches: 0 };
    const database = await testDatabase();
    database.offerAccelerator(async () => counting(accelerator, counter));
    await fill(database, file as ConformanceFile, true);
    // The first batch opens the accelerator and does not wait for it.
    await answerBy(database)('conformance_L2', { filter: '', limit: 1, offset: 0, queries: (file.cases[0]?.rows ?? []).slice(0, 2).map(({ v }) => v), expected: [] });
    await check(`${accelerator.name}, Chromium`, file as ConformanceFile, answerBy(database));
    expect(counter.searches).toBe(3 * 3 * 4);
    expect((await database.health()).warnings).toEqual([]);
    await database.close();
  });
});
