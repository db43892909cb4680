// Restored: when the data of a directory were last put back from a backup, in a file beside them, so that copies which have seen
// newer data can be told, instead of taking the server for one that hides what it has.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, explainErrno } from '../../storage/fs-errors.js';

const NAME = 'sync-restored';
const DIGITS = /^[1-9]\d{0,14}\n?$/;

/** In milliseconds since 1970; undefined if they never were. Errors: if the file is there and says no time, those of the file system. */
export async function restoredIn(folder: string): Promise<number | undefined> {
  const path = join(folder, NAME);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw explainErrno(error, path);
  }
  if (!DIGITS.test(text)) throw new Error(`${path}: expected milliseconds since 1970 in decimal digits, found ${JSON.stringify(text.slice(0, 40))}`);
  return Number(text);
}

/** They were, at `nowMs`; a clock that was set back does not make that earlier than the last time. */
export async function noteRestored(folder: string, nowMs: number): Promise<void> {
  const last = (await restoredIn(folder)) ?? 0;
  await writeFile(join(folder, NAME), `${Math.max(last + 1, Math.floor(nowMs))}\n`);
}
