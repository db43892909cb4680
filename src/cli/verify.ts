// elanus verify: reads every file of a data directory, or of a folder of backups, and checks every checksum. Exit code 1 if one is
// damaged or missing; nothing is changed.

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { keyringOf } from '../engine/database/keyring.js';
import { isBad, verifyFiles, type VerifiedFile } from '../engine/files/verify.js';
import { ElanusError } from '../model/errors.js';
import { nodeAmbient } from '../platform/node-ambient.js';
import { encryptionBy } from '../presets/encryption.js';
import { verifyStates } from '../server/access/verify-states.js';
import { BackupFolder } from '../server/backup/backup-folder.js';
import { openFsStorage } from '../storage/fs.js';
import { ACCESS_FOLDER } from './access.js';
import { parseFlags, UsageError, type Command } from './command.js';
import { DATA_FLAGS, encryptionIn, KEY_FILE_HELP } from './data.js';
import { bytesText, toJson } from './place.js';
import { Progress } from './progress.js';

const HELP = `Usage: elanus verify (--data DIR | --backups DIR) [options]

Checks every checksum of every file: catalogs, manifests, rows, indexes, deletions, logs, users and roles of a data directory that
no server has open, or what backups hold. The audit log has "elanus audit verify". Each file that is damaged or missing is named. Exit code 0: all is whole; 1: it is not.

  --data DIR           where the databases are
  --backups DIR        or a folder of backups
  --backup ID          only this backup
  ${KEY_FILE_HELP}
  --json               print JSON: {"files", "bytes", "bad": [{"file", "state", "message"}]}
  --help               this text

Examples:
  elanus verify --data ./data
  elanus verify --backups ./backups --json
`;

const FLAGS = { data: DATA_FLAGS.data, 'key-file': DATA_FLAGS['key-file'], help: DATA_FLAGS.help, backups: { type: 'string' }, backup: { type: 'string' }, json: { type: 'boolean', default: false } } as const;

export const verify: Command = { help: HELP, flags: FLAGS, run };

interface Found {
  files: number;
  bytes: number;
  readonly bad: { readonly file: string; readonly state: string; readonly message: string }[];
}

async function run(words: readonly string[]): Promise<number> {
  const flags = parseFlags(words, FLAGS);
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const { data, backups, backup } = flags;
  if ((data === undefined) === (backups === undefined)) throw new UsageError('expected one of --data DIR and --backups DIR: what to verify');
  const found: Found = { files: 0, bytes: 0, bad: [] };
  const progress = new Progress(process.stderr);
  if (data !== undefined) await verifyData(data, flags['key-file'], found, progress);
  else await verifyBackups(backups ?? '', backup, found, progress);
  progress.end();
  process.stdout.write(flags.json ? `${toJson(found, false)}\n` : textOf(found));
  return found.bad.length === 0 ? 0 : 1;
}

/** Folders of databases that servers and `open` make; what else is beside them is not ours. */
async function verifyData(data: string, keyFile: string | undefined, found: Found, progress: Progress): Promise<void> {
  const ambient = nodeAmbient();
  const { encryption } = await encryptionIn(keyFile);
  const keyring = await keyringOf({ ambient, encryption: encryptionBy(encryption), memoryBytes: undefined });
  for (const name of await databasesIn(data)) {
    const storage = await openFsStorage(join(data, name));
    try {
      for await (const file of verifyFiles(storage, ambient, keyring)) take(found, progress, file, `${name}/${file.key}`);
    } finally {
      await storage.close();
    }
  }
  await verifyAccess(data, found, progress);
}

/** Users and roles, where a server has kept them. */
async function verifyAccess(data: string, found: Found, progress: Progress): Promise<void> {
  if (!(await isFolder(join(data, ACCESS_FOLDER, 'access')))) return;
  const storage = await openFsStorage(join(data, ACCESS_FOLDER), { isPrivate: true });
  try {
    for await (const file of verifyStates(storage)) take(found, progress, file, `${ACCESS_FOLDER}/${file.key}`);
  } finally {
    await storage.close();
  }
}

async function databasesIn(data: string): Promise<readonly string[]> {
  const entries = await readdir(data, { withFileTypes: true }).catch((error: unknown) => {
    throw new Error(`--data: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  });
  const names: string[] = [];
  for (const { name } of entries.filter((entry) => entry.isDirectory())) if (await isFolder(join(data, name, 'catalog'))) names.push(name);
  if (names.length === 0) throw new Error(`${data}: there is no database in it`);
  return names;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

async function verifyBackups(path: string, only: string | undefined, found: Found, progress: Progress): Promise<void> {
  const folder = new BackupFolder(path);
  const { complete, interrupted } = await folder.list();
  if (only !== undefined && !complete.includes(only)) throw new ElanusError('NotFound', `${path}: no complete backup "${only}"${interrupted.includes(only) ? ': it was begun and never completed' : ''}`);
  if (complete.length === 0) throw new ElanusError('NotFound', `${path}: there is no complete backup in it`);
  const seen = new Set<string>();
  for (const id of only === undefined ? complete : [only]) {
    const backup = await folder.read(id).catch((error: unknown) => takeError(found, `backups/${id}.json`, error));
    for (const file of backup?.files ?? []) {
      if (seen.has(file.sha256)) continue;
      seen.add(file.sha256);
      found.files++;
      found.bytes += file.sizeBytes;
      progress.show(undefined, `${found.files} files, ${bytesText(found.bytes)}`);
      await folder.check(file).catch((error: unknown) => takeError(found, `${id}: ${file.path}`, error));
    }
  }
}

function take(found: Found, progress: Progress, file: VerifiedFile, name: string): void {
  found.files++;
  found.bytes += file.sizeBytes;
  progress.show(undefined, `${found.files} files, ${bytesText(found.bytes)}`);
  if (isBad(file)) found.bad.push({ file: name, state: file.state, message: file.message ?? '' });
}

function takeError(found: Found, file: string, error: unknown): undefined {
  if (!(error instanceof ElanusError) || (error.code !== 'Corrupt' && error.code !== 'NotFound')) throw error;
  found.bad.push({ file, state: error.code === 'NotFound' ? 'missing' : 'damaged', message: error.message });
}

function textOf({ files, bytes, bad }: Found): string {
  const lines = bad.map(({ file, state, message }) => `${state}: ${file}: ${message}`);
  const sum = `${files} files, ${bytesText(bytes)}: ${bad.length === 0 ? 'all whole' : `${bad.length} not whole`}`;
  return `${[...lines, sum].join('\n')}\n`;
}
