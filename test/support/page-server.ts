// A server of a test's page: the page at every path, what the build has made below /dist/, and scripts that the test gives.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { serveLocally, type LocalServer } from './local-server.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const TYPES: Readonly<Record<string, string>> = { html: 'text/html', js: 'text/javascript', wasm: 'application/wasm' };

/** `page`: a file of HTML. `scripts`: by their paths. */
export function servePage(page: URL, scripts: Readonly<Record<string, string>> = {}): Promise<LocalServer> {
  return serveLocally(async (request, response) => {
    const path = new URL(request.url ?? '', 'http://page').pathname;
    const script = scripts[path];
    if (script !== undefined) return void response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    const file = path.startsWith('/dist/') ? `${root}${path.slice(1)}` : fileURLToPath(page);
    response.writeHead(200, { 'content-type': TYPES[file.slice(file.lastIndexOf('.') + 1)] ?? 'application/octet-stream' }).end(await readFile(file));
  });
}
