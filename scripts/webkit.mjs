// npm run webkit: installs and builds what is missing, WebKitGTK with it, then runs the tests that drive that.

import { spawnSync } from 'node:child_process';
import { build } from './build/build.mjs';
import { fail } from './lib/log.mjs';
import { at, root } from './lib/tree.mjs';
import { setUp } from './setup/setup.mjs';

try {
  await setUp(['WebKitGTK', 'Xvfb']);
  await build();
  const done = spawnSync(process.execPath, [at('node_modules/vitest/vitest.mjs'), 'run', '--project', 'webkit', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
  if (done.error) throw done.error;
  process.exitCode = done.status ?? 1;
} catch (error) {
  fail(error);
}
