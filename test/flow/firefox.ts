// Firefox, headless, driven over Marionette: its own socket for WebDriver's commands, which needs no other program.
// A message is its length in bytes, a colon, and JSON: [0, id, command, parameters] there, [1, id, error, value] back.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { firefoxPath, firefoxPreferences } from '../tabs/chromium.js';
import type { DrivenBrowser } from './driven.js';
import { webDriverBrowser, type Command } from './web-driver.js';

const START = { timeout: 60_000, interval: 50 };
/** Commands whose value comes in an object of its own. */
const BARE: ReadonlySet<Command> = new Set<Command>(['GetWindowHandle', 'ExecuteAsyncScript']);

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export async function startFirefox(): Promise<DrivenBrowser> {
  const profile = mkdtempSync(join(tmpdir(), 'elanus-firefox-'));
  const preferences = { ...firefoxPreferences, 'marionette.port': 0 };
  writeFileSync(join(profile, 'user.js'), Object.entries(preferences).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`).join(''));
  const child = spawn(firefoxPath, ['--headless', '--no-remote', '--marionette', '--profile', profile], { detached: true, stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const end = async (): Promise<void> => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  };
  try {
    const portFile = join(profile, 'MarionetteActivePort');
    const port = await vi.waitFor(() => Number(existsSync(portFile) ? readFileSync(portFile, 'utf8') : '') || Promise.reject(new Error('Firefox did not say where it listens')), START);
    const marionette = await Marionette.connect(port);
    await marionette.send('WebDriver:NewSession', { capabilities: { alwaysMatch: { timeouts: { script: 60_000 } } } });
    return webDriverBrowser(
      async (command, parameters) => {
        const answer = await marionette.send(`WebDriver:${command}`, parameters);
        return BARE.has(command) ? (answer as { readonly value: unknown }).value : answer;
      },
      async () => {
        marionette.close();
        await end();
      },
    );
  } catch (error) {
    await end();
    throw error;
  }
}

class Marionette {
  readonly #waiting = new Map<number, Waiting>();
  #id = 0;
  #bytes = Buffer.alloc(0);

  private constructor(readonly socket: Socket) {
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    socket.on('close', () => this.#fail(new Error('Firefox closed the connection')));
    socket.on('error', (error) => this.#fail(error));
  }

  static async connect(port: number): Promise<Marionette> {
    const socket = connect(port, '127.0.0.1');
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new Marionette(socket);
  }

  send(command: string, parameters: object): Promise<unknown> {
    const text = JSON.stringify([0, ++this.#id, command, parameters]);
    const answered = new Promise((resolve, reject) => this.#waiting.set(this.#id, { resolve, reject }));
    this.socket.write(`${Buffer.byteLength(text)}:${text}`);
    return answered;
  }

  close(): void {
    this.socket.destroy();
  }

  #take(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    for (;;) {
      const colon = this.#bytes.indexOf(':');
      const end = colon + 1 + Number(this.#bytes.subarray(0, Math.max(colon, 0)).toString());
      if (colon < 0 || this.#bytes.length < end) return;
      const message = JSON.parse(this.#bytes.subarray(colon + 1, end).toString()) as unknown;
      this.#bytes = this.#bytes.subarray(end);
      // The first one greets.
      if (Array.isArray(message)) this.#answer(message as [number, number, { readonly message: string } | null, unknown]);
    }
  }

  #answer([, id, error, value]: readonly [number, number, { readonly message: string } | null, unknown]): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === null) waiting?.resolve(value);
    else waiting?.reject(new Error(error.message));
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
