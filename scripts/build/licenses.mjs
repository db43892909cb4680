// dist/LICENSES.txt: the licence of every package of which something is in dist. What is in the modules their source maps tell;
// of the pages, which have none, the imports of their sources.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { StepError } from '../lib/run.mjs';
import { unlessDone } from '../lib/stamp.mjs';
import { at, filesUnder, has } from '../lib/tree.mjs';

/** Compiled: into elanus.node, into filter.wasm. */
const COMPILED = ['node-addon-api', 'node-api-headers', 'assemblyscript'];
const PAGES = ['demo', 'console'];
const TEXTS = /^(licen[cs]e|copying|notice)(\.|$)/i;
const RULE = '='.repeat(80);

const mapsOf = () => readdirSync(at('dist')).filter((name) => name.endsWith('.js.map')).sort();

function packagesInModules() {
  const sources = mapsOf().flatMap((name) => JSON.parse(readFileSync(at('dist', name), 'utf8')).sources);
  return sources.flatMap((source) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1] ?? []);
}

function packagesInPages() {
  const sources = PAGES.flatMap(filesUnder).filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.config.ts'));
  const imported = sources.flatMap((path) => [...readFileSync(at(path), 'utf8').matchAll(/\bfrom '((?:@[^/']+\/)?[^./'][^/']*)/g)].map(([, name]) => name));
  return withDependencies(imported.filter((name) => has('node_modules', name)));
}

const manifestOf = (name) => JSON.parse(readFileSync(at('node_modules', name, 'package.json'), 'utf8'));

function withDependencies(names, all = new Set()) {
  for (const name of names) {
    if (all.has(name)) continue;
    all.add(name);
    withDependencies(Object.keys(manifestOf(name).dependencies ?? {}), all);
  }
  return [...all];
}

/** Errors: StepError for a package without a text. */
function entryOf(name) {
  const { version, license } = manifestOf(name);
  const texts = readdirSync(at('node_modules', name)).filter((file) => TEXTS.test(file)).sort();
  if (texts.length === 0) throw new StepError(`${name} ${version} has no text of its licence (${license}), and is in dist`);
  return `${RULE}\n${name} ${version} (${license})\n${RULE}\n\n${texts.map((file) => readFileSync(at('node_modules', name, file), 'utf8').trim()).join('\n\n')}\n`;
}

export function buildLicenses() {
  const inputs = [...mapsOf().map((name) => `dist/${name}`), ...PAGES, 'package-lock.json', 'scripts/build/licenses.mjs'];
  return unlessDone('licenses', { inputs, outputs: ['dist/LICENSES.txt'] }, () => {
    const names = [...new Set([...packagesInModules(), ...packagesInPages(), ...COMPILED])].sort();
    writeFileSync(at('dist/LICENSES.txt'), `Packages of others of which something is in this folder, each under its own licence.\n\n${names.map(entryOf).join('\n')}`);
  });
}
