// elanus user: users, roles, grants and API keys of a data directory that no server serves; of one that is served its API is asked.
// Passwords never stand on the command line, where others could read them.

import { readFile, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { nodeAmbient } from '../platform/node-ambient.js';
import type { Access } from '../server/access/access.js';
import { openAccessIn } from './access.js';
import { parseWords, UsageError, type Command } from './command.js';
import { createLog } from './log.js';
import { table, toJson } from './place.js';
import { USER_VERBS, type UserFlags, type Told } from './user-verbs.js';

const HELP = `Usage: elanus user VERB [WORDS] --data DIR [options]

Users, roles and API keys of a data directory. They count where the server runs with --auth. While a server serves the
directory this is refused: ask the server instead (REST below /v2/vectordb/users/ and roles/, or any client of Milvus).

  list                         users and their roles
  add USER                     makes a user; the password is read from --password-file or stdin
  passwd USER                  sets a password anew, also that of root
  remove USER                  removes a user and its API keys
  role list                    roles and what is granted to them
  role add ROLE                makes a role
  role remove ROLE             removes a role; one with grants only with --force
  role give USER ROLE          gives a user a role
  role take USER ROLE          takes it back
  role grant ROLE PRIVILEGE    grants a privilege, a privilege group or * on --database and --collection
  role revoke ROLE PRIVILEGE   revokes it
  role grant-rows ROLE         lets it copy the rows of --collection that --partition and --filter say, and push such with --write
  role revoke-rows ROLE        takes that back
  key list [USER]              API keys, without their secrets
  key add USER                 makes an API key and prints it, once
  key revoke ID                ends it

  --data DIR             where the databases are
  --password-file FILE   the password is the first line of it; - or nothing: of stdin
  --database NAME        of a grant, or * (default default)
  --collection NAME      of a grant, or * (default *)
  --partition NAME       of rows, may be repeated (default: of any)
  --filter TEXT          of rows; {user} in it is the name of who reads (default: any)
  --write                such rows may be pushed, too
  --expires DAYS         after which an API key ends (default: never)
  --description TEXT     of a user, a role or an API key
  --force                removes a role with its grants
  --json                 print one JSON object
  --help                 this text

Examples:
  elanus user passwd root --data ./data < new-password
  elanus user add ada --data ./data --password-file ada.secret
  elanus user role add reader --data ./data
  elanus user role grant reader CollectionReadOnly --collection books --data ./data
  elanus user role give ada reader --data ./data
  elanus user role grant-rows reader --collection notes --filter 'owner == {user}' --data ./data
  elanus user key add ada --expires 90 --data ./data
`;

const FLAGS = {
  data: { type: 'string' },
  'password-file': { type: 'string' },
  database: { type: 'string', default: 'default' },
  collection: { type: 'string', default: '*' },
  partition: { type: 'string', multiple: true },
  filter: { type: 'string' },
  write: { type: 'boolean', default: false },
  expires: { type: 'string' },
  description: { type: 'string' },
  force: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const WORDS_MAX = 4;
const PASSWORD_FILE_BYTES_MAX = 4_096;
const GROUPS = ['role', 'key'];

export const user: Command = { help: HELP, flags: FLAGS, run };

async function run(words: readonly string[]): Promise<number> {
  const { values: flags, others } = parseWords(words, FLAGS, WORDS_MAX);
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const [first = '', second = ''] = others;
  const name = GROUPS.includes(first) ? `${first} ${second}` : first;
  const verb = Object.hasOwn(USER_VERBS, name) ? USER_VERBS[name] : undefined;
  if (verb === undefined) throw new UsageError(first === '' ? 'a verb is missing' : `unknown verb "${name.trim()}"`);
  const operands = others.slice(name.split(' ').length);
  const wanted = verb.operands.filter((operand) => !operand.startsWith('['));
  if (operands.length < wanted.length || operands.length > verb.operands.length) throw new UsageError(`${name}: expected ${verb.operands.join(' ') || 'no more words'}, found ${operands.length === 0 ? 'none' : operands.join(' ')}`);
  if (flags.data === undefined || flags.data === '') throw new UsageError('--data DIR is missing: where the databases are');
  if (!(await stat(flags.data).catch(() => undefined))?.isDirectory()) throw new UsageError(`--data: no such directory: ${flags.data}`);
  const log = createLog('text', (line) => process.stderr.write(line), 'warn');
  const access = await openAccessIn(flags.data, nodeAmbient(log), { audit: verb.changes });
  try {
    const told = await audited(access, `user ${name}`, operands, verb.changes, () => verb.run(access, operands, { ...flagsOf(flags), password: () => readPassword(flags['password-file']) }));
    process.stdout.write(flags.json ? `${toJson(told.json, false)}\n` : textOf(told));
    return 0;
  } finally {
    await access.close();
  }
}

function flagsOf(flags: { readonly database: string; readonly collection: string; readonly partition?: readonly string[] | undefined; readonly filter?: string | undefined; readonly write: boolean; readonly expires?: string | undefined; readonly description?: string | undefined; readonly force: boolean }): Omit<UserFlags, 'password'> {
  const { database, collection, partition, filter, write, expires, description, force } = flags;
  if (expires !== undefined && !/^[1-9]\d{0,4}$/.test(expires)) throw new UsageError(`--expires: expected days, 1 to 99999, found "${expires}"`);
  const rows = { write, ...(partition === undefined ? {} : { partitions: partition }), ...(filter === undefined ? {} : { filter }) };
  return { database, collection, rows, force, ...(expires === undefined ? {} : { expiresDays: Number(expires) }), ...(description === undefined ? {} : { description }) };
}

/** Who changed what by the command line, without its flags. */
async function audited(access: Access, verb: string, names: readonly string[], changes: boolean, work: () => Promise<Told>): Promise<Told> {
  const record = (outcome: 'done' | 'failed'): void => access.audit.record({ user: `os:${userInfo().username}`, from: 'command line', verb, names, outcome });
  try {
    const told = await work();
    if (changes) record('done');
    return told;
  } catch (error) {
    if (changes) record('failed');
    throw error;
  }
}

function textOf({ rows, text }: Told): string {
  return rows === undefined ? `${text ?? ''}\n` : table(rows);
}

/** Errors: `UsageError`. */
async function readPassword(file: string | undefined): Promise<string> {
  const fromStdin = file === undefined || file === '-';
  if (fromStdin && process.stdin.isTTY) throw new UsageError('expected --password-file FILE, or the password on stdin');
  const content = fromStdin ? await stdinText() : await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`--password-file: ${error instanceof Error ? error.message : String(error)}`);
  });
  const [line = ''] = content.slice(0, PASSWORD_FILE_BYTES_MAX).split(/\r?\n/);
  return line;
}

async function stdinText(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.length > PASSWORD_FILE_BYTES_MAX) break;
  }
  return text;
}
