// Python with the packages of scripts/setup/requirements.txt: the environment that `npm test` makes, else the python3 that
// is there. Where it is missing a test says so and is skipped; in CI that fails the run (scripts/test.mjs).

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const OWN = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
const PYTHON = existsSync(OWN) ? OWN : 'python3';
const OUTPUT_BYTES_MAX = 1 << 28;

/** The interpreter. */
export const pythonCommand = (): string => PYTHON;

/** Why Python cannot do without one of `modules`; undefined if it has them all. */
export function missingPython(modules: readonly string[]): string | undefined {
  try {
    execFileSync(PYTHON, ['-c', `import ${modules.join(', ')}`], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `Python has not ${modules.join(', ')} (npm test installs them): ${(error as Error).message.trim().split('\n').at(-1)}`;
  }
}

/** What the program `path`, from the root of the tree, prints. */
export function runPython(path: string, words: readonly string[]): string {
  return execFileSync(PYTHON, [fileURLToPath(new URL(`../../${path}`, import.meta.url)), ...words], { encoding: 'utf8', maxBuffer: OUTPUT_BYTES_MAX });
}
