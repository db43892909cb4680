// Two projects: `node` runs test/**/*.test.ts in Node, `browser` runs test/**/*.browser.test.ts in headless Chromium.
// Chromium is taken from ELANUS_CHROMIUM, else /usr/bin/chromium; nothing is downloaded, no special header is sent
// (the product works without cross-origin isolation), and the browser can resolve no host but this one.

import { fileURLToPath } from 'node:url';
import { playwright } from '@vitest/browser-playwright';
import { configDefaults, defineConfig } from 'vitest/config';
import { readShared } from './test/text/shared-data.js';

const chromium = playwright({
  launchOptions: {
    executablePath: process.env['ELANUS_CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--enable-unsafe-webgpu',
      '--use-webgpu-adapter=swiftshader',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-domain-reliability',
      '--no-pings',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
    ],
  },
});

const browserTests = 'test/**/*.browser.test.ts';

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: { name: 'node', include: ['test/**/*.test.ts'], exclude: [...configDefaults.exclude, browserTests] },
      },
      {
        extends: true,
        // The page's tests use the package as a page would.
        resolve: { alias: { elanus: fileURLToPath(new URL('dist/browser.js', import.meta.url)) } },
        optimizeDeps: { include: ['idb'] },
        test: {
          name: 'browser',
          include: [browserTests],
          browser: {
            enabled: true,
            provider: chromium,
            headless: true,
            screenshotFailures: false,
            commands: { readShared: (_context: unknown, name: string) => readShared(name) },
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
