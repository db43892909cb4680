// Served: an `elanus serve` in a process of its own, as an operator would start it, on a free port of this machine.

import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { inRepository } from '../repository.js';
import { endWithUs } from './orphans.js';

export interface ServeOptions {
  /** The data directory. */
  readonly data: string;
  /** Default: any that is free. */
  readonly port?: number;
  /** More words of the command line. */
  readonly words?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A module that is loaded before the server and answers what `ask` asks. */
  readonly watch?: string;
  /** `src/cli/main.ts` runs what is in the tree, without a build. */
  readonly entry?: 'dist/cli.js' | 'src/cli/main.ts';
}

export interface Served {
  readonly child: ChildProcess;
  readonly url: string;
  /** Host and port. */
  readonly address: string;
  /** From the start of the process until it said that it is ready. */
  readonly startedMs: number;
  /** What its watch answers. REQUIRES: it has one. */
  ask<Answer>(what: string): Promise<Answer>;
  /** The last of what it logged. */
  log(): string;
  /** Its exit code, once it has ended; null after a signal. */
  readonly ended: Promise<number | null>;
  /** SIGTERM, and waits. */
  close(): Promise<number | null>;
  /** SIGKILL, and waits. */
  kill(): Promise<void>;
}

const LOG_CHARS_MAX = 64_000;
const READY_TIMEOUT_MS = 60_000;

/** Errors: what it logged, if it ends or is not ready within a minute. */
export async function serve({ data, port = 0, words = [], env = {}, watch, entry = 'dist/cli.js' }: ServeOptions): Promise<Served> {
  const began = performance.now();
  const child = spawn(process.execPath, [...(entry.endsWith('.ts') || watch !== undefined ? ['--import', 'tsx'] : []), ...(watch === undefined ? [] : ['--import', inRepository(watch)]), inRepository(entry), 'serve', '--data', data, '--port', String(port), ...words], {
    cwd: inRepository('.'),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...(watch === undefined ? [] : ['ipc' as const])],
  });
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (log = (log + chunk).slice(-LOG_CHARS_MAX)));
  endWithUs(child);
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const url = await readyUrl(child, ended, () => log).catch(async (error: unknown) => {
    child.kill('SIGKILL');
    await ended;
    throw error;
  });
  return {
    child, url, address: new URL(url).host, startedMs: performance.now() - began, ended,
    ask: (what) => new Promise((resolve) => (child.once('message', (answer) => resolve(answer as never)), child.send(what))),
    log: () => log,
    close: () => (child.kill('SIGTERM'), ended),
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The first line of its standard output. */
function readyUrl(child: ChildProcess, ended: Promise<number | null>, log: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const late = setTimeout(() => reject(new Error(`the server was not ready after ${READY_TIMEOUT_MS} ms: ${log()}`)), READY_TIMEOUT_MS);
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (!text.includes('\n')) return;
      clearTimeout(late);
      resolve(text.slice(0, text.indexOf('\n')).trim());
    });
    void ended.then((code) => {
      clearTimeout(late);
      reject(new Error(`the server ended with ${String(code)}: ${log()}`));
    });
  });
}

export interface Memory {
  readonly rssBytes: number;
  readonly peakBytes: number;
}

/** Of a process, as Linux tells it. REQUIRES: it lives. */
export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]);
  return { rssBytes: kilobytes('VmRSS') * 1024, peakBytes: kilobytes('VmHWM') * 1024 };
}
