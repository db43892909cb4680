// The command line as its users meet it: a child process, its output, its exit code.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { publish as publishCommand } from '../../src/cli/publish.js';
import { serve as serveCommand } from '../../src/cli/serve.js';
import { decodePublication } from '../../src/format/publication.js';
import { open } from '../../src/presets/node.js';
import { serveLocally } from '../support/local-server.js';
import { bucket, secret, startS3Server } from '../support/s3-server.js';
import { postText } from './support.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Running {
  readonly child: ChildProcess;
  stdout: string;
  stderr: string;
  readonly exit: Promise<number | null>;
}

let directory: string;
let started: Running[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'elanus-cli-'));
  started = [];
});

afterEach(async () => {
  for (const { child, exit } of started) {
    child.kill('SIGKILL');
    await exit;
  }
  await rm(directory, { recursive: true });
});

function elanus(...words: readonly string[]): Running {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...words], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const running: Running = { child, stdout: '', stderr: '', exit: new Promise((resolve) => child.on('close', resolve)) };
  child.stdout?.on('data', (text: Buffer) => (running.stdout += text.toString()));
  child.stderr?.on('data', (text: Buffer) => (running.stderr += text.toString()));
  started.push(running);
  return running;
}

const serve = (...words: readonly string[]) => elanus('serve', '--data', join(directory, 'data'), '--port', '0', ...words);

/** The URL that it prints once it is ready. */
async function urlOf(running: Running): Promise<string> {
  const line = new Promise<string>((resolve) => {
    running.child.stdout?.on('data', () => running.stdout.includes('\n') && resolve(running.stdout));
  });
  const ended = running.exit.then((code) => Promise.reject(new Error(`ended with ${code}: ${running.stderr}`)));
  return (await Promise.race([line, ended])).trim();
}

async function post(url: string, path: string, body: string): Promise<unknown> {
  return (await postText(url, path, body)).json();
}

describe('elanus serve', () => {
  test('keeps what was inserted over SIGTERM and a new start', async () => {
    const first = serve();
    const url = await urlOf(first);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ status: 'ok', database: { storage: 'fs', durable: true } });
    await post(url, 'collections/create', '{"collectionName":"a","dimension":2}');
    expect(await post(url, 'entities/insert', '{"collectionName":"a","data":[{"id":1,"vector":[0,1]},{"id":2,"vector":[1,0]}]}')).toMatchObject({ code: 0 });
    first.child.kill('SIGTERM');
    expect(await first.exit).toBe(0);

    const second = serve();
    const again = await urlOf(second);
    expect(await post(again, 'entities/search', '{"collectionName":"a","data":[[1,0]],"limit":1}')).toMatchObject({ code: 0, data: [{ id: 2, distance: 1 }], topks: [1] });
    second.child.kill('SIGINT');
    expect(await second.exit).toBe(0);
  });

  test('computes with the core that it is told, and logs one JSON object a line', async () => {
    const running = serve('--core', 'wasm', '--log-format', 'json');
    const url = await urlOf(running);
    running.child.kill('SIGTERM');
    expect(await running.exit).toBe(0);
    const events = running.stderr.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events).toMatchObject([
      { level: 'info', message: 'listening', url },
      { level: 'info', message: 'ready', url, core: 'wasm', kernels: expect.stringMatching(/^(simd128|relaxed)$/) as string },
      { level: 'info', message: 'stopping', signal: 'SIGTERM' },
      { level: 'info', message: 'stopped' },
    ]);
  });

  test('says so if the port is in use, and if the data is', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? String(address.port) : '';
    const refused = elanus('serve', '--data', join(directory, 'data'), '--port', port);
    expect(await refused.exit).toBe(1);
    expect(refused.stderr).toBe(`error: port ${port} of 127.0.0.1 is in use: stop what listens there, or choose another with --port\n`);
    await new Promise((resolve) => other.close(resolve));

    await urlOf(serve());
    const locked = serve('--log-format', 'json');
    expect(await locked.exit).toBe(1);
    expect(JSON.parse(locked.stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({ level: 'error', message: expect.stringContaining('pid') as string });
  });
});

describe('the command line', () => {
  test.each([
    [['serve', '--help'], 'Examples:'],
    [['--version'], '0.'],
  ])('%j is answered on stdout with exit code 0', async (words, text) => {
    const running = elanus(...words);
    expect(await running.exit).toBe(0);
    expect(running.stdout).toContain(text);
    expect(running.stderr).toBe('');
  });

  test.each([
    [['sevre'], '"sevre"'],
    [['serve', '--data', 'd', '--prot', '1'], '--prot'],
  ])('%j is refused with exit code 2 and no stack', async (words, named) => {
    const running = elanus(...words);
    expect(await running.exit).toBe(2);
    expect(running.stderr).toContain(named);
    expect(running.stderr).not.toContain('    at ');
    expect(running.stdout).toBe('');
  });

  test.each([
    [['--data', 'd', 'more'], 'more'],
    [[], '--data'],
    [['--data', 'd', '--port', '65536'], '65536'],
    [['--data', 'd', '--core', 'gpu'], 'gpu'],
    [['--data', 'd', '--cors', 'https://a.example/path'], 'https://a.example/path'],
    [['--data', 'd', '--demo', './no-such-directory'], './no-such-directory'],
  ])('serve %j is wrong usage', async (words, named) => {
    await expect(serveCommand.run(words)).rejects.toMatchObject({ name: 'UsageError', message: expect.stringContaining(named) as string });
  });
});

describe('elanus publish', () => {
  test('seals what was only logged and makes the folder readable over plain HTTP; a running server is in its way', async () => {
    const data = join(directory, 'data');
    const running = serve();
    const url = await urlOf(running);
    await post(url, 'collections/create', '{"collectionName":"things","dimension":2,"metricType":"L2"}');
    await post(url, 'entities/insert', '{"collectionName":"things","data":[{"id":1,"vector":[1,2]},{"id":2,"vector":[5,6]}]}');
    const refused = elanus('publish', '--data', data);
    expect(await refused.exit).toBe(1);
    expect(refused.stderr).toContain('pid');
    running.child.kill('SIGTERM');
    await running.exit;
    const published = elanus('publish', '--data', data);
    expect(await published.exit, published.stderr).toBe(0);
    expect(published.stdout).toMatch(/default: \d+ files, \d+ bytes\n$/);
    const files = await serveLocally(async (request, response) => {
      const bytes = await readFile(join(data, request.url ?? '')).catch(() => undefined);
      response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
    });
    const database = await open('things', { storage: { kind: 'http', url: `${files.url}/default` } });
    const { hits } = await (await database.collection('things')).search({ data: [5, 5], limit: 1 });
    expect(hits.map(({ id }) => id)).toEqual([2n]);
    expect(await database.health()).toMatchObject({ storage: 'http' });
    await database.close();
    await files.close();
  });

  test('puts what relays need into a bucket, signed by the key of the server, and the next time what is new alone', async () => {
    const data = join(directory, 'data');
    const running = serve();
    const url = await urlOf(running);
    for (const name of ['things', 'others']) {
      await post(url, 'collections/create', `{"collectionName":"${name}","dimension":2,"metricType":"L2"}`);
      await post(url, 'entities/insert', `{"collectionName":"${name}","data":[{"id":1,"vector":[1,2]}]}`);
    }
    const signedBy = (await fetch(`${url}/v1/collections/things/head`)).headers.get('elanus-public-key');
    running.child.kill('SIGTERM');
    await running.exit;
    const s3 = await startS3Server();
    const before = { ...process.env };
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: secret.accessKeyId, AWS_SECRET_ACCESS_KEY: secret.secretAccessKey });
    try {
      const publish = async (...words: readonly string[]): Promise<string> => {
        const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
        try {
          expect(await publishCommand.run(['--data', data, '--to', `s3://${bucket}/library/default/`, '--endpoint', s3.url, ...words])).toBe(0);
          return written.mock.calls.join('');
        } finally {
          written.mockRestore();
        }
      };
      expect(await publish('--collections', 'things')).toMatch(/^things: version \d+, 1 files of [^;]* sent; its head holds until /);
      const names = [...s3.objects.keys()].map((name) => name.replace(/[0-9a-f]{16,}/g, '#'));
      expect(names.sort()).toEqual(['#/manifest/#.json', '#/rows-#.parquet', 'relay/#/#.json'].map((name) => `library/default/${name}`));
      const [publication] = [...s3.objects].filter(([name]) => name.includes('/relay/')).map(([name, { bytes }]) => decodePublication(bytes, name));
      expect(publication).toMatchObject({ name: 'things', publicKey: signedBy });
      const said = JSON.parse(await publish('--days', '30', '--json')) as { collections: { name: string; isNew: boolean; filesSent: number; expiresMs: number }[] };
      expect(said.collections.map(({ name, isNew, filesSent }) => [name, isNew, filesSent]).sort()).toEqual([['others', true, 1], ['things', false, 0]]);
      expect(said.collections.find(({ name }) => name === 'others')?.expiresMs).toBeGreaterThan(Date.now() + 29 * 24 * 3600 * 1000);
      for (const [words, named] of [[['--to', 'http://x'], 's3://'], [['--days', '0'], '--days'], [['--to', `s3://${bucket}/a`, '--endpoint', s3.url, '--collections', 'nope'], 'nope']] as const) {
        await expect(publishCommand.run(['--data', data, ...words])).rejects.toMatchObject({ name: 'UsageError', message: expect.stringContaining(named) as string });
      }
      delete process.env['AWS_SECRET_ACCESS_KEY'];
      await expect(publishCommand.run(['--data', data, '--to', `s3://${bucket}/a`])).rejects.toMatchObject({ name: 'UsageError', message: expect.stringContaining('AWS_SECRET_ACCESS_KEY') as string });
    } finally {
      process.env = before;
      await s3.close();
    }
  });

  test('without a folder is wrong usage', async () => {
    await expect(publishCommand.run([])).rejects.toMatchObject({ name: 'UsageError', message: expect.stringContaining('--data') as string });
  });
});
