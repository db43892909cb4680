// elanus backup: a database into a folder of backups: of a data directory that no server has open, or by a running server into the
// folder that its `backup-dir` names.

import { nodeAmbient } from '../platform/node-ambient.js';
import { DATABASE_FOLDER, dataBackups } from '../server/backup/data-backups.js';
import { BackupFolder } from '../server/backup/backup-folder.js';
import type { BackupResult } from '../server/backup/backup.js';
import { parseFlags, UsageError, type Command } from './command.js';
import { variableOf } from './config/options.js';
import { checkData, DATA_FLAGS, KEY_FILE_HELP, openData, untilStopped } from './data.js';
import { createLog } from './log.js';
import { bytesText, toJson } from './place.js';
import { Progress } from './progress.js';
import { remoteServer } from './remote.js';

const HELP = `Usage: elanus backup (--data DIR --to DIR | --url URL) [options]

A backup of all databases, with users and roles, as of one moment: every write that was acknowledged before is in it. Files are
kept by their content, so that the next backup into the same folder takes only what is new; on one file system they are links.

  --data DIR           where the databases are; no server may have them open
  --to DIR             the folder of backups, made if absent
  --url URL            or a server (or ELANUS_URL), which backs up into the folder of its setting backup-dir while it runs
  --token TEXT         user:password, or an API key, of a server that asks for it (better by ELANUS_TOKEN)
  --keep N             then keep the newest N backups and remove the others
  --list               list the backups of --to, or of the server, and make none
  --core native|wasm   the core to compute with, on a data directory
  ${KEY_FILE_HELP}
  --json               print JSON
  --help               this text

Examples:
  elanus backup --data ./data --to ./backups --keep 7
  elanus backup --url http://localhost:19530
  elanus backup --list --to ./backups
`;

const FLAGS = {
  ...DATA_FLAGS,
  to: { type: 'string' },
  url: { type: 'string' },
  token: { type: 'string' },
  keep: { type: 'string' },
  list: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

export const backup: Command = { help: HELP, flags: FLAGS, run };

type Flags = ReturnType<typeof parseFlags<typeof FLAGS>>;

interface Listed {
  readonly complete: readonly string[];
  readonly interrupted: readonly string[];
}

async function run(words: readonly string[]): Promise<number> {
  const flags = parseFlags(words, FLAGS);
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const keep = flags.keep === undefined ? undefined : Number(flags.keep);
  if (keep !== undefined && !(Number.isInteger(keep) && keep >= 1)) throw new UsageError(`--keep: expected a whole number of 1 or more, found "${flags.keep}"`);
  const url = flags.url ?? (flags.data === undefined && flags.to === undefined ? process.env[variableOf('url')] : undefined);
  if (flags.list) {
    const listed = await list(flags, url);
    process.stdout.write(flags.json ? `${toJson(listed, false)}\n` : listText(listed));
    return 0;
  }
  const result = url === undefined ? await local(flags, keep) : await remote(url, flags, keep);
  process.stdout.write(flags.json ? `${toJson(result, false)}\n` : resultText(result));
  return 0;
}

async function list({ to, token }: Flags, url: string | undefined): Promise<Listed> {
  if (url !== undefined) return (await remoteServer(url, token ?? process.env[variableOf('token')]).post('admin/backups', {})).data as unknown as Listed;
  if (to === undefined) throw new UsageError('--to DIR is missing: the folder of backups');
  return new BackupFolder(to).list();
}

async function local(flags: Flags, keep: number | undefined): Promise<BackupResult> {
  if (flags.to === undefined) throw new UsageError('--to DIR is missing: the folder of backups');
  const { to } = flags;
  const settings = checkData(flags);
  const database = await openData(settings, nodeAmbient(createLog('text', (line) => process.stderr.write(line), 'warn')));
  const progress = new Progress(process.stderr);
  try {
    const backups = dataBackups({ database, directory: settings.data, name: DATABASE_FOLDER }, to);
    return await untilStopped((signal) => backups.make({ signal, ...(keep === undefined ? {} : { keep }), onProgress: (done, total) => progress.show(total === 0 ? 1 : done / total, `${bytesText(done)} of ${bytesText(total)}`) }));
  } finally {
    progress.end();
    await database.close();
  }
}

async function remote(url: string, { data, to, token }: Flags, keep: number | undefined): Promise<BackupResult> {
  if (data !== undefined || to !== undefined) throw new UsageError('--url: a server backs up into the folder of its setting backup-dir; expected neither --data nor --to beside it');
  return (await remoteServer(url, token ?? process.env[variableOf('token')]).post('admin/backup', keep === undefined ? {} : { keep })).data as unknown as BackupResult;
}

function resultText({ id, collections, rows, files, bytes, newFiles, newBytes }: BackupResult): string {
  return `${id}: ${collections} collections, ${rows} rows in ${files} files of ${bytesText(bytes)}; new: ${newFiles} files of ${bytesText(newBytes)}\n`;
}

function listText({ complete, interrupted }: Listed): string {
  return [...complete.map((id) => `${id}\n`), ...interrupted.map((id) => `${id}  interrupted\n`)].join('');
}
