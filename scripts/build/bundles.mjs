// The ES modules of dist, with source maps, bundled by rolldown. What runs in a browser or at the edge carries its
// npm dependencies in it; what runs in Node imports them. References to the .wasm modules, the addon and the
// database worker stay as written: the user's own bundler, or the runtime, resolves them beside the module.

import { chmodSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { StepError } from '../lib/run.mjs';
import { unlessDone } from '../lib/stamp.mjs';
import { at, has } from '../lib/tree.mjs';

const nodeEntries = { node: 'src/presets/node.ts', server: 'src/server/index.ts', cli: 'src/cli/main.ts', 'embed-node': 'src/presets/embed-node.ts', 'embed-worker-node': 'workers/embed-node.ts' };
const webEntries = {
  browser: 'src/presets/browser.ts',
  'database-worker': 'workers/database.ts',
  edge: 'src/presets/edge.ts',
  'edge-worker': 'workers/edge.ts',
  'edge-durable': 'workers/edge-durable.ts',
  embed: 'src/presets/embed.ts',
  'embed-worker': 'workers/embed.ts',
};

/** Names of dist's modules, less `.js`. */
export const entryNames = [...Object.keys(nodeEntries), ...Object.keys(webEntries)];

/** Of many small files that take long to load one by one: these go into our own chunks also in Node. */
const BUNDLED = ['typebox', 'yaml'];

const { peerDependencies } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
const isBesideModule = (id) => id.startsWith('#') || id.endsWith('.wasm') || Object.hasOwn(peerDependencies, id);

/** Keeps such an import exactly as the source spells it. */
const asWritten = {
  name: 'as-written',
  resolveId: (id) => (isBesideModule(id) ? { id, external: true } : null),
};

/** Returns the names of the files written. */
async function bundle(input, platform, external, banner) {
  const { rolldown } = await import('rolldown');
  const absolute = Object.fromEntries(Object.entries(input).map(([name, source]) => [name, at(source)]));
  const build = await rolldown({ input: absolute, platform, external, plugins: [asWritten], cwd: at(), tsconfig: at('tsconfig.json') });
  try {
    const options = { dir: at('dist'), format: 'es', sourcemap: true, entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js', banner };
    return (await build.write(options)).output.map(({ fileName }) => fileName);
  } finally {
    await build.close();
  }
}

async function bundleForNode(input) {
  const { dependencies } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
  const packages = Object.keys(dependencies).filter((name) => !BUNDLED.includes(name));
  const isPackage = (id) => packages.some((name) => id === name || id.startsWith(`${name}/`));
  const isBuiltin = (id) => id.startsWith('node:') || builtinModules.includes(id);
  const shebang = (chunk) => (chunk.isEntry && chunk.name === 'cli' ? '#!/usr/bin/env node' : '');
  const written = await bundle(input, 'node', (id) => isPackage(id) || isBuiltin(id), shebang);
  if (input.cli) chmodSync(at('dist/cli.js'), 0o755);
  return written;
}

/** Chunks of earlier builds have other names: they would be published with the rest. */
function removeOthers(written) {
  const stale = readdirSync(at('dist')).filter((name) => /\.js(\.map)?$/.test(name) && !written.includes(name));
  for (const name of stale) rmSync(at('dist', name));
}

const present = (entries) => Object.fromEntries(Object.entries(entries).filter(([, source]) => has(source)));

/** dist/<entry>.js for every entry. All are tried. Errors: StepError naming those that are not there or do not build. */
export function buildBundles() {
  const inputs = ['src', 'workers', 'package.json', 'package-lock.json', 'tsconfig.json', 'scripts/build/bundles.mjs'];
  const outputs = entryNames.map((name) => `dist/${name}.js`);
  return unlessDone('bundles', { inputs, outputs }, async () => {
    const failures = Object.values({ ...nodeEntries, ...webEntries }).filter((source) => !has(source)).map((source) => `${source}: no such file`);
    const written = [];
    const attempt = async (work) => {
      try {
        written.push(...(await work));
      } catch (error) {
        failures.push(error.message);
      }
    };
    await attempt(bundleForNode(present(nodeEntries)));
    // One by one, so that none of these files shares a chunk with another that it does not need.
    for (const [name, source] of Object.entries(present(webEntries))) await attempt(bundle({ [name]: source }, 'browser'));
    if (failures.length > 0) throw new StepError(failures.join('\n'));
    removeOthers(written);
  });
}
