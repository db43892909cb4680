// Running other programs. Their output goes to a log file under build/log, and its tail is shown only if they
// fail; so a good run is quiet and a bad one says why.

import { spawn, spawnSync } from 'node:child_process';
import { accessSync, closeSync, constants, mkdirSync, openSync, readFileSync } from 'node:fs';
import { delimiter, join, relative } from 'node:path';
import { at, root } from './tree.mjs';

const tailLines = 40;

/** What a person can act on: printed without a stack. */
export class StepError extends Error {
  name = 'StepError';
}

/** The absolute path of a program on PATH, or undefined. */
export function which(program) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue; // not in this folder
    }
  }
  return undefined;
}

/** Standard output of a short command, or undefined if it could not run or failed. */
export function outputOf(command, args, options = {}) {
  const done = spawnSync(command, args, { cwd: root, encoding: 'utf8', timeout: 60_000, ...options });
  return done.status === 0 ? done.stdout : undefined;
}

/** The last lines of a log file. */
export function tailOf(logPath) {
  return readFileSync(logPath, 'utf8').trimEnd().split('\n').slice(-tailLines).join('\n');
}

/**
 * Runs a command from the root to its end, all its output in build/log/<log>.log. Returns the exit code and the
 * path of the log. Errors: a StepError if it cannot be started.
 */
export async function runToLog(log, command, args, { env = {}, cwd = root } = {}) {
  mkdirSync(at('build/log'), { recursive: true });
  const logPath = at('build/log', `${log}.log`);
  const file = openSync(logPath, 'w');
  try {
    const child = spawn(command, args, { cwd, env: { ...process.env, NO_COLOR: '1', ...env }, stdio: ['ignore', file, file] });
    const code = await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (exit, signal) => resolve(exit ?? `signal ${signal}`));
    });
    return { code, logPath };
  } catch (error) {
    throw new StepError(`${command}: ${error.message}`);
  } finally {
    closeSync(file);
  }
}

/** As runToLog, and throws a StepError with the tail of the log unless the command succeeds. */
export async function run(log, command, args, options) {
  const { code, logPath } = await runToLog(log, command, args, options);
  if (code === 0) return;
  throw new StepError(
    `${[command, ...args].join(' ')}\nended with ${code}. The end of ${relative(root, logPath)}:\n\n${tailOf(logPath)}`,
  );
}
