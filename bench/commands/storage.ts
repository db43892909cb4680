// `storage`: the bars of the storage engine: bulk insert beside sqlite-vec, opening, bytes written, an idle database; in Node
// and in Chromium. One line of JSON a bar, or one table in Markdown.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { integer, parseFlags, text } from '../flags.js';
import { emit, log } from '../log.js';
import { inRepository, missingBuild } from '../repository.js';
import { browserIdleLines, browserInsertLines, browserOpenLines } from '../storage/browser-bars.js';
import { diskLines } from '../storage/disk.js';
import { idleNodeLines } from '../storage/idle.js';
import { insertLines } from '../storage/insert.js';
import { failedLine, storageTable, type StorageLine } from '../storage/line.js';
import { openLines } from '../storage/open.js';
import { rowsFile } from '../storage/rows.js';
import { UsageError } from '../usage-error.js';

const USAGE =
  'npm run -s bench:storage -- [--only insert,insert-chromium,open,open-chromium,disk,idle,idle-chromium] [--data FOLDER] [--rows 100000] [--rounds 3] [--batches 100,1000,10000] [--upserts 1000000] [--idle 30] [--json]\n' +
  '  FOLDER holds notes-bge-micro.base.fvecs.gz; without it rows are made up.';
const FLAGS = ['only', 'data', 'rows', 'rounds', 'batches', 'upserts', 'idle', 'out'] as const;
const USUAL_DATA = '../shared/data';
const INSERT_DIM = 384;
const OPEN_DIM = 768;
const DISK_DIM = 128;
/** Different vectors. */
const DISK_ROWS = 100_000;

interface Settings {
  readonly data: string;
  readonly rows: number;
  readonly rounds: number;
  readonly batches: readonly number[];
  readonly upserts: number;
  readonly idleSeconds: number;
  /** For what is measured on; what is costly to make stays there. */
  readonly folder: string;
}

const PARTS: Readonly<Record<string, (settings: Settings) => Promise<readonly StorageLine[]>>> = {
  insert: async ({ data, rows, rounds, batches, folder }) => insertLines(await rowsFile(folder, rows, INSERT_DIM, join(data, 'notes-bge-micro.base.fvecs.gz')), batches, rounds, folder),
  'insert-chromium': async ({ data, rows, rounds, batches, folder }) => browserInsertLines(await rowsFile(folder, rows, INSERT_DIM, join(data, 'notes-bge-micro.base.fvecs.gz')), batches, rounds),
  open: async ({ rows, rounds, folder }) => openLines(await rowsFile(folder, rows, OPEN_DIM, undefined), rounds, folder),
  'open-chromium': async ({ rows, rounds, folder }) => browserOpenLines(await rowsFile(folder, rows, OPEN_DIM, undefined), rounds),
  disk: async ({ upserts, folder }) => diskLines(await rowsFile(folder, DISK_ROWS, DISK_DIM, undefined), upserts, folder),
  idle: async ({ idleSeconds, folder }) => idleNodeLines(idleSeconds, folder),
  'idle-chromium': async ({ idleSeconds, folder }) => browserIdleLines(idleSeconds, folder),
};

export async function storage(argv: readonly string[]): Promise<void> {
  const values = parseFlags(argv, 'storage', FLAGS, USAGE);
  const only = text(values['only'], Object.keys(PARTS).join(',')).split(',');
  const unknown = only.find((name) => PARTS[name] === undefined);
  if (unknown !== undefined) throw new UsageError(`--only: expected some of ${Object.keys(PARTS).join(', ')}, found ${JSON.stringify(unknown)}\n${USAGE}`);
  const missing = missingBuild('dist/node.js', 'dist/elanus.node', 'dist/browser.js', 'dist/filter.wasm');
  if (missing !== undefined) throw new UsageError(missing);
  const folder = text(values['out'], inRepository('build/storage'));
  mkdirSync(folder, { recursive: true });
  const settings: Settings = {
    data: text(values['data'], inRepository(USUAL_DATA)),
    rows: integer('--rows', text(values['rows'], '100000'), 1, 10_000_000),
    rounds: integer('--rounds', text(values['rounds'], '3'), 1, 100),
    batches: text(values['batches'], '100,1000,10000').split(',').map((batch) => integer('--batches', batch, 1, 1_000_000)),
    upserts: integer('--upserts', text(values['upserts'], '1000000'), 1, 100_000_000),
    idleSeconds: integer('--idle', text(values['idle'], '30'), 1, 3600),
    folder,
  };
  const lines: StorageLine[] = [];
  for (const name of only) {
    const found = await (PARTS[name] as (typeof PARTS)[string])(settings).catch((error: unknown) => {
      log(String(error instanceof Error ? error.stack : error));
      return [failedLine(name, '', error instanceof Error ? error.message : String(error))];
    });
    lines.push(...found);
    if (values['json'] === true) found.forEach(emit);
  }
  if (values['json'] !== true) process.stdout.write(`${storageTable(lines)}\n`);
}
