// What only a file system has: another process that owns the directory, or died while it did.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openFsStorage } from '../../src/storage/fs.js';
import { explainErrno } from '../../src/storage/fs-errors.js';
import { pattern, refusal, text } from './samples.js';

const holder = fileURLToPath(new URL('./lock-holder.ts', import.meta.url));

describe('fs storage and other processes', () => {
  let directory: string;
  let child: ChildProcess | undefined;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'elanus-fs-'));
  });

  afterEach(async () => {
    await kill();
    await rm(directory, { recursive: true });
  });

  async function startHolder(): Promise<number> {
    child = spawn(process.execPath, ['--import', 'tsx', holder, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
    if (child.stdout === null || child.pid === undefined) throw new Error('the holder did not start');
    const [said] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [unknown];
    expect(String(said)).toBe('ready\n');
    return child.pid;
  }

  async function kill(): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  test('a live owner is named and left alone; a killed one is taken over, its leftovers swept, its files kept', async () => {
    const pid = await startHolder();
    const busy = await refusal('Busy', () => openFsStorage(directory));
    expect(busy.message).toContain(`pid ${pid}`);
    expect(await readdir(join(directory, 'kept'))).toContain(`~tmp-${pid}-7`);
    await kill();
    const storage = await openFsStorage(directory);
    expect(await storage.list('')).toEqual(['kept/log', 'kept/whole']);
    expect((await readdir(join(directory, 'kept'))).sort()).toEqual(['log', 'whole']);
    expect(await storage.read('kept/whole')).toEqual(text('whole'));
    expect(await storage.read('kept/log')).toEqual(text('synced'));
    await storage.close();
    expect((await readdir(directory)).sort()).toEqual(['kept']);
  });

  test('the lock of a dead pid, of an earlier process with a reused pid, or of an earlier boot is taken over', async () => {
    const first = await openFsStorage(directory);
    const [mine] = (await readdir(directory)).filter((name) => name.startsWith('~lock-'));
    await first.close();
    const [, pid, start, boot] = /^~lock-(\d+)-(\d+)-(.+)$/.exec(mine ?? '') ?? [];
    expect(Number(pid)).toBe(process.pid);
    expect(Number(start), 'this system tells no start times').toBeGreaterThan(0);
    const stale = [`~lock-999999999-${start}-${boot}`, `~lock-${process.ppid}-1-${boot}`, `~lock-${process.ppid}-${start}-0123`];
    for (const name of stale) await writeFile(join(directory, name), '');
    const storage = await openFsStorage(directory);
    expect(await readdir(directory)).toEqual([mine]);
    await storage.close();
  });

  test('of eight that open one directory at once at most one owns it, and whoever does can write', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => openFsStorage(directory)));
    const owners = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(owners).toHaveLength(1);
    for (const owner of owners) {
      expect(await owner.create('a', text('x'))).toBe(true);
      await owner.close();
    }
  });

  test('a link that leads out of the directory is not listed', async () => {
    const storage = await openFsStorage(directory);
    await mkdir(join(directory, 'a'));
    await symlink('/etc', join(directory, 'a', 'etc'));
    await symlink('/etc/passwd', join(directory, 'a', 'passwd'));
    expect(await storage.list('')).toEqual([]);
    expect(await storage.size('a/passwd')).toBeUndefined();
    await storage.close();
  });

  test('a key that is a folder of others is refused, not taken for a file that exists', async () => {
    const storage = await openFsStorage(directory);
    await storage.create('a/b', text('x'));
    await refusal('InvalidArgument', () => storage.create('a', text('y')));
    await refusal('InvalidArgument', () => storage.create('a/b/c', text('y')));
    expect(await storage.list('')).toEqual(['a/b']);
    await storage.close();
  });

  test('usage is the bytes of all files, within what the disk allows', async () => {
    const storage = await openFsStorage(directory);
    await storage.create('a', pattern(1_000, 1));
    await storage.create('b/c', pattern(234, 2));
    const { usageBytes, quotaBytes } = await storage.usage();
    expect(usageBytes).toBe(1_234);
    expect(quotaBytes).toBeGreaterThan(1_234);
    await storage.close();
  });

  test('a directory that cannot be made is refused with its name', async () => {
    await writeFile(join(directory, 'file'), '');
    const error = await refusal('InvalidArgument', () => openFsStorage(join(directory, 'file', 'data')));
    expect(error.message).toContain(join(directory, 'file', 'data'));
  });
});

test.each([
  ['ENOSPC', 'QuotaExceeded'],
  ['EDQUOT', 'QuotaExceeded'],
  ['EROFS', 'ReadOnly'],
  ['EACCES', 'ReadOnly'],
  ['EIO', 'Corrupt'],
  ['EMFILE', 'Busy'],
  ['ENOENT', 'NotFound'],
  ['EWHATEVER', 'StorageFailed'],
])('%s is %s, and keeps its cause', (errno, code) => {
  const cause = Object.assign(new Error('refused'), { code: errno });
  const error = explainErrno(cause, 'a/b');
  expect(error.code).toBe(code);
  expect(error.message).toContain('a/b');
  expect(error.cause).toBe(cause);
});
