// dist/console: the server's console, built by vite. It takes types and small pure functions from src.

import { run } from '../lib/run.mjs';
import { unlessDone } from '../lib/stamp.mjs';

export function buildConsole() {
  const inputs = ['console', 'src/model', 'src/engine/api', 'src/server/console', 'tsconfig.json', 'package-lock.json'];
  return unlessDone('console', { inputs, outputs: ['dist/console/index.html'] }, () =>
    run('console', process.execPath, ['node_modules/vite/bin/vite.js', 'build', 'console']),
  );
}
