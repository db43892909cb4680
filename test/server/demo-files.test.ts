// The demo page over HTTP: types, caching, and nothing outside its directory.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getRaw, startTestServer, type TestServer } from './support.js';

let directory: string;
let server: TestServer;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'elanus-demo-'));
  const demo = join(directory, 'demo');
  await mkdir(join(demo, 'assets'), { recursive: true });
  await writeFile(join(directory, 'secret.txt'), 'kept outside');
  for (const name of ['index.html', 'service-worker.js', 'core.wasm', 'app.webmanifest', 'assets/main-1a2b.js']) await writeFile(join(demo, name), name);
  server = await startTestServer({ demoDirectory: demo });
});

afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});

describe('the demo page', () => {
  test.each([
    ['/demo/', 'index.html', 'text/html', 'no-cache'],
    ['/demo/service-worker.js', 'service-worker.js', 'text/javascript', 'no-cache'],
    ['/demo/core.wasm', 'core.wasm', 'application/wasm', 'no-cache'],
    ['/demo/app.webmanifest', 'app.webmanifest', 'application/manifest+json', 'no-cache'],
    ['/demo/assets/main-1a2b.js', 'assets/main-1a2b.js', 'text/javascript', 'public, max-age=31536000, immutable'],
  ])('%s has its type and caching', async (path, text, type, caching) => {
    const response = await fetch(server.url + path);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(text);
    expect(response.headers.get('content-type')).toMatch(new RegExp(`^${type.replace('+', '\\+')}`));
    expect(response.headers.get('cache-control')).toBe(caching);
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; (?!.*(?:unsafe-inline|'unsafe-eval'|https?:|\*))/);
  });

  test.each(['/', '/demo'])('%s leads to it', async (path) => {
    const response = await fetch(server.url + path, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([302, '/demo/']);
  });

  test.each(['/demo/../secret.txt', '/demo/..%2fsecret.txt', '/demo/..%2Fsecret.txt', '/demo/%2e%2e/secret.txt', '/demo/%2e%2e%2fsecret.txt', '/demo/assets/../../secret.txt', '/demo/..\\secret.txt', '/demo/..%5csecret.txt', '/demo//../secret.txt', '/demo/%00', '/demo/%'])(
    '%s reaches nothing outside it',
    async (path) => {
      const { status, body } = await getRaw(server.url, path);
      expect([400, 404]).toContain(status);
      expect(body).not.toContain('kept outside');
    },
  );

  test('a file that is not there is a 404', async () => {
    expect((await fetch(`${server.url}/demo/none.js`)).status).toBe(404);
  });
});

test('without a demo page / is a 404', async () => {
  const bare = await startTestServer();
  try {
    expect((await fetch(bare.url)).status).toBe(404);
  } finally {
    await bare.close();
  }
});
