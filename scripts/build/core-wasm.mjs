// dist/core.wasm: the core compiled by Emscripten, without JavaScript glue.

import { unlessDone } from '../lib/stamp.mjs';
import { emscripten } from '../setup/emscripten.mjs';
import { cmake, coreSources } from './cmake.mjs';
import { install } from './install.mjs';

const options = ['-DCMAKE_BUILD_TYPE=Release'];

export function buildCoreWasm() {
  const { version, emcmake, env } = emscripten();
  return unlessDone('core-wasm', { inputs: coreSources(), words: [version], outputs: ['dist/core.wasm'] }, async () => {
    await cmake('core-wasm', 'build/wasm', { options, compiler: `emscripten ${version}`, wrapper: emcmake, env });
    install('build/wasm/core.wasm', 'dist/core.wasm');
  });
}
