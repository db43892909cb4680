// npm run -s crash -- --points N --seed S --json, npm run -s corrupt -- --seed S --json, npm run -s faults -- --seed S --json,
// and npm run -s sim -- --seeds N --from S --json, of sync: installs and builds what is missing, then hands the arguments to
// the main file of the simulation. Standard output is its alone.

import { spawnSync } from 'node:child_process';
import { build } from './build/build.mjs';
import { fail, logToStderr } from './lib/log.mjs';
import { at, root } from './lib/tree.mjs';
import { setUp } from './setup/setup.mjs';

logToStderr();
try {
  await setUp();
  await build();
  const [name, ...rest] = process.argv.slice(2);
  const words = name === 'sync' ? ['test/sync/sim/main.ts', ...rest] : ['test/sim/main.ts', name, ...rest];
  const done = spawnSync(process.execPath, [at('node_modules/tsx/dist/cli.mjs'), ...words], { cwd: root, stdio: 'inherit' });
  if (done.error) throw done.error;
  process.exitCode = done.status ?? 1;
} catch (error) {
  fail(error);
}
