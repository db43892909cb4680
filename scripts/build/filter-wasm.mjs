// dist/filter.wasm: the filter kernels, compiled by AssemblyScript.

import { run } from '../lib/run.mjs';
import { unlessDone } from '../lib/stamp.mjs';
import { install } from './install.mjs';

const compiler = 'node_modules/assemblyscript/bin/asc.js';

export function buildFilterWasm() {
  return unlessDone('filter-wasm', { inputs: ['wasm', 'package-lock.json'], outputs: ['dist/filter.wasm'] }, async () => {
    await run('filter-wasm', process.execPath, [compiler, '--config', 'wasm/asconfig.json']);
    install('build/wasm-filter/filter.wasm', 'dist/filter.wasm');
  });
}
