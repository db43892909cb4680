// elanus import: a file into a collection of a database on disk, which no server may have open meanwhile.

import { open as openFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { createGunzip } from 'node:zlib';
import type { Database } from '../engine/api.js';
import { importFormat, IMPORT_FORMATS } from '../io/formats.js';
import { importCollection, importRows, inferCollection, type ImportCollectionOptions, type ImportProgress, type ImportResult } from '../io/import.js';
import type { ByteSource } from '../io/source.js';
import { ElanusError } from '../model/errors.js';
import { METRICS } from '../model/metric.js';
import { nodeAmbient } from '../platform/node-ambient.js';
import { parseWords, UsageError, type Command } from './command.js';
import { checkData, DATA_FLAGS, KEY_FILE_HELP, oneOf, openData, untilStopped, type DataSettings } from './data.js';
import { createLog } from './log.js';
import { Progress } from './progress.js';
import { readAt } from '../platform/node-file.js';

const HELP = `Usage: elanus import FILE --data DIR --collection NAME [options]

Adds the rows of a file to a collection; a row whose primary key is there replaces it. FILE is - for stdin;
one whose name ends in .gz is unpacked on the way (not Parquet).

  --data DIR           where the database is
  --collection NAME    the collection
  --partition NAME     the partition that the rows are written into (default _default)
  --create             create what of these is not there, the fields as the file's types or first rows suggest
  --dry-run            print the fields that --create would choose, as JSON, and do nothing
  --check              read and check every row as an import does, and store nothing
  --format F           ${IMPORT_FORMATS.join(', ')} (default: as the file's name ends)
  --key COLUMN         the file's column of primary keys
  --vector COLUMN      the file's column of vectors
  --metric M           L2, IP or COSINE, of a collection that is created (default COSINE)
  --columns A,B,C      names of the columns of a CSV file whose first line does not name them
  --rest FILE          JSONL with the other fields of each row of an npy, fvecs or bvecs file
  --on-error stop|skip what becomes of a row that does not fit (default stop; the rows before it stay in)
  --core native|wasm   the core to compute with
  ${KEY_FILE_HELP}
  --json               print {"rows", "skipped", "refusals", "bytes"} on stdout when it is done
  --help               this text

Examples:
  elanus import books.parquet --data ./data --collection books --create
  zcat books.jsonl.gz | elanus import - --format jsonl --data ./data --collection books --key isbn
`;

const FLAGS = {
  ...DATA_FLAGS,
  collection: { type: 'string' },
  partition: { type: 'string' },
  create: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
  check: { type: 'boolean', default: false },
  format: { type: 'string' },
  key: { type: 'string' },
  vector: { type: 'string' },
  metric: { type: 'string' },
  columns: { type: 'string' },
  rest: { type: 'string' },
  'on-error': { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

const GZIPPED = /\.gz$/;

interface Settings {
  readonly file: string;
  readonly rest: string | undefined;
  readonly collection: string;
  readonly create: boolean;
  readonly json: boolean;
  readonly options: ImportCollectionOptions;
}

export const importCommand: Command = { help: HELP, flags: FLAGS, run };

type Flags = ReturnType<typeof parseWords<typeof FLAGS>>['values'];

async function run(words: readonly string[]): Promise<number> {
  const { values: flags, others } = parseWords(words, FLAGS, 1);
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const settings = checkFlags(flags, others[0]);
  if (flags['dry-run']) {
    await withSource(settings.file, async ({ bytes }) => {
      const definition = await inferCollection(settings.collection, bytes, settings.options);
      process.stdout.write(`${JSON.stringify(definition, undefined, 2)}\n`);
    });
    return 0;
  }
  return importInto(checkData(flags), settings);
}

function checkFlags(flags: Flags, file: string | undefined): Settings {
  const { collection, partition, create, check, key, vector, columns, rest } = flags;
  if (file === undefined) throw new UsageError('FILE is missing: what to import, - for stdin');
  if (collection === undefined) throw new UsageError('--collection NAME is missing');
  const name = file === '-' ? 'stdin' : basename(file);
  const given = oneOf('format', flags.format, IMPORT_FORMATS);
  const metric = oneOf('metric', flags.metric, METRICS);
  const onError = oneOf('on-error', flags['on-error'], ['stop', 'skip']);
  const options: ImportCollectionOptions = {
    name,
    format: formatOf(given, name.replace(GZIPPED, '')),
    dryRun: check,
    ...(partition === undefined ? {} : { partitionName: partition }),
    ...(key === undefined ? {} : { key }),
    ...(vector === undefined ? {} : { vector }),
    ...(metric === undefined ? {} : { metric }),
    ...(onError === undefined ? {} : { onError }),
    ...(columns === undefined ? {} : { columns: columns.split(',') }),
  };
  return { file, rest, collection, create, json: flags.json, options };
}

function formatOf(given: string | undefined, name: string): NonNullable<ImportCollectionOptions['format']> {
  try {
    return importFormat(given, name);
  } catch (error) {
    throw new UsageError(`--format is missing: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function importInto(data: DataSettings, { file, rest, collection, create, json, options }: Settings): Promise<number> {
  const progress = new Progress(process.stderr);
  const log = createLog('text', (line) => process.stderr.write(line));
  const onProgress = (opened: OpenedFile, { rows, skipped, bytes, bytesTotal }: ImportProgress): void =>
    progress.show(opened.share?.() ?? (bytesTotal === undefined ? undefined : bytes / bytesTotal), `${rows} rows${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  const database = await openData(data, nodeAmbient(log));
  try {
    const there = await database.hasCollection(collection);
    if (!there && !create) throw new Error(`no collection "${collection}": --create makes one, --dry-run shows it`);
    await readyPartition(database, collection, { ...options, create: create && there });
    const result = await withSource(file, (opened) =>
      withSource(rest, (beside) =>
        untilStopped(async (signal): Promise<ImportResult> => {
          const all = { ...options, signal, onProgress: (now: ImportProgress) => onProgress(opened, now), ...(rest === undefined ? {} : { rest: beside.bytes }) };
          return there ? importRows(await database.collection(collection), opened.bytes, all) : importCollection(database, collection, opened.bytes, all);
        }),
      ),
    );
    for (const refusal of result.refusals) progress.end(`skipped: ${refusal}`);
    progress.end(`${result.rows} rows ${options.dryRun === true ? 'fit' : 'imported into'} "${collection}", ${result.skipped} skipped`);
    if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
    return 0;
  } finally {
    progress.end();
    await database.close();
  }
}

/** An import into a partition that is not there would be refused after rows were read. */
async function readyPartition(database: Database, collection: string, { partitionName, dryRun, create }: ImportCollectionOptions & { readonly create: boolean }): Promise<void> {
  if (partitionName === undefined || !(await database.hasCollection(collection)) || (await database.hasPartition(collection, partitionName))) return;
  if (!create) throw new Error(`no partition "${partitionName}" of collection "${collection}": --create makes one`);
  if (dryRun !== true) await database.createPartition(collection, partitionName);
}

interface OpenedFile {
  readonly bytes: ByteSource;
  /** How much of the file was read, 0 to 1, where its bytes do not say it. */
  readonly share?: () => number;
}

/** A file while `work` runs, in any order if it is one on disk; stdin for `-`. */
async function withSource<T>(path: string | undefined, work: (opened: OpenedFile) => Promise<T>): Promise<T> {
  if (path === undefined) return work({ bytes: new Uint8Array(0) });
  if (path === '-') return work({ bytes: process.stdin });
  const handle = await openFile(path);
  try {
    const info = await handle.stat();
    if (info.isDirectory()) throw new Error(`${path}: is a directory`);
    if (GZIPPED.test(path)) return await work(unzipped(handle, path, info.size));
    if (!info.isFile()) return await work({ bytes: handle.createReadStream({ autoClose: false }) });
    return await work({ bytes: { size: info.size, read: (offset, length) => readAt(handle, offset, length) } });
  } finally {
    await handle.close();
  }
}

/** A damaged archive is damage to the file that it holds. */
function unzipped(handle: Awaited<ReturnType<typeof openFile>>, path: string, size: number): OpenedFile {
  const archive = handle.createReadStream({ autoClose: false });
  const unpacked = createGunzip();
  archive.on('error', (error) => unpacked.destroy(error));
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* archive.pipe(unpacked);
    } catch (error) {
      throw new ElanusError('Corrupt', `${basename(path)}: byte ${archive.bytesRead}: ${error instanceof Error ? error.message : String(error)}`, { file: basename(path), cause: error });
    }
  };
  return { bytes: pieces(), share: () => (size === 0 ? 1 : archive.bytesRead / size) };
}
