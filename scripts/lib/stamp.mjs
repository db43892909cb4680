// Incremental building by content. A stamp is the SHA-256 of a step's inputs, kept in build/.stamps once the step
// has succeeded; the step is skipped while inputs are as they were and its outputs are there. File times
// play no part, so a fresh clone, a branch switched to and fro and a copied tree behave alike.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { at, filesUnder, has } from './tree.mjs';

/** SHA-256 in hex over the names and contents of the files under `paths`, and over `words` (options, versions). */
export function hashOf(paths, words = []) {
  const hash = createHash('sha256');
  for (const word of words) hash.update(`${word}\0`);
  for (const file of paths.flatMap(filesUnder)) {
    const bytes = readFileSync(at(file));
    hash.update(`${file}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

function recorded(name) {
  try {
    return readFileSync(at('build/.stamps', name), 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Runs `work` unless it has already succeeded with these inputs and its outputs are still there. `inputs` are
 * files and folders, `words` what else decides the result, `outputs` files. Returns a note for the step's line.
 */
export async function unlessDone(name, { inputs, words = [], outputs }, work) {
  const stamp = hashOf(inputs, words);
  if (recorded(name) === stamp && outputs.every((output) => has(output))) return 'as it was';
  rmSync(at('build/.stamps', name), { force: true });
  const note = await work();
  mkdirSync(at('build/.stamps'), { recursive: true });
  writeFileSync(at('build/.stamps', name), stamp);
  return note ?? 'built';
}
