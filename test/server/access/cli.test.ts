// elanus user and elanus audit over a data directory, as a user of the command line has them.

import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { openAccessIn } from '../../../src/cli/access.js';
import { audit } from '../../../src/cli/audit.js';
import { UsageError } from '../../../src/cli/command.js';
import { user } from '../../../src/cli/user.js';
import { nodeAmbient } from '../../../src/platform/node-ambient.js';
import { basic, refusal } from './support.js';

let data: string;
let secret: string;
let printed = '';

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'elanus-user-'));
  secret = join(data, 'ada.secret');
  await writeFile(secret, 'a long secret\nnot this\n');
});
afterAll(() => rm(data, { recursive: true }));
beforeEach(() => {
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((printed += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
});
afterEach(() => void vi.restoreAllMocks());

async function run(command: typeof user, ...words: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  printed = '';
  const code = await command.run([...words, '--data', data]);
  return { code, text: printed };
}

test('users, roles, grants and keys are managed while no server runs, and count when one does', async () => {
  for (const words of [['add', 'ada', '--password-file', secret], ['role', 'add', 'reader', '--description', 'reads'], ['role', 'grant', 'reader', 'CollectionReadOnly', '--database', 'default', '--collection', 'books'], ['role', 'give', 'ada', 'reader'], ['passwd', 'root', '--password-file', secret]]) {
    expect(await run(user, ...words), words.join(' ')).toEqual({ code: 0, text: 'done\n' });
  }
  expect((await run(user, 'list')).text).toMatch(/user\s+roles\s+description\s*\nroot\s+admin\s*\nada\s+reader/);
  expect(JSON.parse((await run(user, 'role', 'list', '--json')).text)).toMatchObject({ roles: [{ role: 'admin' }, { role: 'public' }, { role: 'reader', description: 'reads', grants: [{ privilege: 'CollectionReadOnly', database: 'default', name: 'books' }] }] });
  const key = (await run(user, 'key', 'add', 'ada', '--expires', '30')).text.trim();
  expect(key).toMatch(/^elk_[0-9a-f]{16}_/);
  const listed = await run(user, 'key', 'list', 'ada', '--json');
  expect(listed.text).not.toContain(key.slice(21));

  const access = await openAccessIn(data, nodeAmbient(), { authorization: true });
  try {
    for (const authorization of [basic('ada', 'a long secret'), key]) {
      const ada = await access.gate.authenticate(authorization, 'x');
      await access.gate.admit(ada, { privilege: 'Search', object: 'Collection', database: 'default', names: ['books'] });
      expect(await refusal(access.gate.admit(ada, { privilege: 'Insert', object: 'Collection', database: 'default', names: ['books'] }))).toMatchObject({ http: 403 });
    }
    expect(await refusal(access.gate.authenticate('root:Milvus', 'x'))).toMatchObject({ http: 401 });
    // A server has it: the command says what to do instead.
    await expect(run(user, 'list')).rejects.toThrow(/in use: stop the server/);
    expect((await run(audit, 'verify')).code).toBe(0);
  } finally {
    await access.close();
  }

  const id = (JSON.parse(listed.text) as { keys: { id: string }[] }).keys[0]?.id ?? '';
  for (const words of [['key', 'revoke', id], ['role', 'take', 'ada', 'reader'], ['role', 'revoke', 'reader', 'CollectionReadOnly', '--collection', 'books'], ['role', 'remove', 'reader'], ['remove', 'ada']]) expect(await run(user, ...words), words.join(' ')).toEqual({ code: 0, text: 'done\n' });
  expect(JSON.parse((await run(user, 'list', '--json')).text)).toEqual({ users: [{ user: 'root', roles: ['admin'] }] });
});

describe('what does not fit is refused', () => {
  test.each([[], ['fly'], ['role'], ['role', 'fly'], ['add'], ['add', 'a', 'b'], ['key', 'add', 'root', '--expires', '0'], ['key', 'add', 'root', '--expires', 'soon'], ['add', 'eve', '--password-file', 'nowhere']])('elanus user %s', async (...words) => {
    await expect(run(user, ...words)).rejects.toThrow(UsageError);
  });
  test.each([['remove', 'root'], ['remove', 'nobody'], ['role', 'give', 'root', 'nobody'], ['role', 'grant', 'admin', 'Fly'], ['role', 'grant', 'admin', 'CreateDatabase'], ['add', '1st', '--password-file', 'SECRET'], ['key', 'revoke', 'x']])('elanus user %s', async (...words) => {
    await expect(run(user, ...words.map((word) => (word === 'SECRET' ? secret : word)))).rejects.toThrow();
  });
  test('a directory that is not there is not made', async () => {
    await expect(user.run(['list', '--data', join(data, 'nowhere')])).rejects.toThrow(/no such directory/);
    await expect(user.run(['list'])).rejects.toThrow(UsageError);
  });
  test.each([[], ['fly'], ['verify', '--expect', 'x'], ['show', '--last', '0'], ['show', '--outcome', 'odd']])('elanus audit %s', async (...words) => {
    await expect(run(audit, ...words)).rejects.toThrow(UsageError);
  });
});

describe('elanus audit', () => {
  const file = async (): Promise<string> => {
    const folder = join(data, 'server-state', 'audit');
    return join(folder, (await readdir(folder)).find((name) => name.endsWith('.jsonl')) ?? '');
  };
  test('shows who changed what, without secrets', async () => {
    const shown = await run(audit, 'show', '--verb', 'user add', '--outcome', 'done', '--json');
    expect(JSON.parse(shown.text)).toMatchObject({ lines: [{ verb: 'user add', names: ['ada'], outcome: 'done', from: 'command line', user: expect.stringMatching(/^os:/) as unknown }] });
    expect(await readFile(await file(), 'utf8')).not.toContain('a long secret');
    expect((await run(audit, 'show', '--outcome', 'failed')).text).toContain('user remove');
  });
  test('verifies, holds to a line that was noted, and names the first line that was changed or is missing', async () => {
    const noted = (await run(audit, 'head')).text.trim();
    expect(await run(audit, 'verify', '--expect', noted)).toMatchObject({ code: 0, text: expect.stringMatching(/^whole: \d+ lines/) as unknown });
    expect((await run(audit, 'verify', '--expect', `1:${'0'.repeat(64)}`)).code).toBe(1);
    const path = await file();
    const content = await readFile(path, 'utf8');
    await writeFile(path, content.replace('"user add"', '"user odd"'));
    const broken = await run(audit, 'verify', '--json');
    expect(broken.code).toBe(1);
    expect(JSON.parse(broken.text)).toMatchObject({ whole: false, problem: { line: expect.any(Number) as unknown, what: expect.stringContaining('was changed') as unknown } });
    await writeFile(path, content);
    await truncate(path, content.trimEnd().lastIndexOf('\n') + 1);
    expect(await run(audit, 'verify')).toMatchObject({ code: 1, text: expect.stringMatching(/^broken: .*there was a line/) as unknown });
    await writeFile(path, content);
    expect((await run(audit, 'verify')).code).toBe(0);
  });
  test('has refusals in a chain of their own, verified with the other and shown with it', async () => {
    const [noted] = [(await run(audit, 'head', '--refusals')).text.trim()];
    expect(await run(audit, 'verify', '--refusals', '--expect', noted ?? '')).toMatchObject({ code: 0, text: expect.stringMatching(/\nrefusals whole: \d+ lines/) as unknown });
    expect(JSON.parse((await run(audit, 'show', '--json', '--last', '1000')).text)).toMatchObject({ lines: expect.arrayContaining([expect.objectContaining({ verb: 'user add' })]) as unknown });
    const folder = join(data, 'server-state', 'refusals');
    const path = join(folder, (await readdir(folder)).find((name) => name.endsWith('.jsonl')) ?? '');
    const content = await readFile(path, 'utf8');
    await truncate(path, 0);
    expect(await run(audit, 'verify')).toMatchObject({ code: 1, text: expect.stringMatching(/^whole.*\nrefusals broken/) as unknown });
    await writeFile(path, content);
  });
});
