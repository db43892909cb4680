// Script: a client's script in a process of its own, and what it told.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { endWithUs } from '../../bench/server/orphans.js';
import { pythonCommand } from '../support/python.js';
import type { Told } from './verbs.js';

const STDERR_CHARS_MAX = 4000;

export interface Ended {
  readonly told: readonly Told[];
  /** Undefined if it ended well. */
  readonly failure?: string;
}

/** `path` is that of a script below this folder, of Python or TypeScript. Killed after `timeoutMs`. */
export function runScript(path: string, words: readonly string[], timeoutMs: number): Promise<Ended> {
  const file = fileURLToPath(new URL(path, import.meta.url));
  const [program, ...args] = path.endsWith('.py') ? [pythonCommand(), file] : [process.execPath, '--import', 'tsx', file];
  return new Promise((resolve) => {
    const child = spawn(program as string, [...args, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr = (stderr + chunk).slice(-STDERR_CHARS_MAX)));
    const late = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    endWithUs(child);
    const end = (how: string | undefined): void => {
      clearTimeout(late);
      const told = out.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Told);
      resolve({ told, ...(how === undefined ? {} : { failure: `${path} ${how}: ${stderr}` }) });
    };
    child.on('error', (error) => end(error.message));
    child.on('close', (code, signal) => end(code === 0 ? undefined : `ended with ${String(code ?? signal)}`));
  });
}
