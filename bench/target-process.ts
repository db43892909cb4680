// TargetProcess: the harness's end of a target's process: started on one core and one thread, asked one thing at
// a time, ended with `close`. A process that dies, answers nonsense or stays silent for OP_TIMEOUT_MS is an error of
// that target alone.

import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { BuildAnswer, Request, RunAnswer, TuneAnswer } from './protocol.js';

const OP_TIMEOUT_MS = 60 * 60 * 1000;
const TAIL_CHARS = 600;

const ONE_THREAD = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1', NUMEXPR_NUM_THREADS: '1' };

type Message = Readonly<Record<string, unknown>> & { readonly op: string };

/** Killed when this process ends, however it ends. */
const running = new Set<ChildProcessByStdio<Writable, Readable, Readable>>();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

export class TargetProcess {
  private readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  private waiting: Waiting | undefined;
  private stderrTail = '';
  private ended: string | undefined;

  constructor(
    private readonly name: string,
    command: readonly [string, ...string[]],
    private readonly log: (line: string) => void,
  ) {
    const [program, ...args] = pinned(command);
    this.child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...ONE_THREAD } });
    running.add(this.child);
    createInterface({ input: this.child.stdout }).on('line', (line) => this.hear(line));
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderrTail = (this.stderrTail + text).slice(-TAIL_CHARS);
      for (const line of text.split('\n')) if (line.trim() !== '') this.log(`${this.name}: ${line}`);
    });
    this.child.stdin.on('error', () => undefined); // a dead process is told of by 'close'
    this.child.on('error', (error) => this.end(`cannot be started: ${error.message}`));
    this.child.on('close', () => running.delete(this.child));
    this.child.on('close', (code, signal) => this.end(`ended with ${signal ?? `code ${String(code)}`}: ${this.stderrTail.trim()}`));
  }

  ask(request: Request & { readonly op: 'build' }): Promise<BuildAnswer>;
  ask(request: Request & { readonly op: 'tune' }): Promise<TuneAnswer>;
  ask(request: Request & { readonly op: 'run' }): Promise<RunAnswer>;
  ask(request: Request): Promise<unknown> {
    return this.send(request);
  }

  /** As ask, of a process that serves requests of its own (bench/serve.ts). */
  send<Answer>(request: Message): Promise<Answer>;
  send(request: Message): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.ended !== undefined) return reject(new Error(this.ended));
      const timer = setTimeout(() => {
        this.end(`no answer to ${request.op} within ${OP_TIMEOUT_MS / 60_000} minutes`);
        this.kill();
      }, OP_TIMEOUT_MS);
      const settle = <T>(then: (value: T) => void) => (value: T) => {
        clearTimeout(timer);
        then(value);
      };
      this.waiting = { resolve: settle(resolve), reject: settle(reject) };
      this.child.stdin.write(`${JSON.stringify(request)}\n`);
    });
  }

  /** Asks the process to end, and sees that it does. */
  async close(): Promise<void> {
    if (this.ended !== undefined) return;
    const gone = new Promise<void>((resolve) => this.child.once('close', () => resolve()));
    this.child.stdin.end(`${JSON.stringify({ op: 'close' } satisfies Request)}\n`);
    const timer = setTimeout(() => this.kill(), 5000);
    await gone;
    clearTimeout(timer);
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  private hear(line: string): void {
    if (!line.startsWith('{')) return this.log(`${this.name}: ${line}`);
    const { waiting } = this;
    this.waiting = undefined;
    try {
      const message = JSON.parse(line) as { readonly ok?: unknown; readonly error?: unknown };
      if (message.ok === undefined) waiting?.reject(new Error(String(message.error)));
      else waiting?.resolve(message.ok);
    } catch {
      waiting?.reject(new Error(`expected a line of JSON, found ${line.slice(0, TAIL_CHARS)}`));
    }
  }

  private end(reason: string): void {
    this.ended ??= reason;
    this.waiting?.reject(new Error(this.ended));
    this.waiting = undefined;
  }
}

/** The command held to the last core that we may use: the first is where machines put their own work. */
function pinned(command: readonly [string, ...string[]]): readonly [string, ...string[]] {
  const core = lastCore();
  return core === undefined ? command : ['taskset', '-c', core, ...command];
}

/** Undefined where there is no `taskset`. */
export function lastCore(): string | undefined {
  if (process.platform !== 'linux' || spawnSync('taskset', ['--version']).status !== 0) return undefined;
  return /^Cpus_allowed_list:\s*(?:.*[,-])?(\d+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
}
