// elanus restore: a backup into a data directory, which must not have what it brings. Every byte is checked on the way.

import { chooseBackup, restoreBackup } from '../server/backup/backup.js';
import { BackupFolder } from '../server/backup/backup-folder.js';
import { noteRestored } from '../server/sync/restored.js';
import { parseFlags, UsageError, type Command } from './command.js';
import { untilStopped } from './data.js';
import { bytesText, toJson } from './place.js';
import { Progress } from './progress.js';

const HELP = `Usage: elanus restore --from DIR --data DIR [options]

Puts a backup into a data directory. Nothing is overwritten: where databases are already it is refused. Every file is checked
as it is copied; a damaged one ends it, and nothing is left behind. Copies that have seen newer data are told that it was set
back, if the server signs with the same key as before (sync-signing.key of the data directory, which no backup has).

  --from DIR           the folder of backups
  --backup ID          which of them (default: the newest that is complete)
  --data DIR           where to, made if absent
  --json               print JSON
  --help               this text

Examples:
  elanus restore --from ./backups --data ./restored
  elanus restore --from ./backups --backup 20261130T161502345Z --data ./restored
`;

const FLAGS = {
  from: { type: 'string' },
  backup: { type: 'string' },
  data: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

export const restore: Command = { help: HELP, flags: FLAGS, run };

async function run(words: readonly string[]): Promise<number> {
  const { from, backup: id, data, json, help } = parseFlags(words, FLAGS);
  if (help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (from === undefined) throw new UsageError('--from DIR is missing: the folder of backups');
  if (data === undefined) throw new UsageError('--data DIR is missing: where to restore to');
  const folder = new BackupFolder(from);
  const backup = await chooseBackup(folder, id);
  const progress = new Progress(process.stderr);
  try {
    await untilStopped((signal) => restoreBackup(folder, backup, data, { signal, onProgress: (done, total) => progress.show(total === 0 ? 1 : done / total, `${bytesText(done)} of ${bytesText(total)}`) }));
    await noteRestored(data, Date.now());
  } finally {
    progress.end();
  }
  const { collections, rows, files, release } = backup;
  process.stdout.write(json ? `${toJson({ id: backup.id, collections, rows, files: files.length, release }, false)}\n` : `${backup.id} of release ${release}: ${collections} collections, ${rows} rows in ${files.length} files restored to ${data}\n`);
  return 0;
}
