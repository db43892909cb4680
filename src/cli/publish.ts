// elanus publish: seals what a database on disk has, and writes the index that makes its folder readable over plain HTTP.

import { join } from 'node:path';
import { open } from '../presets/node.js';
import { openFsStorage } from '../storage/fs.js';
import { publish as publishFiles } from '../storage/publish.js';
import { parseFlags, UsageError, type Command } from './command.js';
import { encryptionIn, KEY_FILE_HELP } from './data.js';

/** The folder of the database within --data that `elanus serve` serves. */
const DATABASE = 'default';

const HELP = `Usage: elanus publish --data DIR [options]

Seals every collection of a database and writes index.json into its folder. The folder can then be copied to any server
of files, or a bucket behind one, and opened there: open(name, { storage: { kind: 'http', url } }). No server may be
running on it meanwhile. Publish again after every change; files already copied stay as they are.

  --data DIR           where databases are
  --database NAME      which of them (default ${DATABASE})
  ${KEY_FILE_HELP}
  --help               this text

Example:
  elanus publish --data ./data
`;

const FLAGS = {
  data: { type: 'string' },
  database: { type: 'string', default: DATABASE },
  'key-file': { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

export const publish: Command = { summary: 'make a database readable over plain HTTP', help: HELP, flags: FLAGS, run };

async function run(words: readonly string[]): Promise<number> {
  const { data, database, help, 'key-file': keyFile } = parseFlags(words, FLAGS);
  if (help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (data === undefined || data === '') throw new UsageError('--data DIR is missing: where the database is');
  await seal(data, database, keyFile);
  const folder = join(data, database);
  const storage = await openFsStorage(folder);
  try {
    const files = await publishFiles(storage);
    process.stdout.write(`${folder}: ${files.length} files, ${files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)} bytes\n`);
    return 0;
  } finally {
    await storage.close();
  }
}

/** What is only in a log is not published. Copies of other collections have none. */
async function seal(directory: string, name: string, keyFile: string | undefined): Promise<void> {
  const database = await open(name, { directory, ...(await encryptionIn(keyFile)) });
  try {
    for (const collection of await database.listCollections()) {
      const { origin } = await database.describeCollection(collection);
      if (origin === undefined) await (await database.collection(collection)).flush();
    }
  } finally {
    await database.close();
  }
}
