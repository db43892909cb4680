// Chromium: a headless browser over the built package, served from this machine; each measurement in a page of its own. Its
// profile lies on disk, as a user's does: pages without one keep OPFS in memory.

import { createReadStream, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { chromium, type Browser, type CDPSession, type Page } from 'playwright';
import { inRepository } from '../repository.js';

const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.wasm': 'application/wasm', '.f32': 'application/octet-stream' };
/** Functions that are sent to a page call what the TypeScript loader names them with. */
const PAGE = '<!doctype html><title>Elanus</title><script>globalThis.__name = (named) => named;</script>';
const ARGS = ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-domain-reliability', '--no-pings', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1'];

export interface Chromium {
  /** A new page of the one origin; storage is kept from page to page. */
  page(): Promise<Page>;
  /** Of the whole browser. */
  devTools(): Promise<CDPSession>;
  close(): Promise<void>;
}

function executable(): string {
  return process.env['ELANUS_CHROMIUM'] ?? '/usr/bin/chromium';
}

/** Why it cannot run, if it cannot. */
export function chromiumAbsent(): string | undefined {
  return existsSync(executable()) ? undefined : `${executable()}: no Chromium there (ELANUS_CHROMIUM names another place)`;
}

/** Serves dist/ below /dist/ and `files` below /files/. */
export async function startChromium(files: string): Promise<Chromium> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/') return void response.setHeader('content-type', 'text/html').end(PAGE);
    const [, folder, name = ''] = /^\/(dist|files)\/([A-Za-z0-9._-]+)$/.exec(pathname) ?? [];
    serve(folder === undefined ? undefined : join(folder === 'dist' ? inRepository('dist') : files, name), response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const profile = mkdtempSync(join(tmpdir(), 'elanus-profile-'));
  const context = await chromium.launchPersistentContext(profile, { executablePath: executable(), args: ARGS });
  return {
    page: async () => {
      const page = await context.newPage();
      await page.goto(`http://127.0.0.1:${port}/`);
      return page;
    },
    devTools: () => (context.browser() as Browser).newBrowserCDPSession(),
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function serve(path: string | undefined, response: ServerResponse): void {
  if (path === undefined || !existsSync(path)) return void response.writeHead(404).end();
  response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream', 'content-length': statSync(path).size });
  createReadStream(path).pipe(response);
}
