// Where things are: the repository root, and paths from it. Every script works from the root, whatever
// directory it was called in.

import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** An absolute path below the root. */
export const at = (...parts) => join(root, ...parts);

/** Whether a path below the root exists. */
export const has = (...parts) => existsSync(at(...parts));

/** Files below the root under `path` (a file or a folder), sorted, as paths from the root with forward slashes. */
export function filesUnder(path) {
  if (!has(path)) return [];
  const found = [];
  const visit = (absolute) => {
    for (const entry of readdirSync(absolute, { withFileTypes: true })) {
      const child = join(absolute, entry.name);
      if (entry.isDirectory()) visit(child);
      else if (entry.isFile()) found.push(relative(root, child).split(sep).join('/'));
    }
  };
  try {
    visit(at(path));
  } catch (error) {
    if (error.code === 'ENOTDIR') return [path];
    throw error;
  }
  return found.sort();
}
