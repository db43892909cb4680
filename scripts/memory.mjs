// npm run memory -- --rows 300000 --limit 256: installs and builds what is missing, then hands the arguments to
// test/memory/main.ts: a page that searches more than the memory it may use.

import { spawnSync } from 'node:child_process';
import { build } from './build/build.mjs';
import { fail } from './lib/log.mjs';
import { at, root } from './lib/tree.mjs';
import { setUp } from './setup/setup.mjs';

try {
  await setUp(['Chromium']);
  await build();
  const done = spawnSync(process.execPath, [at('node_modules/tsx/dist/cli.mjs'), 'test/memory/main.ts', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
  if (done.error) throw done.error;
  process.exitCode = done.status ?? 1;
} catch (error) {
  fail(error);
}
