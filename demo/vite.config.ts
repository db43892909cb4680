// The demo is built from the package as its users get it: dist/browser.js, with its worker and .wasm beside it.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Puts the list of built and copied files, and a hash over them, into the service worker. */
function precache(): Plugin {
  return {
    name: 'precache',
    enforce: 'post',
    generateBundle(_, bundle) {
      const worker = bundle['sw.js'];
      if (worker?.type !== 'chunk') throw new Error('the build has no sw.js');
      const built = Object.keys(bundle).filter((name) => name !== 'sw.js' && !name.endsWith('.map'));
      const copied = readdirSync(here('public'));
      const names = [...built, ...copied].sort();
      const hash = createHash('sha256');
      for (const name of names) {
        const file = bundle[name];
        hash.update(name).update(copied.includes(name) ? readFileSync(here(`public/${name}`)) : file?.type === 'chunk' ? file.code : (file?.source ?? ''));
      }
      const version = hash.digest('hex').slice(0, 16);
      worker.code = worker.code.replace('__VERSION__', version).replace('__FILES__', JSON.stringify(names.filter((name) => name !== 'index.html').map((name) => `./${name}`)));
    },
  };
}

export default defineConfig({
  root: here('.'),
  base: './',
  resolve: { alias: { elanus: here('../dist/browser.js') } },
  worker: { format: 'es' },
  plugins: [precache()],
  build: {
    outDir: here('../dist/demo'),
    emptyOutDir: true,
    target: 'es2022',
    rollupOptions: {
      input: { main: here('index.html'), sw: here('sw.ts') },
      output: { entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') },
    },
  },
});
