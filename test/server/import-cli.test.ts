// elanus import and elanus export as their users meet them: child processes, files, pipes, exit codes.

import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Progress } from '../../src/cli/progress.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'elanus-import-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function elanus(words: readonly string[], stdin = ''): Promise<Ended> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...words], { cwd: ROOT, stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  // A command that refuses its words ends before it reads.
  child.stdin.on('error', (error: NodeJS.ErrnoException) => expect(error.code).toBe('EPIPE'));
  child.stdin.end(stdin);
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

const at = (name: string): string => join(folder, name);
const on = (collection: string): readonly string[] => ['--data', at('data'), '--collection', collection];
const LINES = '{"id":1,"vector":[1,0.5],"title":"a \\"b\\"","n":9007199254740993}\n{"id":2,"vector":[3,4],"title":"","n":1}\n';

describe('elanus import and export', () => {
  test('open an encrypted database by the key in a file, in bytes or digits, and by no other', async () => {
    writeFileSync(at('key'), Buffer.alloc(32, 0xa5));
    writeFileSync(at('key.hex'), `${'a5'.repeat(32)}\n`);
    writeFileSync(at('short'), 'a5');
    const there = ['--data', at('sealed'), '--collection', 'books'];
    expect(await elanus(['import', '-', '--format', 'jsonl', '--create', '--key-file', at('key'), ...there], LINES)).toMatchObject({ code: 0 });
    expect((await elanus(['export', '-', '--format', 'jsonl', '--key-file', at('key.hex'), ...there])).stdout.split('\n')).toHaveLength(3);
    expect(await elanus(['export', '-', '--format', 'jsonl', ...there])).toMatchObject({ code: 1, stderr: expect.stringContaining('encrypted') as string });
    expect(await elanus(['export', '-', '--format', 'jsonl', '--key-file', at('short'), ...there])).toMatchObject({ code: 2, stderr: expect.stringContaining('expected 32 bytes or 64 hexadecimal digits, found 2 bytes') as string });
  }, 120_000);

  test('take stdin into a new collection and give it back in every format', async () => {
    expect(await elanus(['import', '-', '--format', 'jsonl', '--create', '--metric', 'L2', ...on('books')], LINES)).toMatchObject({ code: 0, stdout: '', stderr: '2 rows imported into "books", 0 skipped\n' });
    expect(await elanus(['export', '-', '--format', 'jsonl', ...on('books')])).toMatchObject({ code: 0, stdout: LINES.replace(/"vector":(\[.*?\]),"title":("(?:\\.|[^"])*"),"n":(\d+)/g, '"vector":$1,"title":$2,"n":$3'), stderr: '2 rows exported to stdout\n' });
    for (const file of ['rows.parquet', 'rows.csv', 'rows.npy']) {
      expect(await elanus(['export', at(file), ...on('books')])).toMatchObject({ code: 0, stdout: '' });
      const rest = file === 'rows.npy' ? ['--rest', at('rows.npy.jsonl')] : [];
      const again = `again_${file.slice(5)}`;
      // No types are in npy: into a collection that is there.
      const target = file === 'rows.npy' ? 'books' : again;
      expect(await elanus(['import', at(file), '--create', '--metric', 'L2', ...rest, ...on(target)])).toMatchObject({ code: 0 });
      const { stdout } = await elanus(['export', '-', '--format', 'jsonl', '--fields', 'title,n,vector', ...on(target)]);
      expect(stdout.split('\n').filter(Boolean).map((line) => (JSON.parse(line) as { readonly title: string }).title)).toEqual(['a "b"', '']);
    }
    expect(readFileSync(at('rows.npy.jsonl'), 'utf8')).toBe('{"id":1,"title":"a \\"b\\"","n":9007199254740993}\n{"id":2,"title":"","n":1}\n');
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
    expect(await elanus(['export', at('rows.csv'), ...on('books')])).toMatchObject({ code: 1, stderr: expect.stringContaining('--force replaces it') });
  }, 120_000);

  test('go into a partition, and come from one', async () => {
    const into = ['import', '-', '--format', 'jsonl', '--partition', 'p', ...on('parted')];
    expect(await elanus([...into, '--create'], LINES)).toMatchObject({ code: 0 });
    expect((await elanus(['export', '-', '--format', 'jsonl', '--fields', 'id', '--partition', 'p', ...on('parted')])).stdout).toBe('{"id":1}\n{"id":2}\n');
    expect(await elanus(['export', '-', '--format', 'jsonl', '--partition', 'p,none', ...on('parted')])).toMatchObject({ code: 1, stderr: expect.stringContaining('partition not found[partition=none]') as string });
    expect(await elanus([...into, '--partition', 'q'], LINES)).toMatchObject({ code: 1, stderr: expect.stringContaining('no partition "q" of collection "parted": --create makes one') as string });
  }, 120_000);

  test('say which line is wrong, what is in, and skip it if told', async () => {
    const lines = `${LINES}{"id":3}\n`;
    expect(await elanus(['import', '-', '--format', 'jsonl', '--create', ...on('wrong')], lines)).toMatchObject({ code: 1, stderr: expect.stringMatching(/^elanus: no column holds vectors/) });
    const skipping = await elanus(['import', '-', '--format', 'jsonl', '--on-error', 'skip', ...on('books')], lines);
    expect(skipping).toMatchObject({ code: 0, stderr: expect.stringMatching(/^skipped: stdin: line 3 \(byte \d+\): field "vector": missing\n2 rows imported into "books", 1 skipped\n$/) });
    expect(await elanus(['import', '-', '--check', '--format', 'jsonl', '--on-error', 'skip', ...on('books')], lines)).toMatchObject({ code: 0, stderr: expect.stringMatching(/2 rows fit "books", 1 skipped\n$/) });
    expect(await elanus(['import', '-', '--format', 'jsonl', ...on('books')], lines)).toMatchObject({ code: 1, stderr: expect.stringMatching(/^elanus: stdin: line 3 \(byte \d+\): field "vector": missing; 2 rows are in\n$/) });
  }, 60_000);

  test('read an archive; one that is damaged keeps the rows before, and says where', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `{"id":${i},"vector":[${i},${i / 7}]}\n`).join('');
    const archive = gzipSync(lines);
    writeFileSync(at('rows.jsonl.gz'), archive);
    writeFileSync(at('cut.jsonl.gz'), archive.subarray(0, archive.length - 1000));
    expect(await elanus(['import', at('rows.jsonl.gz'), '--create', '--metric', 'L2', ...on('zipped')])).toMatchObject({ code: 0, stderr: '20000 rows imported into "zipped", 0 skipped\n' });
    const cut = await elanus(['import', at('cut.jsonl.gz'), '--create', '--metric', 'L2', ...on('cut')]);
    expect(cut).toMatchObject({ code: 1, stderr: expect.stringMatching(/^elanus: cut\.jsonl\.gz: byte \d+: unexpected end of file; \d{4,5} rows are in\n$/) });
  }, 60_000);

  test('show the schema that they would choose, and do nothing', async () => {
    writeFileSync(at('dry.jsonl.gz'), gzipSync(LINES));
    const { code, stdout } = await elanus(['import', at('dry.jsonl.gz'), '--dry-run', '--collection', 'dry']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ name: 'dry', fields: [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'vector', dim: 2, metric: 'COSINE' }, { name: 'title', type: 'VarChar' }, { name: 'n', type: 'Int64' }] });
  }, 60_000);

  test.each<[readonly string[], number, RegExp]>([
    [['import'], 2, /FILE is missing/],
    [['import', 'a.jsonl', 'b.jsonl'], 2, /one word too many: "b.jsonl"/],
    [['import', 'a.xml', '--data', 'd', '--collection', 'c'], 2, /--format is missing/],
    [['import', 'a.jsonl', '--collection', 'c'], 2, /--data DIR is missing/],
    [['import', 'nowhere.jsonl', '--dry-run', '--collection', 'c'], 1, /ENOENT/],
    [['export', 'a.arrow', '--collection', 'c'], 2, /--format is missing/],
    [['export', 'a.csv', '--collection', 'c', '--order', 'x'], 2, /--order: expected key, stored/],
    [['import', '--help'], 0, /^$/],
  ])('%j ends with %i', async (words, code, message) => {
    const ended = await elanus(words);
    expect(ended.code).toBe(code);
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr).not.toContain('    at ');
  }, 60_000);
});

describe('progress', () => {
  const shown = (isTTY: boolean): string => {
    let written = '';
    let now = 0;
    const progress = new Progress({ isTTY, write: (text) => (written += text) }, () => now);
    for (const rows of [0, 50, 100]) {
      now += 3000;
      progress.show(rows / 100, `${rows} rows`);
    }
    progress.end('done');
    return written;
  };
  test('is a bar on a terminal, drawn over and taken away', () => {
    expect(shown(true)).toBe(`\r\x1b[K[${'.'.repeat(30)}] 0 % 0 rows\r\x1b[K[${'#'.repeat(15)}${'.'.repeat(15)}] 50 % 50 rows\r\x1b[K[${'#'.repeat(30)}] 100 % 100 rows\r\x1b[Kdone\n`);
  });
  test('is a line now and then elsewhere', () => {
    expect(shown(false)).toBe('50 % 50 rows\ndone\n');
  });
});
