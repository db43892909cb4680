// Which test files start browsers of their own: those that import, by whatever way, what starts one. They are run one at a
// time, for several browsers on few cores starve each other, and all else that is tested beside them.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Packages and programs that are browsers, or drive them. */
const starts = /from ['"]playwright['"]|import\(['"]playwright['"]\)|\/usr\/bin\/(chromium|firefox)/;
const specifiers = /(?:\bfrom|\bimport\(?)\s*'(\.{1,2}\/[^']+)'/g;

interface Module {
  readonly starts: boolean;
  readonly imports: readonly string[];
}

/** Paths from the root, sorted. */
export function drivingFiles(): readonly string[] {
  const modules = new Map<string, Module>();
  const read = (path: string): Module => {
    const module = modules.get(path) ?? moduleOf(path);
    modules.set(path, module);
    return module;
  };
  const drives = (test: string): boolean => {
    const reached = new Set([test]);
    for (const path of reached) {
      if (read(path).starts) return true;
      for (const next of read(path).imports) reached.add(next);
    }
    return false;
  };
  const names = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' });
  const tests = names.filter((name) => name.endsWith('.test.ts') && !/\.(browser|webkit)\.test\.ts$/.test(name)).map((name) => join(root, 'test', name));
  return tests.filter(drives).map((path) => relative(root, path)).sort();
}

/** It imports what else there is of the tests and the measurements; the product starts no browser. */
function moduleOf(path: string): Module {
  const text = readFileSync(path, 'utf8');
  const named = [...text.matchAll(specifiers)].map(([, specifier]) => resolve(dirname(path), (specifier as string).replace(/\.js$/, '.ts')));
  return { starts: starts.test(text), imports: named.filter((found) => /^(test|bench)\/.*\.ts$/.test(relative(root, found)) && existsSync(found)) };
}
