// The whole build, in the order in which one part needs another. Each part is skipped while its inputs are as
// they were.

import { say, step } from '../lib/log.mjs';
import { withBuildLock } from '../lib/lock.mjs';
import { StepError } from '../lib/run.mjs';
import { buildBundles } from './bundles.mjs';
import { buildConsole } from './console.mjs';
import { buildCoreRelaxedWasm, buildCoreWasm } from './core-wasm.mjs';
import { buildDemo } from './demo.mjs';
import { buildFilterWasm } from './filter-wasm.mjs';
import { buildFuzzers } from './fuzzers.mjs';
import { buildLicenses } from './licenses.mjs';
import { buildMilvusProtos } from './milvus-protos.mjs';
import { buildAddon, buildNativeTests, buildSanitizedTests, buildThreadSanitizedTests } from './native.mjs';
import { printSizes } from './sizes.mjs';
import { buildTypes } from './types.mjs';
import { buildRelaxedTests, buildWasmTests } from './wasm-tests.mjs';

const testParts = [
  ['native tests', buildNativeTests],
  ['native tests (ASan)', buildSanitizedTests],
  ['native tests (TSan)', buildThreadSanitizedTests],
  ['fuzzers', buildFuzzers],
  ['WebAssembly tests', buildWasmTests],
  ['relaxed SIMD tests', buildRelaxedTests],
];

function parts(tests) {
  return [
    ['elanus.node', buildAddon],
    ...(tests ? testParts : []),
    ['core.wasm', buildCoreWasm],
    ['core-relaxed.wasm', buildCoreRelaxedWasm],
    ['filter.wasm', buildFilterWasm],
    ['Milvus messages', buildMilvusProtos],
    ['bundles', buildBundles],
    ['types', buildTypes],
    ['demo page', buildDemo],
    ['console', buildConsole],
    ['licences', buildLicenses],
  ];
}

/** Builds dist; with `tests`, the binaries of the native tests too. Every part is tried. Errors: StepError for all that failed. */
export async function build({ tests = false } = {}) {
  say('\nBuild');
  const failures = [];
  await withBuildLock(async () => {
    for (const [name, work] of parts(tests)) {
      await step(name, work).catch((error) => failures.push(error));
    }
  });
  printSizes();
  const bug = failures.find((error) => !(error instanceof StepError));
  if (bug) throw bug;
  if (failures.length > 0) throw new StepError(failures.map((error) => error.message).join('\n\n'));
}
