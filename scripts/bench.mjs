// npm run -s bench -- COMMAND …: installs and builds what is missing, then hands the arguments to bench/main.ts. Standard
// output is the benchmark's alone; what set-up and build say goes to standard error.

import { spawnSync } from 'node:child_process';
import { build } from './build/build.mjs';
import { fail, logToStderr, say, step } from './lib/log.mjs';
import { at, root } from './lib/tree.mjs';
import { setUp } from './setup/setup.mjs';
import { setUpSystemPackages } from './setup/system-packages.mjs';

/** What the peers compile with. A peer that cannot be installed is named as absent by the benchmark, in its own line. */
function setUpForPeers() {
  const tools = ['Python with venv', "Python's headers"];
  return step('for the peers', () => setUpSystemPackages(tools)).catch((error) => say(`        ${error.message.replaceAll('\n', '\n        ')}`));
}

/** The commands that measure peers where no target is named. */
const WITH_PEERS = ['ann', 'plot', 'bars', 'storage', 'server'];

function targetsNamePeers(args) {
  if (!WITH_PEERS.includes(args[0])) return false;
  const position = args.findIndex((arg) => arg === '--targets' || arg.startsWith('--targets='));
  return position < 0 || [args[position], args[position + 1] ?? ''].some((arg) => arg.includes('peer:'));
}

const args = process.argv.slice(2);
logToStderr();
try {
  await setUp();
  if (targetsNamePeers(args)) await setUpForPeers();
  await build();
  const done = spawnSync(process.execPath, [at('node_modules/tsx/dist/cli.mjs'), 'bench/main.ts', ...args], { cwd: root, stdio: 'inherit' });
  if (done.error) throw done.error;
  process.exitCode = done.status ?? 1;
} catch (error) {
  fail(error);
}
