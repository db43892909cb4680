// dist/core.wasm and dist/core-relaxed.wasm: the core without JavaScript glue, for every engine with SIMD and for those
// that have relaxed SIMD as well. The first is always compiled by Emscripten. Where no compiler can make the second,
// its file is a copy of the first: so what names it, here or in a user's bundler, finds it and works, only slower. The
// set of kernels that a module names tells which it is; build/core-relaxed.json says who built it, or why nobody did.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { StepError } from '../lib/run.mjs';
import { unlessDone } from '../lib/stamp.mjs';
import { at } from '../lib/tree.mjs';
import { emscripten } from '../setup/emscripten.mjs';
import { accepted, relaxedCompiler } from '../setup/relaxed.mjs';
import { cmake, coreSources } from './cmake.mjs';
import { install } from './install.mjs';

const release = ['-DCMAKE_BUILD_TYPE=Release', '-DELANUS_TESTS=OFF'];
const record = 'build/core-relaxed.json';

/** Errors: StepError unless the module is valid and exports memory, _initialize and elanus.h, nothing else. */
function checkModule(path) {
  const bytes = readFileSync(at(path));
  if (!accepted(bytes)) throw new StepError(`${path}: V8 does not accept it`);
  const header = readFileSync(at('native/include/elanus.h'), 'utf8');
  const declared = [...header.matchAll(/^ELANUS_API .*?\b(elanus_[a-z0-9_]+)\(/gm)].map(([, name]) => name);
  const expected = [...declared, 'memory', '_initialize'].sort();
  const found = WebAssembly.Module.exports(new WebAssembly.Module(bytes)).map(({ name }) => name).sort();
  if (found.join() !== expected.join()) throw new StepError(`${path} must export ${expected.join(', ')}, yet exports ${found.join(', ')}`);
}

/** dist/core.wasm. */
export function buildCoreWasm() {
  const { version, emcmake, env } = emscripten();
  return unlessDone('core-wasm', { inputs: coreSources(), words: [version], outputs: ['dist/core.wasm'] }, async () => {
    await cmake('core-wasm', 'build/wasm', { options: release, compiler: `emscripten ${version}`, wrapper: emcmake, env });
    checkModule('build/wasm/core.wasm');
    install('build/wasm/core.wasm', 'dist/core.wasm');
  });
}

/** Says in `record` what became of the relaxed module: `compiler`, or the `reason` why there is none. */
function write(found) {
  mkdirSync(at('build'), { recursive: true });
  writeFileSync(at(record), `${JSON.stringify(found)}\n`);
}

/** dist/core-relaxed.wasm. */
export async function buildCoreRelaxedWasm() {
  const { name, reason, cmake: how } = await relaxedCompiler();
  const inputs = [...coreSources(), 'dist/core.wasm'];
  return unlessDone('core-relaxed-wasm', { inputs, words: [name ?? reason], outputs: ['dist/core-relaxed.wasm', record] }, async () => {
    if (reason !== undefined) {
      install('dist/core.wasm', 'dist/core-relaxed.wasm');
      write({ reason });
      return `a copy of core.wasm: ${reason}`;
    }
    await cmake('core-relaxed-wasm', 'build/wasm-relaxed', { ...how, options: [...how.options, ...release, '-DELANUS_RELAXED=ON'], compiler: name });
    checkModule('build/wasm-relaxed/core.wasm');
    install('build/wasm-relaxed/core.wasm', 'dist/core-relaxed.wasm');
    write({ compiler: name });
    return `built by ${name}`;
  });
}
