// What each file of the package weighs, as it is and after gzip -9. An entry point is counted with the chunks of
// dist that it imports.

import { existsSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { say } from '../lib/log.mjs';
import { at } from '../lib/tree.mjs';
import { entryNames } from './bundles.mjs';

const kilobytes = (bytes) => (bytes / 1000).toFixed(1).padStart(9);

/** The module and every module of dist that it imports, each once. */
function withImports(file, seen = new Set()) {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(at('dist', file), 'utf8');
  for (const [, chunk] of text.matchAll(/(?:from|import)\s*\(?\s*["']\.\/([\w.-]+\.js)["']/g)) {
    if (existsSync(at('dist', chunk))) withImports(chunk, seen);
  }
  return seen;
}

export function printSizes() {
  say(`\n  ${'size in kB'.padEnd(22)}${'raw'.padStart(9)}${'gzip -9'.padStart(9)}`);
  for (const name of ['core.wasm', 'core-relaxed.wasm', 'filter.wasm', ...entryNames.map((entry) => `${entry}.js`)]) {
    if (!existsSync(at('dist', name))) {
      say(`  ${name.padEnd(22)}${'absent'.padStart(9)}`);
      continue;
    }
    const files = name.endsWith('.wasm') ? [name] : [...withImports(name)];
    const contents = files.map((file) => readFileSync(at('dist', file)));
    const raw = contents.reduce((sum, bytes) => sum + bytes.length, 0);
    const packed = contents.reduce((sum, bytes) => sum + gzipSync(bytes, { level: 9 }).length, 0);
    say(`  ${name.padEnd(22)}${kilobytes(raw)}${kilobytes(packed)}`);
  }
  say();
}
