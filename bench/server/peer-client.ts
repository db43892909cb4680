// PeerClient: a process of pymilvus that does what it is told, one thing at a time.

import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { inRepository } from '../repository.js';
import { endWithUs } from './orphans.js';

const VENV = inRepository('.venv/bin/python');
const STDERR_CHARS_MAX = 2000;

/** The Python of `npm test`, which has pymilvus and milvus-lite. */
export const python = (): string => (existsSync(VENV) ? VENV : 'python3');

export class PeerClient {
  readonly #child: ChildProcess;
  readonly #waiting: ((line: string) => void)[] = [];
  #stderr = '';
  readonly #ended: Promise<never>;

  private constructor() {
    const child = (this.#child = spawn(python(), [inRepository('bench/server/peer_client.py')], { stdio: ['pipe', 'pipe', 'pipe'] }));
    let rest = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#waiting.shift()?.(line);
    });
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (this.#stderr = (this.#stderr + chunk).slice(-STDERR_CHARS_MAX)));
    endWithUs(child);
    this.#ended = new Promise((_, reject) => {
      child.on('error', reject);
      child.on('close', (code) => reject(new Error(`pymilvus ended with ${String(code)}: ${this.#stderr}`)));
    });
    this.#ended.catch(() => undefined);
  }

  /** Resolves once pymilvus is imported. Errors: what it said when it ended. */
  static async start(): Promise<PeerClient> {
    const client = new PeerClient();
    await client.#answer();
    return client;
  }

  async ask<Answer>(op: string, more: object = {}): Promise<Answer> {
    const answer = this.#answer();
    this.#child.stdin?.write(`${JSON.stringify({ op, ...more })}\n`);
    return (await answer) as Answer;
  }

  async #answer(): Promise<unknown> {
    const line = await Promise.race([new Promise<string>((resolve) => this.#waiting.push(resolve)), this.#ended]);
    const message = JSON.parse(line) as { readonly ok?: unknown; readonly error?: string };
    if (message.error !== undefined) throw new Error(message.error);
    return message.ok;
  }

  async close(): Promise<void> {
    this.#child.stdin?.end();
    await this.#ended.catch(() => undefined);
  }
}
