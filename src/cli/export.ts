// elanus export: the rows of a collection to a file or to stdout. A file is there whole or not at all.

import { open as openFile, rename, rm, stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { exportBytes, type ExportOptions } from '../io/export.js';
import { EXPORT_FORMATS, formatOfName } from '../io/formats.js';
import type { Collection } from '../engine/api.js';
import { firstVector } from '../model/schema.js';
import { webAmbient } from '../platform/ambient.js';
import { parseWords, UsageError, type Command } from './command.js';
import { checkData, DATA_FLAGS, KEY_FILE_HELP, oneOf, openData, untilStopped } from './data.js';
import { createLog } from './log.js';
import { Progress } from './progress.js';

const HELP = `Usage: elanus export FILE --data DIR --collection NAME [options]

Writes the live rows of a collection to a file. FILE is - for stdout.

  --data DIR           where the database is
  --collection NAME    the collection
  --format F           ${EXPORT_FORMATS.join(', ')} (default: as the file's name ends)
                       npy and fvecs hold the vectors alone; the other fields go to FILE.jsonl
  --partition A,B,C    only rows of these partitions
  --filter TEXT        only rows for which this holds
  --fields A,B,C       fields to write (default: all); the primary key is always written
  --order key|stored   by primary key (default), or as they lie in the segments
  --force              replace FILE if it is there
  --core native|wasm   the core to compute with
  ${KEY_FILE_HELP}
  --help               this text

Examples:
  elanus export books.parquet --data ./data --collection books
  elanus export - --format jsonl --filter 'year > 1990' --data ./data --collection books | gzip > books.jsonl.gz
`;

const FLAGS = {
  ...DATA_FLAGS,
  collection: { type: 'string' },
  format: { type: 'string' },
  partition: { type: 'string' },
  filter: { type: 'string' },
  fields: { type: 'string' },
  order: { type: 'string' },
  force: { type: 'boolean', default: false },
} as const;

export const exportCommand: Command = { help: HELP, flags: FLAGS, run };

async function run(words: readonly string[]): Promise<number> {
  const { values: flags, others } = parseWords(words, FLAGS, 1);
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const file = others[0];
  const { collection, partition, filter, fields } = flags;
  if (file === undefined) throw new UsageError('FILE is missing: where to export to, - for stdout');
  if (collection === undefined) throw new UsageError('--collection NAME is missing');
  const format = oneOf('format', flags.format ?? formatOfName(file), EXPORT_FORMATS);
  if (format === undefined) throw new UsageError(`--format is missing: expected ${EXPORT_FORMATS.join(', ')}`);
  const order = oneOf('order', flags.order, ['key', 'stored']);
  const options: ExportOptions = { format, ...(order === undefined ? {} : { order }), ...(partition === undefined ? {} : { partitionNames: partition.split(',') }), ...(filter === undefined ? {} : { filter }), ...(fields === undefined ? {} : { fields: fields.split(',') }) };
  const outputs = [file, ...restOf(file, format)];
  if (!flags.force) for (const path of outputs) await requireFree(path);

  const log = createLog('text', (line) => process.stderr.write(line));
  const database = await openData(checkData(flags), webAmbient(log));
  try {
    await untilStopped(async (signal) => {
      const source = await database.collection(collection);
      for (const [at, path] of outputs.entries()) await exportTo(path, source, { ...(at === 0 ? options : restOptions(source, options)), signal });
    });
    return 0;
  } finally {
    await database.close();
  }
}

/** The file of the fields that the format does not hold. */
function restOf(file: string, format: ExportOptions['format']): readonly string[] {
  return file !== '-' && (format === 'npy' || format === 'fvecs') ? [`${file}.jsonl`] : [];
}

/** All fields that were asked for, less the vector that is in the other file. */
function restOptions({ schema }: Collection, options: ExportOptions): ExportOptions {
  return { ...options, format: 'jsonl', omit: [firstVector(schema).name] };
}

async function requireFree(path: string): Promise<void> {
  if (path !== '-' && (await stat(path).catch(() => undefined)) !== undefined) throw new Error(`${path}: is there already; --force replaces it`);
}

async function exportTo(path: string, collection: Collection, options: ExportOptions): Promise<void> {
  const progress = new Progress(process.stderr);
  let exported = 0;
  const onProgress: NonNullable<ExportOptions['onProgress']> = ({ rows, rowsTotal }) => {
    exported = rows;
    progress.show(rowsTotal === 0 ? 1 : rows / rowsTotal, `${rows} of ${rowsTotal} rows`);
  };
  try {
    const bytes = exportBytes(collection, { ...options, onProgress });
    await (path === '-' ? writeAll(process.stdout, bytes) : writeFileWhole(path, bytes));
  } catch (error) {
    progress.end();
    throw error;
  }
  progress.end(`${exported} rows exported to ${path === '-' ? 'stdout' : path}`);
}

async function writeAll(stream: Writable, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const part of bytes) await new Promise<void>((resolve, reject) => stream.write(part, (error) => (error == null ? resolve() : reject(error))));
}

async function writeFileWhole(path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const unfinished = `${path}.part`;
  const handle = await openFile(unfinished, 'w');
  try {
    for await (const part of bytes) await handle.writeFile(part);
    await handle.sync();
    await handle.close();
    await rename(unfinished, path);
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(unfinished, { force: true });
    throw error;
  }
}
