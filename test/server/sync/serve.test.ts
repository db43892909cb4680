// `elanus serve --auth` as it runs: users and rows by the command line, a copy over HTTP, and a server whose data were put back
// from a backup, which tells its copies so.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { open } from '../../../src/presets/node.js';
import { basic } from '../access/support.js';
import { FIELDS, ids, row } from './support.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
let folder: string;
let data: string;
let running: { readonly child: ChildProcess; readonly exit: Promise<unknown> } | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'elanus-rows-'));
  data = join(folder, 'data');
});
afterEach(async () => {
  running?.child.kill('SIGKILL');
  await running?.exit;
  await rm(folder, { recursive: true });
});

function elanus(...words: readonly string[]): { readonly child: ChildProcess; readonly exit: Promise<unknown>; readonly line: Promise<string> } {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...words], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  let errors = '';
  child.stderr.on('data', (some: Buffer) => (errors += some.toString()));
  const exit = new Promise((resolve) => child.on('close', resolve));
  const line = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (some: Buffer) => (text += some.toString()).includes('\n') && resolve(text.trim()));
    void exit.then(() => reject(new Error(`${words.join(' ')}: ${errors}`)));
  });
  line.catch(() => undefined);
  return { child, exit, line };
}

async function run(...words: readonly string[]): Promise<void> {
  const { exit, line } = elanus(...words);
  if ((await exit) !== 0) await line;
}

async function serve(): Promise<string> {
  const server = elanus('serve', '--data', data, '--port', '0', '--auth');
  running = server;
  return server.line;
}

async function stop(): Promise<void> {
  running?.child.kill('SIGTERM');
  await running?.exit;
}

async function write(...rows: readonly object[]): Promise<void> {
  const database = await open('default', { directory: data, core: 'wasm' });
  if (!(await database.hasCollection('notes'))) await database.createCollection({ name: 'notes', fields: FIELDS, properties: { 'sync.push': true } });
  const notes = await database.collection('notes');
  await notes.upsert(rows as never);
  await notes.flush();
  await database.close();
}

test('a copy of granted rows follows its server, also to data that were put back, and loses no own write that was not confirmed', async () => {
  await write(row(0), row(1));
  await writeFile(join(folder, 'password'), 'secret-of-ann\n');
  for (const words of [['add', 'ann', '--password-file', join(folder, 'password')], ['role', 'add', 'tenants'], ['role', 'give', 'ann', 'tenants'], ['role', 'grant-rows', 'tenants', '--collection', 'notes', '--filter', 'tenant == {user}', '--write']]) await run('user', ...words, '--data', data);
  const first = await serve();
  await stop();
  await run('backup', '--data', data, '--to', join(folder, 'backups'));
  await write(row(3), row(4));
  const url = await serve();
  expect(first).toMatch(/^http:/);
  const db = await open('client', { storage: 'memory', core: 'wasm' });
  const options = { collections: ['notes'], headers: { authorization: basic('ann') } };
  await db.sync({ ...options, url });
  expect(await ids(db)).toEqual([0, 3]);
  await (await db.collection('notes')).upsert([row(6)] as never);
  await stop();

  await rename(join(data, 'default'), join(folder, 'lost'));
  await rename(join(data, 'server-state'), join(folder, 'lost-state'));
  await run('restore', '--from', join(folder, 'backups'), '--data', data);
  const port = new URL(url).port;
  const server = elanus('serve', '--data', data, '--port', port, '--auth');
  running = server;
  await server.line;
  await db.sync({ ...options, url });
  expect(await ids(db)).toEqual([0, 6]);
  await db.close();
}, 120_000);
