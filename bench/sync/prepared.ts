// Prepared: a data directory with a collection of real notes, as a server has it once its segments are sealed and indexed.

import { createReadStream, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import type { Database, RowInput } from '../../src/index.js';
import { readFloats } from '../data.js';
import { log } from '../log.js';
import { inRepository } from '../repository.js';

export const COLLECTION = 'notes';
const BATCH_ROWS = 2000;
/** Written last, beside it: a directory without it is made anew. */
const DONE = '.json';

interface Package {
  open(name: string, options: { readonly directory: string }): Promise<Database>;
}

/** A row of it. Texts are cut to what a VarChar holds. */
export interface Note {
  readonly id: number;
  readonly folder: string;
  readonly text: string;
}

/** `data` is where notes-bge-micro is. Gives the data directory, made if need be, with `rows` rows at most. */
export async function preparedNotes(folder: string, data: string, rows: number): Promise<string> {
  const path = join(folder, `notes-${rows}`);
  if (existsSync(path + DONE)) return path;
  rmSync(path, { recursive: true, force: true });
  const { n, d, values } = await readFloats(join(data, 'notes-bge-micro.base.fvecs.gz'), rows);
  log(`sync: making a collection of ${n} notes`);
  const { open } = (await import(inRepository('dist/node.js'))) as Package;
  const database = await open('default', { directory: path });
  const notes = await database.createCollection({
    name: COLLECTION,
    fields: [
      { name: 'id', type: 'Int64', primaryKey: true },
      { name: 'folder', type: 'VarChar', maxLength: 1000 },
      { name: 'text', type: 'VarChar', maxLength: 65_535 },
      { name: 'meaning', type: 'FloatVector', dim: d, metric: 'COSINE' },
    ],
  });
  let batch: RowInput[] = [];
  for await (const note of readNotes(data, n)) {
    batch.push({ ...note, meaning: values.subarray(note.id * d, (note.id + 1) * d) });
    if (batch.length < BATCH_ROWS && note.id < n - 1) continue;
    await notes.insert(batch as never);
    batch = [];
  }
  await notes.flush();
  while ((await database.describeIndex(COLLECTION, { fieldName: 'meaning' })).state !== 'Finished') await new Promise((resolve) => setTimeout(resolve, 200));
  await database.close();
  writeFileSync(path + DONE, JSON.stringify({ rows: n, dim: d }));
  return path;
}

/** The first `rows` of them. */
export async function* readNotes(data: string, rows: number): AsyncGenerator<Note> {
  let id = 0;
  for await (const line of createInterface({ input: createReadStream(join(data, 'notes-bge-micro.base.jsonl.gz')).pipe(createGunzip()) })) {
    const { folder, text } = JSON.parse(line) as { readonly folder: string; readonly text: string };
    yield { id, folder: folder.slice(0, 200), text: text.slice(0, 16_000) };
    if (++id === rows) return;
  }
}
