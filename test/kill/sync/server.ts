// A served process of the tests of sync: `elanus serve` over a folder, always on the same port, that can be killed.

import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url));
const READY_MS_MAX = 60_000;
const LOOK_MS = 20;

export class ServedProcess {
  readonly url: string;
  readonly #args: readonly string[];
  #process: ChildProcess | undefined;
  #ended: Promise<string> = Promise.resolve('');

  private constructor(directory: string, port: number) {
    this.url = `http://127.0.0.1:${port}`;
    this.#args = [CLI, 'serve', '--data', directory, '--port', String(port)];
  }

  static async on(directory: string): Promise<ServedProcess> {
    return new ServedProcess(directory, await freePort());
  }

  /** Resolves when it answers. Rejects, with what it said, if it ends or does not. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [...this.#args], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#process = child;
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = `${said}${text}`.slice(-4000)));
    this.#ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(`${String(code ?? signal)}: ${said}`)));
    process.once('exit', this.#kill);
    const untilMs = Date.now() + READY_MS_MAX;
    while (!(await this.#isReady())) {
      if (child.exitCode !== null || Date.now() > untilMs) throw new Error(`the server is not ready: ${said}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  readonly #kill = (): void => void this.#process?.kill('SIGKILL');

  /** SIGKILL. */
  async kill(): Promise<void> {
    this.#kill();
    await this.#over();
  }

  /** Lets it end by itself. Rejects if it fails. */
  async stop(): Promise<void> {
    this.#process?.kill('SIGTERM');
    const ended = await this.#over();
    if (!ended.startsWith('0:')) throw new Error(`the server ended with ${ended}`);
  }

  async #over(): Promise<string> {
    const ended = await this.#ended;
    process.off('exit', this.#kill);
    return ended;
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/ready`)).ok;
    } catch {
      // It does not listen yet.
      return false;
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
