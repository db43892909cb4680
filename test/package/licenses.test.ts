// The licences of what is not ours: each package of which something is in dist is listed with its text, and the npm package brings
// that list and those of the data along.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(root + path, 'utf8');

test('dist/LICENSES.txt has the version and the licence of every package that is in a bundle, a page or a binary', () => {
  const maps = readdirSync(`${root}dist`).filter((name) => name.endsWith('.js.map'));
  const sources = maps.flatMap((name) => (JSON.parse(read(`dist/${name}`)) as { readonly sources: readonly string[] }).sources);
  const bundled = [...new Set(sources.filter((source) => source.includes('node_modules/')).map((source) => (source.split('node_modules/').at(-1) ?? '').split('/').slice(0, source.includes('node_modules/@') ? 2 : 1).join('/')))];
  expect(bundled).toEqual(expect.arrayContaining(['dequal', 'idb', 'typebox', 'yaml', '@orama/stemmers']));
  const list = read('dist/LICENSES.txt');
  for (const name of [...bundled, 'preact', 'node-addon-api', 'assemblyscript']) {
    const { version } = JSON.parse(read(`node_modules/${name}/package.json`)) as { readonly version: string };
    expect(list, name).toContain(`\n${name} ${version} (`);
    const texts = readdirSync(`${root}node_modules/${name}`).filter((file) => /^licen[cs]e/i.test(file));
    expect(texts, name).not.toEqual([]);
    for (const file of texts) expect(list, name).toContain(read(`node_modules/${name}/${file}`).trim());
  }
});

test('the npm package has it, our own, and those of the data that its demo page shows', () => {
  const [packed] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })) as readonly { readonly files: readonly { readonly path: string }[] }[];
  const paths = packed?.files.map(({ path }) => path) ?? [];
  expect(paths).toEqual(expect.arrayContaining(['LICENSE', 'dist/LICENSES.txt', 'LICENSES/README.md', 'LICENSES/Milvus.md', 'LICENSES/Unicode.md', 'dist/milvus-protos.json']));
  for (const [data, license] of [[/^dist\/demo\/assets\/fashion-mnist/, 'LICENSES/Fashion-MNIST.md'], [/^dist\/demo\/assets\/xquad/, 'LICENSES/XQuAD.md']] as const) expect([paths.some((path) => data.test(path)), paths.includes(license)]).toEqual([true, true]);
});
