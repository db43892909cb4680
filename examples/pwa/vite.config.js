// Builds the page, then its service worker as one script that knows every file of the page by name.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, defineConfig } from 'vite';

// The page and the server of notes have one origin, as they would behind one proxy; the server takes no writes from pages of others.
const proxy = { '/v1': { target: process.env.ELANUS_SERVER ?? 'http://127.0.0.1:19530', changeOrigin: false } };

function serviceWorker() {
  let config;
  return {
    name: 'service-worker',
    apply: 'build',
    configResolved: (resolved) => void (config = resolved),
    async closeBundle() {
      const { root, build: { outDir } } = config;
      const folder = join(root, outDir);
      const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort();
      const version = createHash('sha256');
      for (const name of names) version.update(name.slice(folder.length)).update(readFileSync(name));
      const files = names.map((name) => `.${name.slice(folder.length).replaceAll('\\', '/')}`).map((file) => (file === './index.html' ? './' : file));
      await build({
        root,
        configFile: false,
        logLevel: 'warn',
        publicDir: false,
        define: { FILES: JSON.stringify(files), VERSION: JSON.stringify(version.digest('hex').slice(0, 16)) },
        build: { outDir, emptyOutDir: false, lib: { entry: 'sw.js', formats: ['iife'], name: 'serviceWorker', fileName: () => 'sw.js' } },
      });
    },
  };
}

export default defineConfig({
  base: './',
  worker: { format: 'es' },
  build: { target: 'es2022' },
  plugins: [serviceWorker()],
  server: { proxy },
  preview: { proxy },
});
