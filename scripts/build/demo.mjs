// dist/demo: the demo page, built by vite from the package as its users get it.

import { run } from '../lib/run.mjs';
import { unlessDone } from '../lib/stamp.mjs';
import { coreSources } from './cmake.mjs';

export function buildDemo() {
  const inputs = ['demo', 'src', 'workers', ...coreSources(), 'dist/core-relaxed.wasm', 'wasm', 'data', 'package-lock.json'];
  return unlessDone('demo', { inputs, outputs: ['dist/demo/index.html'] }, () =>
    run('demo', process.execPath, ['node_modules/vite/bin/vite.js', 'build', 'demo']),
  );
}
