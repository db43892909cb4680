// The commands that work on a data directory or on a server: what they print, and their exit codes.

import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { COMMANDS, loadCommands } from '../../src/cli/commands.js';
import type { DescribedCommand } from '../../src/cli/command.js';
import { completionFor } from '../../src/cli/completion.js';
import { open } from '../../src/presets/node.js';
import { startServer, type RunningServer } from '../../src/server/index.js';

let root: string;
let data: string;
let url: string;
let server: RunningServer;
let served: Awaited<ReturnType<typeof open>>;

const BIG = 9_007_199_254_740_993n;

async function fill(directory: string): Promise<Awaited<ReturnType<typeof open>>> {
  const database = await open('default', { directory, core: 'wasm' });
  const books = await database.createCollection({
    name: 'books',
    fields: [
      { name: 'id', type: 'Int64', primaryKey: true }, { name: 'title', type: 'VarChar', maxLength: 60, enableAnalyzer: true },
      { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' }, { name: 'words', type: 'SparseFloatVector' },
    ],
    functions: [{ name: 'bm25', type: 'BM25', inputFieldNames: ['title'], outputFieldNames: ['words'] }],
  });
  await books.insert([{ id: BIG, title: 'the kite hovers', v: [0, 0] }, { id: 2, title: 'a small raptor', v: [1, 0] }, { id: 3, title: 'stones', v: [5, 5] }]);
  await books.flush();
  await books.delete({ ids: [3] });
  return database;
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'elanus-commands-'));
  data = join(root, 'data');
  await (await fill(data)).close();
  served = await fill(join(root, 'served'));
  server = await startServer({ host: '127.0.0.1', port: 0, log: () => {}, database: served, dataDirectory: join(root, 'served'), backupDirectory: join(root, 'served-backups') });
  url = server.url;
});
afterAll(async () => {
  await server.close();
  await served.close();
  await rm(root, { recursive: true });
});

let printed = '';
beforeEach(() => {
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((printed += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
});
afterEach(() => void vi.restoreAllMocks());

async function run(name: string, ...words: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  printed = '';
  const code = await (await (COMMANDS[name] as (typeof COMMANDS)[string]).load()).run(words);
  return { code, text: printed };
}

const places = (): readonly (readonly string[])[] => [['--data', data], ['--url', url]];

test('the folder of a database that a program opened by another name is one to work on', async () => {
  const own = await open('library', { directory: join(root, 'programs'), core: 'wasm' });
  await (await own.createCollection({ name: 'mine', dimension: 2 })).insert([{ id: 1, vector: [0, 1] }]);
  await own.close();
  const { code, text } = await run('stats', '--data', join(root, 'programs', 'library'), '--json');
  expect([code, JSON.parse(text)]).toMatchObject([0, { stats: { collections: [{ name: 'mine', rows: { live: 1 } }] } }]);
  expect(await readdir(join(root, 'programs', 'library'))).not.toContain('default');
  expect(JSON.parse((await run('stats', '--data', data, '--json')).text)).toMatchObject({ stats: { collections: [{ name: 'books' }] } });
});

describe('elanus search', () => {
  test('finds by vector, by text and by a row, in a directory as on a server, with every digit of a key', async () => {
    for (const place of places()) {
      const nearest = await run('search', 'books', '--vector', '[0.1, 0]', '--field', 'v', '--limit', '2', '--output', 'title', '--json', ...place);
      expect(nearest.code).toBe(0);
      expect(nearest.text).toContain(`"id":${BIG}`);
      const { hits } = JSON.parse(nearest.text) as { readonly hits: readonly { readonly score: number; readonly fields: object }[] };
      expect(hits.map(({ fields }) => fields)).toEqual([{ title: 'the kite hovers' }, { title: 'a small raptor' }]);
      expect((await run('search', 'books', '--text', 'raptor', '--field', 'words', '--output', 'title', ...place)).text).toMatch(/^score\s+id\s+title\n\S+\s+2\s+a small raptor\n$/);
      expect((await run('search', 'books', '--id', '2', '--field', 'v', '--filter', 'id != 2', '--limit', '1', ...place)).text).toContain(String(BIG));
    }
  });

  test.each([
    [[], 'COLLECTION'],
    [['books'], '--vector, --text and --id'],
    [['books', '--vector', '[1]', '--text', 'a'], '--vector, --text and --id'],
    [['books', '--vector', 'x'], '--vector'],
    [['books', '--text', 'a', '--limit', '0'], '--limit'],
    [['books', '--text', 'a', '--data', 'd', '--url', 'http://a'], '--data and --url'],
    [['books', '--text', 'a'], '--data DIR or --url URL'],
    [['books', '--text', 'a', '--url', 'localhost:1'], 'an address like'],
    [['books', '--text', 'a', '--url', 'http://me:secret@localhost'], '--token'],
  ])('refuses %j', async (words, named) => {
    await expect(run('search', ...words)).rejects.toMatchObject({ name: 'UsageError', message: expect.stringContaining(named) as string });
  });

  test('tells what a server refuses, with its code, and that none answers', async () => {
    await expect(run('search', 'absent', '--text', 'a', '--url', url)).rejects.toThrow(/absent.*\(code 100\)/);
    await expect(run('search', 'books', '--text', 'a', '--url', 'http://127.0.0.1:1')).rejects.toThrow('does not answer');
  });
});

describe('elanus stats', () => {
  test('tells rows, segments and storage of a directory and of a server', async () => {
    for (const place of places()) {
      const { text, code } = await run('stats', ...place);
      expect(code).toBe(0);
      expect(text).toMatch(/^collection\s+rows\s+deleted/);
      expect(text).toMatch(/\nbooks\s+2\s+1\s+0\s+1\s/);
      expect(text).toContain('storage  fs');
      expect(JSON.parse((await run('stats', '--json', ...place)).text)).toMatchObject({ stats: { collections: [{ name: 'books', rows: { live: 2 } }] }, health: { storage: 'fs' } });
    }
  });
});

test('elanus compact merges what is there, in a directory and on a server', async () => {
  const copy = join(root, 'compacted');
  await cp(data, copy, { recursive: true });
  expect((await run('compact', '--data', copy)).text).toMatch(/books\s+1 -> 1\s+1\n/);
  expect(JSON.parse((await run('compact', 'books', '--json', '--data', copy)).text)).toMatchObject({ compacted: [{ collection: 'books', result: { segmentsAfter: 1, rowsDropped: 0 } }] });
  expect((await run('compact', '--url', url)).text).toMatch(/books\s+merged\n/);
});

test('elanus bench tells searches a second and their recall, of a directory and of a server', async () => {
  for (const place of places()) {
    const measured = JSON.parse((await run('bench', 'books', '--seconds', '0.1', '--clients', '2', '--limit', '1', '--json', ...place)).text) as Record<string, number>;
    expect(measured).toMatchObject({ recall: 1, clients: 2, queries: 2 });
    expect(measured['searches']).toBeGreaterThan(0);
  }
  await expect(run('bench', 'books', '--clients', '0', '--data', data)).rejects.toMatchObject({ name: 'UsageError' });
});

test('elanus import tells what it did as JSON if asked', async () => {
  const file = join(root, 'rows.jsonl');
  await writeFile(file, '{"id":1,"vector":[1,0.5]}\n{"id":"two","vector":[3,4]}\n');
  const first = join(root, 'first.jsonl');
  await writeFile(first, '{"id":9,"vector":[1,0.5]}\n');
  expect((await run('import', first, '--data', join(root, 'imported'), '--collection', 'a', '--create')).text).toBe('');
  const { text, code } = await run('import', file, '--data', join(root, 'imported'), '--collection', 'a', '--on-error', 'skip', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(text)).toMatchObject({ rows: 1, skipped: 1, refusals: [expect.stringContaining('two')] });
});

describe('elanus verify', () => {
  test('finds a directory whole, then names the very file of which a byte is flipped, with exit code 1', async () => {
    const copy = join(root, 'flipped');
    await cp(data, copy, { recursive: true });
    expect(await run('verify', '--data', copy)).toMatchObject({ code: 0, text: expect.stringMatching(/^\d+ files, .*: all whole\n$/) as string });
    const [collection = ''] = (await readdir(join(copy, 'default'))).filter((name) => /^c[0-9a-f]{16}$/.test(name));
    const [rows = ''] = (await readdir(join(copy, 'default', collection))).filter((name) => name.endsWith('.parquet'));
    const path = join(copy, 'default', collection, rows);
    const bytes = await readFile(path);
    bytes[40] = (bytes[40] as number) ^ 1;
    await writeFile(path, bytes);
    const found = await run('verify', '--data', copy, '--json');
    expect(found.code).toBe(1);
    expect(JSON.parse(found.text)).toMatchObject({ bad: [{ file: `default/${collection}/${rows}`, state: 'damaged' }] });
  });

  test('refuses what is no data directory, and one that a server has open', async () => {
    await expect(run('verify', '--data', join(root, 'absent'))).rejects.toThrow('--data');
    await expect(run('verify', '--data', root)).rejects.toThrow('no database');
    await expect(run('verify', '--data', join(root, 'served'))).rejects.toMatchObject({ code: 'Busy' });
    await expect(run('verify')).rejects.toMatchObject({ name: 'UsageError' });
  });
});

describe('elanus backup and restore', () => {
  test('take a directory there and back, tell what there is, keep as many as are asked for, and overwrite nothing', async () => {
    const [backups, restored] = [join(root, 'backups'), join(root, 'restored')];
    const made = JSON.parse((await run('backup', '--data', data, '--to', backups, '--json')).text) as { readonly id: string };
    expect(made).toMatchObject({ collections: 1, rows: 2 });
    expect((await run('backup', '--list', '--to', backups)).text).toBe(`${made.id}\n`);
    expect(await run('verify', '--backups', backups)).toMatchObject({ code: 0 });
    expect((await run('restore', '--from', backups, '--data', restored)).text).toContain('1 collections, 2 rows');
    expect((await run('search', 'books', '--vector', '[0, 0]', '--field', 'v', '--limit', '1', '--data', restored)).text).toContain(String(BIG));
    expect(await run('verify', '--data', restored)).toMatchObject({ code: 0 });
    await expect(run('restore', '--from', backups, '--data', restored)).rejects.toMatchObject({ code: 'AlreadyExists' });
    const second = JSON.parse((await run('backup', '--data', data, '--to', backups, '--keep', '1', '--json')).text) as { readonly id: string; readonly newBytes: number; readonly bytes: number };
    expect(second.newBytes).toBeLessThan(second.bytes);
    expect((await run('backup', '--list', '--to', backups)).text).toBe(`${second.id}\n`);
    expect(await run('verify', '--backups', backups)).toMatchObject({ code: 0 });
  });

  test('of a running server goes into its own folder, one at a time, and is refused without one', async () => {
    const { id } = JSON.parse((await run('backup', '--url', url, '--json')).text) as { readonly id: string };
    expect((await run('backup', '--list', '--url', url)).text).toBe(`${id}\n`);
    expect((await run('restore', '--from', join(root, 'served-backups'), '--data', join(root, 'from-server'))).text).toContain('2 rows');
    await expect(run('backup', '--url', url, '--to', root)).rejects.toMatchObject({ name: 'UsageError' });
    const both = await Promise.allSettled([0, 1].map(() => fetch(`${url}/admin/backup`, { method: 'POST', body: '{}' }).then(async (answer) => (await answer.json() as { readonly code: number }).code)));
    expect(both.map((result) => (result.status === 'fulfilled' ? result.value : -1)).sort((a, b) => a - b)).toEqual([0, 2]);
    const other = await startServer({ host: '127.0.0.1', port: 0, log: () => {}, database: served });
    await expect(run('backup', '--url', other.url)).rejects.toThrow('--backup-dir');
    await other.close();
  });
});

describe('the commands', () => {
  test.each(Object.keys(COMMANDS))('%s has a help with examples that names every flag', async (name) => {
    const { help, flags, summary } = (await loadCommands())[name] as DescribedCommand;
    expect(help).toMatch(/^Usage: elanus /);
    expect(help).toContain('Example');
    expect(summary).not.toBe('');
    for (const flag of Object.keys(flags).filter((one) => one !== 'help')) expect(help, flag).toMatch(new RegExp(`--${flag}\\b`));
    expect((await run(name, '--help')).text).toBe(help);
  });
});

describe('completion', () => {
  let commands: Awaited<ReturnType<typeof loadCommands>>;
  beforeAll(async () => void (commands = await loadCommands()));

  const offered = (...words: readonly string[]): readonly string[] => {
    const program = `${completionFor('bash', commands)}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _elanus; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-c', program], { encoding: 'utf8', cwd: root });
    expect([status, stderr]).toEqual([0, '']);
    return stdout.trim().split('\n').filter((line) => line !== '');
  };

  test('in bash offers commands, flags of the command, values of the flag, and files', () => {
    expect(offered('elanus', '')).toEqual(expect.arrayContaining([...Object.keys(COMMANDS), '--help', '--version']));
    expect(offered('elanus', 'ver')).toEqual(['verify']);
    expect(offered('elanus', 'serve', '--tls')).toEqual(['--tls-cert', '--tls-key', '--tls-client-ca']);
    expect(offered('elanus', 'stats', '--t')).toEqual(['--token']);
    expect(offered('elanus', 'serve', '--core', '')).toEqual(['native', 'wasm']);
    expect(offered('elanus', 'serve', '--log-level', 'w')).toEqual(['warn']);
    expect(offered('elanus', 'completion', '')).toEqual(['bash', 'zsh', 'fish']);
    expect(offered('elanus', 'restore', '--from', 'serv')).toContain('served');
    expect(offered('elanus', 'nonsense', '--x')).toEqual([]);
  });

  test('of every shell names every command and every flag', async () => {
    for (const shell of ['bash', 'zsh', 'fish'] as const) {
      const { text } = await run('completion', shell);
      for (const [name, { flags }] of Object.entries(commands)) {
        expect(text, `${shell} ${name}`).toContain(name);
        for (const flag of Object.keys(flags)) expect(text, `${shell} ${name} ${flag}`).toContain(shell === 'fish' ? `-l ${flag}` : `--${flag}`);
      }
    }
    await expect(run('completion', 'csh')).rejects.toMatchObject({ name: 'UsageError' });
  });
});
