// npm run -s sim -- --seeds N --from S --json: installs and builds what is missing, then hands the arguments to
// test/sync/sim/main.ts. Standard output is its alone.

import { spawnSync } from 'node:child_process';
import { build } from './build/build.mjs';
import { fail, logToStderr } from './lib/log.mjs';
import { at, root } from './lib/tree.mjs';
import { setUp } from './setup/setup.mjs';

logToStderr();
try {
  await setUp();
  await build();
  const done = spawnSync(process.execPath, [at('node_modules/tsx/dist/cli.mjs'), 'test/sync/sim/main.ts', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
  if (done.error) throw done.error;
  process.exitCode = done.status ?? 1;
} catch (error) {
  fail(error);
}
