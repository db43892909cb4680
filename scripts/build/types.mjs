// dist/types: the declarations that the package's `types` point at.

import { run } from '../lib/run.mjs';
import { unlessDone } from '../lib/stamp.mjs';

export function buildTypes() {
  const config = 'scripts/build/tsconfig.types.json';
  const inputs = ['src', 'tsconfig.json', config, 'package-lock.json'];
  return unlessDone('types', { inputs, outputs: ['dist/types/src/index.d.ts'] }, () =>
    run('types', process.execPath, ['node_modules/typescript/bin/tsc', '-p', config]),
  );
}
