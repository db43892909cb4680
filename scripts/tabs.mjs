// npm run tabs -- --rounds 50, npm run kill:browser -- --rounds 50: installs and builds what is missing, then hands the
// arguments to test/tabs/main.ts: tabs whose owner ends, a browser that is killed.

import { spawnSync } from 'node:child_process';
import { build } from './build/build.mjs';
import { fail } from './lib/log.mjs';
import { at, root } from './lib/tree.mjs';
import { setUp } from './setup/setup.mjs';

try {
  await setUp(['Chromium']);
  await build();
  const done = spawnSync(process.execPath, [at('node_modules/tsx/dist/cli.mjs'), 'test/tabs/main.ts', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
  if (done.error) throw done.error;
  process.exitCode = done.status ?? 1;
} catch (error) {
  fail(error);
}
