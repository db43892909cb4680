// Demo files: the built demo page, served from a directory of Node. Files whose name carries their hash (`assets/`)
// are cached for ever, all others are revalidated, so that a new page or service worker is seen at once.

import { join, sep } from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import type { MiddlewareHandler } from 'hono';

const PREFIX = '/demo';
/** It computes in WebAssembly, in workers of its own; it asks nobody but this server. */
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export function demoFiles(directory: string): MiddlewareHandler {
  const hashed = join(directory, 'assets') + sep;
  return serveStatic({
    root: directory,
    rewriteRequestPath: (path) => path.slice(PREFIX.length),
    onFound: (path, c) => {
      c.header('Cache-Control', path.startsWith(hashed) ? 'public, max-age=31536000, immutable' : 'no-cache');
      c.header('X-Content-Type-Options', 'nosniff');
      c.header('Content-Security-Policy', POLICY);
      c.header('Referrer-Policy', 'no-referrer');
    },
  });
}
