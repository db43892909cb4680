// The core as the native addon, through its C ABI.

import { createNativeCore } from '../../src/core/native/native-core.js';
import { createPredicates } from '../../src/core/predicates/wasm-predicates.js';
import { coreTarget } from '../own-core.js';
import { compileWasm, load, missingBuild } from '../repository.js';

export const target = coreTarget(
  async () => missingBuild('dist/elanus.node', 'dist/filter.wasm'),
  async () => createNativeCore(load('dist/elanus.node'), createPredicates(await compileWasm('dist/filter.wasm'))),
);
