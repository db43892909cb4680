// Where things are in this repository.

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** An absolute path of a path below the root. */
export function inRepository(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}

/** Why a target that needs these built files is absent, if one of them is. */
export function missingBuild(...paths: readonly string[]): string | undefined {
  const missing = paths.find((path) => !existsSync(inRepository(path)));
  return missing === undefined ? undefined : `${missing} is not built (npm run build)`;
}

export async function compileWasm(path: string): Promise<WebAssembly.Module> {
  return WebAssembly.compile(new Uint8Array(readFileSync(inRepository(path))));
}

/** A CommonJS module or addon. */
export function load(path: string): unknown {
  return createRequire(import.meta.url)(inRepository(path));
}
