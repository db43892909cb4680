// The tests of the core as programs of WebAssembly, one for each module, compiled by what compiles the module: so the
// kernels of a module are tested as what ships. Where there is no relaxed module there is no program for it.

import { unlessDone } from '../lib/stamp.mjs';
import { has } from '../lib/tree.mjs';
import { emscripten } from '../setup/emscripten.mjs';
import { relaxedCompiler } from '../setup/relaxed.mjs';
import { cmake, coreSources } from './cmake.mjs';

const folders = { baseline: 'build/wasm-tests', relaxed: 'build/wasm-relaxed-tests' };
const inputs = () => [...coreSources(), 'native/test'];

/** The program as a path from the root, or undefined if none was built. */
const programIn = (folder) => [`${folder}/elanus_tests.js`, `${folder}/elanus_tests.wasm`].find((path) => has(path));

/** The programs that there shall be: `kernels` and `program`, undefined if it was not built. */
export async function wasmTestPrograms() {
  const { reason } = await relaxedCompiler();
  const baseline = { kernels: 'SIMD128', program: programIn(folders.baseline) };
  return reason === undefined ? [baseline, { kernels: 'relaxed SIMD', program: programIn(folders.relaxed) }] : [baseline];
}

function buildTests(name, folder, compiler, { options, ...how }) {
  const outputs = [`${folder}/elanus_tests.wasm`];
  const all = [...options, '-DCMAKE_BUILD_TYPE=Release', '-DELANUS_TESTS=ON'];
  return unlessDone(name, { inputs: inputs(), words: [compiler], outputs }, () => cmake(name, folder, { ...how, options: all, compiler, target: 'elanus_tests' }));
}

export function buildWasmTests() {
  const { version, emcmake, env } = emscripten();
  return buildTests('wasm-tests', folders.baseline, `em++ ${version}`, { options: [], wrapper: emcmake, env });
}

export async function buildRelaxedTests() {
  const { name, reason, cmake: how } = await relaxedCompiler();
  if (reason !== undefined) return `none: ${reason}`;
  return buildTests('wasm-relaxed-tests', folders.relaxed, name, { ...how, options: [...how.options, '-DELANUS_RELAXED=ON'] });
}
