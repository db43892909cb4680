// Registry: which targets there are: the files of bench/targets, "peer-x.ts" being "peer:x"; any other by its path.

import { readdirSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { isModulePath } from './flags.js';
import type { Target } from './target.js';

const FOLDER = fileURLToPath(new URL('./targets/', import.meta.url));
const DRIVER = fileURLToPath(new URL('./driver.ts', import.meta.url));

/** Ours first. */
export function targetNames(): readonly string[] {
  const names = readdirSync(FOLDER).filter((file) => file.endsWith('.ts')).map((file) => file.slice(0, -3).replace(/^peer-/, 'peer:'));
  return names.sort((a, b) => Number(a.startsWith('peer:')) - Number(b.startsWith('peer:')) || (a < b ? -1 : 1));
}

export interface LoadedTarget {
  readonly name: string;
  readonly target: Target;
  /** What starts its process; asked after `prepare`. */
  command(): readonly [string, ...string[]];
}

/** REQUIRES: `name` is of targetNames or a module's path. */
export async function loadTarget(name: string): Promise<LoadedTarget> {
  const path = isModulePath(name) ? resolve(name) : resolve(FOLDER, `${name.replace(':', '-')}.ts`);
  const { target } = (await import(pathToFileURL(path).href)) as { readonly target: Target };
  const driven = [process.execPath, '--expose-gc', '--import', 'tsx', DRIVER, path] as const;
  return { name, target, command: () => ('command' in target ? target.command() : driven) };
}
