// elanus publish: seals what a database on disk has, signs what its newest state is, and makes its files readable by others: where
// they are, by an index for plain HTTP, or in a bucket, which relays serve copies from.

import { join } from 'node:path';
import type { SyncDatabase } from '../sync/database.js';
import { Heads } from '../sync/heads.js';
import type { PublishedCollection } from '../sync/publish.js';
import { nodeAmbient } from '../platform/node-ambient.js';
import { webSignatures } from '../platform/signatures.js';
import type { Storage } from '../ports/storage.js';
import { open } from '../presets/node.js';
import { restoredIn } from '../server/sync/restored.js';
import { signingKeyIn } from '../server/sync/signing-key.js';
import { openFsStorage } from '../storage/fs.js';
import { publish as publishFiles } from '../storage/publish.js';
import { openS3Storage, type S3Options } from '../storage/s3.js';
import { parseFlags, UsageError, type Command } from './command.js';
import { encryptionIn, KEY_FILE_HELP } from './data.js';
import { bytesText, toJson } from './place.js';
import { Progress } from './progress.js';

/** The folder of the database within --data that `elanus serve` serves. */
const DATABASE = 'default';
const DAY_MS = 24 * 3600 * 1000;
const DAYS_MAX = 365;

const HELP = `Usage: elanus publish --data DIR [--to s3://BUCKET/FOLDER] [options]

Seals every collection of a database and signs a head of each, with the key that \`elanus serve\` signs with. No server may be
running on it meanwhile. Publish again after every change, and before the heads expire; what is there already is not sent again.

Without --to, index.json is written into its folder beside that. The folder can then be copied to any server of files and opened
there: open(name, { storage: { kind: 'http', url } }); or to an R2 bucket, where relays serve it.
With --to, files, then manifests, then heads go to that folder of a bucket of S3 or R2, and nothing else. Relays serve from there:
clients pull from their URL. Credentials are AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN of the environment.

  --data DIR           where databases are
  --database NAME      which of them (default ${DATABASE})
  --to URL             s3://BUCKET/FOLDER; a Worker looks into the folder ${DATABASE}
  --endpoint URL       of the bucket's server, e.g. https://ACCOUNT.r2.cloudflarestorage.com (default: Amazon's)
  --region NAME        of the bucket (default us-east-1; auto for R2)
  --collections A,B    only these (default: all that are no copies)
  --days N             for how many days the heads hold, 1 to ${DAYS_MAX} (default 7)
  ${KEY_FILE_HELP}
  --json               print JSON
  --help               this text

Examples:
  elanus publish --data ./data
  elanus publish --data ./data --to s3://library/default --endpoint https://ACCOUNT.r2.cloudflarestorage.com --region auto
`;

const FLAGS = {
  data: { type: 'string' },
  database: { type: 'string', default: DATABASE },
  to: { type: 'string' },
  endpoint: { type: 'string' },
  region: { type: 'string' },
  collections: { type: 'string' },
  days: { type: 'string', default: '7' },
  'key-file': { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

export const publish: Command = { help: HELP, flags: FLAGS, run };

type Flags = ReturnType<typeof parseFlags<typeof FLAGS>>;

interface Result {
  readonly to: string;
  readonly collections: readonly (PublishedCollection & { readonly database: string })[];
  /** Of the folder, where it was indexed. */
  readonly files?: number;
  readonly bytes?: number;
}

async function run(words: readonly string[]): Promise<number> {
  const flags = parseFlags(words, FLAGS);
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const result = await published(flags);
  process.stdout.write(flags.json ? `${toJson(result, false)}\n` : resultText(result));
  return 0;
}

async function published(flags: Flags): Promise<Result> {
  const { data, database: name, to, collections } = flags;
  if (data === undefined || data === '') throw new UsageError('--data DIR is missing: where the database is');
  const days = Number(flags.days);
  if (!Number.isInteger(days) || days < 1 || days > DAYS_MAX) throw new UsageError(`--days: expected 1 to ${DAYS_MAX}, found "${flags.days}"`);
  const place = to === undefined ? undefined : bucketOf(to, flags);
  const ambient = nodeAmbient();
  const database = await open(name, { directory: data, ambient, ...(await encryptionIn(flags['key-file'])) });
  let storage: Storage | undefined;
  let done: Result['collections'];
  try {
    storage = place && (await openS3Storage(place));
    const heads = new Heads(await webSignatures.signer(await signingKeyIn(data)), ambient, days * DAY_MS, await restoredIn(data));
    done = await publishAll(database, collections?.split(','), heads, storage);
  } finally {
    await storage?.close();
    await database.close();
  }
  const folder = join(data, name);
  return to === undefined ? { to: folder, collections: done, ...(await indexed(folder)) } : { to, collections: done };
}

async function publishAll(opened: SyncDatabase, chosen: readonly string[] | undefined, heads: Heads, storage: Storage | undefined): Promise<Result['collections']> {
  const done: (PublishedCollection & { readonly database: string })[] = [];
  const progress = new Progress(process.stderr);
  try {
    for (const database of await opened.listDatabases()) {
      const within = await opened.useDatabase(database);
      for (const name of await within.listCollections()) {
        const { origin } = await within.describeCollection(name);
        if (origin !== undefined || chosen?.includes(name) === false) continue;
        // What is only in a log is not published.
        await (await within.collection(name)).flush();
        const onFile = ({ name: file, sizeBytes }: { readonly name: string; readonly sizeBytes: number }): void => progress.show(undefined, `${name}: ${file}, ${bytesText(sizeBytes)}`);
        done.push({ database, ...(await within.publish(name, { heads, onFile, ...(storage === undefined ? {} : { storage }) })) });
      }
    }
  } finally {
    progress.end();
  }
  const missing = chosen?.filter((name) => done.every((one) => one.name !== name)) ?? [];
  if (missing.length > 0) throw new UsageError(`--collections: there is no collection ${missing.join(', ')}, or it is a copy`);
  return done;
}

async function indexed(folder: string): Promise<{ readonly files: number; readonly bytes: number }> {
  const storage = await openFsStorage(folder);
  try {
    const files = await publishFiles(storage);
    return { files: files.length, bytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
  } finally {
    await storage.close();
  }
}

function bucketOf(to: string, { endpoint, region }: Flags): S3Options {
  const [, bucket, folder = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(to) ?? [];
  if (bucket === undefined) throw new UsageError(`--to: expected s3://BUCKET/FOLDER, found "${to}"`);
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = process.env;
  if (!accessKeyId || !secretAccessKey) throw new UsageError('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set: the credentials of the bucket');
  const path = folder.replace(/\/+$/, '');
  return {
    bucket,
    prefix: path === '' ? '' : `${path}/`,
    ...(endpoint === undefined ? {} : { endpoint: endpoint.replace(/\/+$/, '') }),
    ...(region === undefined ? {} : { region }),
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
  };
}

function resultText({ to, collections, files, bytes }: Result): string {
  const lines = collections.map(({ name, version, isNew, filesSent, bytesSent, expiresMs }) => {
    const what = isNew ? `version ${version}, ${filesSent} files of ${bytesText(bytesSent)} sent` : `version ${version} was published already`;
    return `${name}: ${what}; its head holds until ${new Date(expiresMs).toISOString()}\n`;
  });
  return `${lines.join('')}${to}: ${files === undefined ? `${collections.length} collections` : `${files} files, ${bytes} bytes`}\n`;
}
