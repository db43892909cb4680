// The Emscripten compiler: looked for in $EMCC, $EMSDK, an emsdk of our own under .elanus, then PATH. Where there is
// none, emsdk is fetched if its repository can be reached, else Debian's package is installed. Versions
// from 3.1.6 on are taken; that one, Debian 12's, builds all but the relaxed-SIMD module (relaxed.mjs).

import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { outputOf, run, runToLog, StepError, which } from '../lib/run.mjs';
import { at } from '../lib/tree.mjs';
import { setUpSystemPackages } from './system-packages.mjs';

const versionMin = '3.1.6';
const emsdkVersion = '4.0.10';
const emsdkRepository = 'https://github.com/emscripten-core/emsdk.git';
const fetchLimitS = 60;
const debianNodePath = '/usr/share/nodejs';

/** The folder that holds em++ and emcmake, or undefined. */
function find() {
  const { EMCC, EMSDK } = process.env;
  const folders = [
    EMCC === undefined ? undefined : dirname(EMCC.includes('/') ? EMCC : (which(EMCC) ?? EMCC)),
    EMSDK === undefined ? undefined : join(EMSDK, 'upstream/emscripten'),
    at('.elanus/emsdk/upstream/emscripten'),
    which('em++') === undefined ? undefined : dirname(which('em++')),
  ];
  return folders.find((folder) => folder !== undefined && existsSync(join(folder, 'em++')));
}

/** Debian's compiler needs to be told where Debian keeps its JavaScript packages; other nodes do not look there. */
function environment() {
  if (!existsSync(debianNodePath)) return {};
  const { NODE_PATH } = process.env;
  return { NODE_PATH: NODE_PATH ? `${NODE_PATH}:${debianNodePath}` : debianNodePath };
}

const isOlder = (a, b) => a.localeCompare(b, 'en', { numeric: true }) < 0;

/** Fetches emsdk. Only checked as far as the refused clone: no machine that built this could reach it. */
async function fetchEmsdk() {
  if (which('git') === undefined) return false;
  const home = at('.elanus/emsdk');
  rmSync(home, { recursive: true, force: true });
  const clone = ['-k', '5', `${fetchLimitS}`, 'git', 'clone', '--depth', '1', emsdkRepository, home];
  const fetched = await runToLog('emsdk-clone', 'timeout', clone, { env: { GIT_TERMINAL_PROMPT: '0' } });
  if (fetched.code !== 0) return false;
  for (const verb of ['install', 'activate']) {
    const done = await runToLog(`emsdk-${verb}`, join(home, 'emsdk'), [verb, emsdkVersion], { cwd: home });
    if (done.code !== 0) {
      rmSync(home, { recursive: true, force: true });
      return false;
    }
  }
  return true;
}

let known;

/** `version`, the `compiler`, the `emcmake` to build with and the environment that they need. Errors: StepError if there is none that serves. */
export function emscripten() {
  known ??= describe(find());
  return known;
}

function describe(folder) {
  if (folder === undefined) throw new StepError('The Emscripten compiler (em++) is not found in $EMCC, $EMSDK or PATH.');
  const env = environment();
  const said = outputOf(join(folder, 'em++'), ['--version'], { env: { ...process.env, ...env } }) ?? '';
  const version = /\b(\d+\.\d+\.\d+)/.exec(said)?.[1];
  if (version === undefined) throw new StepError(`${join(folder, 'em++')} --version does not say a version; is the compiler whole?`);
  if (isOlder(version, versionMin)) {
    throw new StepError(`${join(folder, 'em++')} is version ${version}; ${versionMin} or newer is needed. Install emsdk and set EMSDK to its folder.`);
  }
  return { version, compiler: join(folder, 'em++'), emcmake: join(folder, 'emcmake'), env };
}

/** Sees to it that there is a compiler. Returns a note for the step's line. */
export async function setUpEmscripten() {
  if (find() === undefined && !(await fetchEmsdk())) {
    try {
      await setUpSystemPackages(['the Emscripten compiler']);
    } catch (error) {
      throw new StepError(
        `No Emscripten compiler in $EMCC, $EMSDK or PATH, and emsdk could not be fetched from ${emsdkRepository}.\n` +
          `Either install emsdk by hand and set EMSDK to its folder, or Debian's package:\n\n${error.message}`,
      );
    }
  }
  return `version ${emscripten().version}`;
}
