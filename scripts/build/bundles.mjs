// The ES modules of dist, with source maps, bundled by rolldown. What runs in a browser or at the edge carries its
// npm dependencies in it and is minified; what runs in Node imports them. References to the .wasm modules, the addon and the
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
  'search-worker': 'workers/search.ts',
  edge: 'src/presets/edge.ts',
  'edge-worker': 'workers/edge.ts',
  'edge-durable': 'workers/edge-durable.ts',
  relay: 'src/presets/relay.ts',
  'relay-worker': 'workers/relay.ts',
  langchain: 'src/bindings/langchain.ts',
  react: 'src/bindings/react.ts',
  embed: 'src/presets/embed.ts',
  'embed-worker': 'workers/embed.ts',
  'service-worker': 'src/presets/service-worker.ts',
};

/** Names of dist's modules, less `.js`. */
export const entryNames = [...Object.keys(nodeEntries), ...Object.keys(webEntries)];

/** Of many small files that take long to load one by one: these go into our own chunks also in Node. */
const BUNDLED = ['typebox', 'yaml'];

/** What a server reads at its start takes less time if it is less. Names and lines stay: they are in the stacks that it logs, and Node shows the line of an error that nobody catches. */
const SMALLER = { compress: true, mangle: false, codegen: { removeWhitespace: false } };

const { peerDependencies } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
const isPeer = (id) => Object.keys(peerDependencies).some((name) => id === name || id.startsWith(`${name}/`));
const isBesideModule = (id) => id.startsWith('#') || id.endsWith('.wasm') || isPeer(id);

/** Keeps such an import exactly as the source spells it. */
const asWritten = {
  name: 'as-written',
  resolveId: (id) => (isBesideModule(id) ? { id, external: true } : null),
};

/** What the user's bundler looks for by its text has the quotes that it knows; the minifier prefers others. Lengths stay, for the source maps. */
const asBundlersRead = {
  name: 'as-bundlers-read',
  generateBundle(_options, written) {
    for (const file of Object.values(written)) {
      if (file.type === 'chunk') file.code = file.code.replaceAll(/\b(import\(|new URL\(|type:)`([^`$"\\]*)`/g, '$1"$2"');
    }
  },
};

/**
 * What a start of `serve` loads goes into few modules, as Node takes longer to find and read many small ones than a few large ones: what it
 * has in common with the library, what it has in common with the server as a library, and the rest of the engine, which it loads once it listens.
 * Each is closed under its imports, and whoever imports the library, the server or `embed` loads no more than he did.
 */
function startGroups() {
  const sources = { serve: 'src/cli/serve.ts', node: nodeEntries.node, server: nodeEntries.server, embed: nodeEntries['embed-node'] };
  const reached = Object.fromEntries(Object.keys(sources).map((name) => [name, new Set()]));
  const plugin = {
    name: 'start-groups',
    buildEnd() {
      for (const [name, source] of Object.entries(sources)) follow(at(source), reached[name], (id) => this.getModuleInfo(id)?.importedIds ?? []);
    },
  };
  const group = (name, priority, test) => ({ name, priority, test });
  const groups = [
    group('common', 4, (id) => reached.embed.has(id) && (reached.serve.has(id) || reached.node.has(id) || reached.server.has(id))),
    group('base', 3, (id) => reached.serve.has(id) && reached.node.has(id)),
    group('listening', 2, (id) => reached.serve.has(id) && reached.server.has(id)),
    group('shared', 1, (id) => reached.node.has(id) && reached.server.has(id)),
    group('engine', 0, (id) => reached.node.has(id) && id !== at(nodeEntries.node)),
  ];
  return { plugin, groups };
}

/** Adds to `reached` what `id` imports statically, and itself. */
function follow(id, reached, importsOf) {
  if (reached.has(id)) return;
  reached.add(id);
  for (const next of importsOf(id)) follow(next, reached, importsOf);
}

/** Returns the names of the files written. */
async function bundle(input, platform, external, output = {}, plugins = []) {
  const { rolldown } = await import('rolldown');
  const absolute = Object.fromEntries(Object.entries(input).map(([name, source]) => [name, at(source)]));
  const build = await rolldown({ input: absolute, platform, external, plugins: [asWritten, asBundlersRead, ...plugins], cwd: at(), tsconfig: at('tsconfig.json') });
  try {
    const options = { dir: at('dist'), format: 'es', sourcemap: true, entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js', ...output };
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
  const { plugin, groups } = startGroups();
  const written = await bundle(input, 'node', (id) => isPackage(id) || isBuiltin(id), { banner: shebang, minify: SMALLER, codeSplitting: { groups } }, [plugin]);
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
    for (const [name, source] of Object.entries(present(webEntries))) await attempt(bundle({ [name]: source }, 'browser', undefined, { minify: true }));
    if (failures.length > 0) throw new StepError(failures.join('\n'));
    removeOthers(written);
  });
}
