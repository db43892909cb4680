// WebKitGTK's MiniBrowser, driven over HTTP by its WebKitWebDriver, on a screen that nobody sees (Xvfb). Automated, it has no
// OPFS and no shared memory, as pages without either have it; it is no Safari.

import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { vi } from 'vitest';
import type { DrivenBrowser } from './driven.js';
import { webDriverBrowser, type Command } from './web-driver.js';

const START = { timeout: 60_000, interval: 100 };
const LIBRARIES = '/usr/lib';

/** Below a session's address. */
const PATHS: Readonly<Record<Command, readonly [method: 'GET' | 'POST' | 'DELETE', path: string]>> = {
  GetWindowHandle: ['GET', 'window'],
  NewWindow: ['POST', 'window/new'],
  SwitchToWindow: ['POST', 'window'],
  Navigate: ['POST', 'url'],
  Refresh: ['POST', 'refresh'],
  ExecuteAsyncScript: ['POST', 'execute/async'],
  CloseWindow: ['DELETE', 'window'],
};

export async function startWebKit(): Promise<DrivenBrowser> {
  const home = mkdtempSync(join(tmpdir(), 'elanus-webkit-'));
  const started: ChildProcess[] = [];
  const start = (command: string, words: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess => {
    const child = spawn(command, [...words], { detached: true, stdio: ['ignore', 'ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } });
    started.push(child);
    return child;
  };
  const end = async (): Promise<void> => {
    for (const child of started.reverse()) await ended(child);
    rmSync(home, { recursive: true, force: true, maxRetries: 10 });
  };
  try {
    const screen = start('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp']);
    const display = await new Promise<string>((resolve, reject) => {
      (screen.stdio[3] as Readable).once('data', (text: Buffer) => resolve(`:${text.toString().trim()}`));
      screen.once('error', reject).once('exit', () => reject(new Error('Xvfb ended')));
    });
    const port = await freePort();
    const places = Object.fromEntries(['HOME', 'XDG_DATA_HOME', 'XDG_CACHE_HOME', 'XDG_CONFIG_HOME', 'XDG_RUNTIME_DIR'].map((name) => [name, home]));
    start('WebKitWebDriver', [`--port=${port}`], { ...places, DISPLAY: display, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1', GDK_BACKEND: 'x11', LIBGL_ALWAYS_SOFTWARE: '1' });
    const driver = `http://127.0.0.1:${port}`;
    await vi.waitFor(async () => ask('GET', `${driver}/status`), START);
    const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': { binary: miniBrowser(), args: ['--automation'] }, timeouts: { script: 60_000 } } };
    const { sessionId } = (await ask('POST', `${driver}/session`, { capabilities })) as { readonly sessionId: string };
    const session = `${driver}/session/${sessionId}`;
    const carry = (command: Command, parameters: object): Promise<unknown> => {
      const [method, path] = PATHS[command];
      return ask(method, `${session}/${path}`, method === 'POST' ? parameters : undefined);
    };
    return webDriverBrowser(carry, async () => {
      await ask('DELETE', session).catch(() => undefined);
      await end();
    });
  } catch (error) {
    await end();
    throw error;
  }
}

/** The newest of those that are there. */
function miniBrowser(): string {
  const found = readdirSync(LIBRARIES, { withFileTypes: true }).flatMap((machine) => {
    const folder = join(LIBRARIES, machine.name);
    const libraries = machine.isDirectory() && machine.name.includes('linux') ? readdirSync(folder).filter((name) => /^webkit2?gtk-/.test(name)) : [];
    return libraries.map((name) => join(folder, name, 'MiniBrowser'));
  });
  const path = found.sort().at(-1);
  if (path === undefined) throw new Error(`${LIBRARIES}: no MiniBrowser of WebKitGTK there`);
  return path;
}

async function ask(method: string, url: string, body?: object): Promise<unknown> {
  const response = await fetch(url, { method, ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }) });
  const { value } = (await response.json()) as { readonly value: unknown };
  if (!response.ok) throw new Error(`${method} ${url}: ${JSON.stringify(value)}`);
  return value;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  process.kill(-child.pid, 'SIGKILL');
  await gone;
}
