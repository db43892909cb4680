// The WebGPU accelerator in a runtime that has no WebGPU, such as Node; with one it is tested in a browser.

import { expect, test } from 'vitest';
import { openWebGpu } from '../../src/core/webgpu/accelerator.js';

test('a runtime without WebGPU gives no accelerator', async () => {
  expect(globalThis.navigator?.gpu).toBeUndefined();
  await expect(openWebGpu()).resolves.toBeUndefined();
});
