// Data that may not be copied into the repository lies beside it, where it is there at all.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

/** The text of a gzipped file of ../shared/data; undefined if there is none. */
export function readShared(name: string): string | undefined {
  const path = fileURLToPath(new URL(`../../../shared/data/${name}`, import.meta.url));
  return existsSync(path) ? gunzipSync(readFileSync(path)).toString('utf8') : undefined;
}
