// What each file of the package weighs, as it is and after gzip -9. An entry point is counted with the chunks of dist that it
// imports; the last column also has those that load when they are asked for, such as stemmers and codecs.

import { existsSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { say } from '../lib/log.mjs';
import { at } from '../lib/tree.mjs';
import { entryNames } from './bundles.mjs';

const kilobytes = (bytes) => (bytes / 1000).toFixed(1).padStart(9);

const AT_ONCE = /(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g;
const EVER = /(?:from|import)\s*\(?\s*["']\.\/([\w.-]+\.js)["']/g;

/** The module and every module of dist that it imports so, each once. */
function withImports(file, pattern, seen = new Set()) {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(at('dist', file), 'utf8');
  for (const [, chunk] of text.matchAll(pattern)) {
    if (existsSync(at('dist', chunk))) withImports(chunk, pattern, seen);
  }
  return seen;
}

/** Of these files together, as they are and packed one by one. */
function weightOf(files) {
  const contents = [...files].map((file) => readFileSync(at('dist', file)));
  const raw = contents.reduce((sum, bytes) => sum + bytes.length, 0);
  return [raw, contents.reduce((sum, bytes) => sum + gzipSync(bytes, { level: 9 }).length, 0)];
}

export function printSizes() {
  say(`\n  ${'size in kB'.padEnd(22)}${'raw'.padStart(9)}${'gzip -9'.padStart(9)}${'all'.padStart(9)}`);
  for (const name of ['core.wasm', 'core-relaxed.wasm', 'filter.wasm', ...entryNames.map((entry) => `${entry}.js`)]) {
    if (!existsSync(at('dist', name))) {
      say(`  ${name.padEnd(22)}${'absent'.padStart(9)}`);
      continue;
    }
    const isModule = name.endsWith('.js');
    const [raw, packed] = weightOf(isModule ? withImports(name, AT_ONCE) : [name]);
    const all = isModule ? kilobytes(weightOf(withImports(name, EVER))[1]) : '';
    say(`  ${name.padEnd(22)}${kilobytes(raw)}${kilobytes(packed)}${all}`);
  }
  say();
}
