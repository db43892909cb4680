// npm run -s kill -- --rounds N --seed S --json, npm run -s kill:sync -- …: installs and builds what is missing, then hands the
// arguments to test/kill/main.ts or, after the word `sync`, to test/kill/sync/main.ts. Standard output is theirs alone.

import { spawnSync } from 'node:child_process';
import { build } from './build/build.mjs';
import { fail, logToStderr } from './lib/log.mjs';
import { at, root } from './lib/tree.mjs';
import { setUp } from './setup/setup.mjs';

logToStderr();
try {
  await setUp();
  await build();
  const args = process.argv.slice(2);
  const [main, rest] = args[0] === 'sync' ? ['test/kill/sync/main.ts', args.slice(1)] : ['test/kill/main.ts', args];
  const done = spawnSync(process.execPath, [at('node_modules/tsx/dist/cli.mjs'), main, ...rest], { cwd: root, stdio: 'inherit' });
  if (done.error) throw done.error;
  process.exitCode = done.status ?? 1;
} catch (error) {
  fail(error);
}
