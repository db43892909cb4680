// npm run -s rest:fuzz -- --examples N --seed S --only REGEX: installs and builds what is missing, then hands the arguments to
// test/server/rest/fuzz-main.ts.

import { spawnSync } from 'node:child_process';
import { build } from './build/build.mjs';
import { fail, logToStderr } from './lib/log.mjs';
import { at, root } from './lib/tree.mjs';
import { setUpPython } from './setup/python.mjs';
import { setUp } from './setup/setup.mjs';

logToStderr();
try {
  await setUp();
  await build();
  await setUpPython();
  const done = spawnSync(process.execPath, [at('node_modules/tsx/dist/cli.mjs'), 'test/server/rest/fuzz-main.ts', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
  if (done.error) throw done.error;
  process.exitCode = done.status ?? 1;
} catch (error) {
  fail(error);
}
