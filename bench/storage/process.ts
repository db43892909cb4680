// A measurement in a process of its own: a module of this folder is given a task as JSON and answers with one line of JSON,
// so that no measurement meets the heap of another.

import { spawn, type ChildProcess } from 'node:child_process';
import { inRepository } from '../repository.js';

export interface Running {
  readonly child: ChildProcess;
  /** Milliseconds since 1970, when it was started. */
  readonly startedMs: number;
  /** Every line it printed, when it has ended well; rejects with what it said otherwise. */
  readonly lines: Promise<readonly string[]>;
}

/** `module` is a path below the root. `onLine` is called as the lines come. */
export function startProcess(module: string, task: unknown, onLine?: (line: string) => void, nodeFlags: readonly string[] = []): Running {
  const startedMs = performance.timeOrigin + performance.now();
  const child = spawn(process.execPath, [...nodeFlags, ...(module.endsWith('.ts') ? ['--import', 'tsx'] : []), inRepository(module), JSON.stringify(task)], { stdio: ['pipe', 'pipe', 'pipe'] });
  const end = (): void => void child.kill('SIGKILL');
  process.once('exit', end);
  const lines = new Promise<readonly string[]>((resolve, reject) => {
    const whole: string[] = [];
    let rest = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) {
        whole.push(line);
        onLine?.(line);
      }
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      process.off('exit', end);
      if (code === 0) resolve(whole);
      else reject(new Error(`${module} ended with ${String(code ?? signal)}: ${stderr.trim().slice(-2000)}`));
    });
  });
  return { child, startedMs, lines };
}

/** What the process prints in its last line. */
export async function runProcess<Answer>(module: string, task: unknown, nodeFlags: readonly string[] = []): Promise<Answer> {
  const lines = await startProcess(module, task, undefined, nodeFlags).lines;
  return JSON.parse(lines.at(-1) ?? 'null') as Answer;
}

/** In the process: its task. */
export function taskOf<Task>(): Task {
  return JSON.parse(process.argv[2] ?? 'null') as Task;
}

export function answer(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
