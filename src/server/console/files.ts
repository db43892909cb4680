// Files: the built console, served from a directory of Node: its page at `/`, all else below /console/. The page may load
// and ask nothing but this server, by its Content-Security-Policy; no other page may frame it.

import { serveStatic } from '@hono/node-server/serve-static';
import { Hono, type Context } from 'hono';

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const HEADERS = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
} as const;

/** `directory`: as the build leaves it, with `index.html`, and in `console/` files whose names carry their hash. */
export function consoleFiles(directory: string): Hono {
  const files = new Hono();
  files.get('/', serveStatic({ root: directory, path: 'index.html', onFound: (_, c) => setHeaders(c, 'no-cache') }));
  files.get('/console/*', serveStatic({ root: directory, onFound: (_, c) => setHeaders(c, 'public, max-age=31536000, immutable') }));
  files.get('/console', (c) => c.redirect('/'));
  return files;
}

function setHeaders(c: Context, caching: string): void {
  for (const [name, value] of Object.entries(HEADERS)) c.header(name, value);
  c.header('Cache-Control', caching);
}
