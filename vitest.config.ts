// Four projects: `node` runs test/**/*.test.ts in Node, one worker more at a time than there are cores, as some wait; then,
// beside each other, `driving` those of them that start browsers of their own, one at a time, and `browser`
// test/**/*.browser.test.ts in headless Chromium. `webkit` runs test/**/*.webkit.test.ts in Node, which drive WebKitGTK, and is
// for `npm run webkit` alone. Chromium is taken from ELANUS_CHROMIUM, else /usr/bin/chromium; nothing is downloaded, no special
// header is sent (the product works without cross-origin isolation), and the browser can resolve no host but this one.

import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { playwright } from '@vitest/browser-playwright';
import { configDefaults, defineConfig } from 'vitest/config';
import { drivingFiles } from './test/support/driving-files.js';
import { LongestFirst } from './test/support/longest-first.js';
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
const webkitTests = 'test/**/*.webkit.test.ts';
const driving = [...drivingFiles()];

export default defineConfig({
  test: {
    // For what hangs: what only waits for its turn of a busy machine ends before.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, browserTests, webkitTests, ...driving],
          maxWorkers: availableParallelism() + 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { name: 'driving', include: driving, maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
      { extends: true, test: { name: 'webkit', include: [webkitTests], maxWorkers: 1, sequence: { groupOrder: 3 } } },
      {
        extends: true,
        // The page's tests use the package as a page would.
        resolve: { alias: { elanus: fileURLToPath(new URL('dist/browser.js', import.meta.url)) } },
        optimizeDeps: { include: ['idb'] },
        test: {
          name: 'browser',
          include: [browserTests],
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
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
