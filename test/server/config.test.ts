// The settings of a server: from flags, variables and a file, in that order; what fits none is refused by its name.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { OPTION_NAMES, OPTIONS, variableOf } from '../../src/cli/config/options.js';
import type { Option } from '../../src/cli/config/option.js';
import { optionsReference, printedSettings } from '../../src/cli/config/print.js';
import { checkTogether, resolveSettings } from '../../src/cli/config/resolve.js';
import { serve } from '../../src/cli/serve.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'elanus-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(text: string): Promise<string> {
  const path = join(folder, 'elanus.yaml');
  await writeFile(path, text);
  return path;
}

const refusal = (named: string) => ({ name: 'UsageError', message: expect.stringContaining(named) as string });

describe('a setting', () => {
  test('is that of the flag, else of the variable, else of the file, else the default', async () => {
    const config = await file('port: 1\nhost: file\ncors: [https://a.example]\n');
    const { settings, sources } = await resolveSettings({ config, port: '3' }, { ELANUS_PORT: '2', ELANUS_HOST: 'variable', ELANUS_DATA: '' });
    expect(settings).toMatchObject({ port: 3, host: 'variable', cors: ['https://a.example'], 'log-level': 'info', data: undefined });
    expect(sources).toMatchObject({ port: 'flag', host: 'environment', cors: 'file', 'log-level': 'default' });
  });

  test('may be in a file of JSON, which a variable may name', async () => {
    const config = await file('{"port": 4, "max-body": "2MiB", "stop-timeout": "250ms"}');
    const { settings } = await resolveSettings({}, { ELANUS_CONFIG: config });
    expect(settings).toMatchObject({ port: 4, 'max-body': 2 * 2 ** 20, 'stop-timeout': 250 });
  });

  test('of a list is a list in the file, has commas in a variable, and is repeated as a flag', async () => {
    expect((await resolveSettings({ cors: ['https://a.example', 'https://b.example'] }, {})).settings.cors).toHaveLength(2);
    expect((await resolveSettings({}, { ELANUS_CORS: 'https://a.example, https://b.example' })).settings.cors).toEqual(['https://a.example', 'https://b.example']);
  });

  test.each([
    ['prot: 1', '"prot"'],
    ['maxBody: 1MiB', 'did you mean "max-body"'],
    ['port: 65536', 'port: expected a whole number from 0 to 65535, found 65536'],
    ['port: yes', 'port'],
    ['max-body: 64', 'max-body: expected a size'],
    ['max-body: 64MB', '"64MB"'],
    ['stop-timeout: 10', 'stop-timeout: expected a time'],
    ['log-level: loud', '"loud"'],
    ['cors: [https://a.example/path]', 'https://a.example/path'],
    ['cors: 7', 'cors: expected a list'],
    ['host: [a]', 'host: expected a text'],
    ['- a', 'expected settings by name'],
    ['port: 1\nport: 2', 'unique'],
    ['port: &a 1\nmax-requests: *a', 'elanus.yaml'],
    ['a: {', 'elanus.yaml'],
  ])('of a file is refused: %j', async (text, named) => {
    await expect(resolveSettings({ config: await file(text) }, {})).rejects.toMatchObject(refusal(named));
  });

  test('is refused by the name that it was given by', async () => {
    await expect(resolveSettings({}, { ELANUS_PORT: 'x' })).rejects.toMatchObject(refusal('ELANUS_PORT'));
    await expect(resolveSettings({ port: 'x' }, {})).rejects.toMatchObject(refusal('--port'));
    await expect(resolveSettings({ config: join(folder, 'absent.yaml') }, {})).rejects.toMatchObject(refusal('absent.yaml'));
  });

  test('that a variable seems to set and does not is told', async () => {
    expect((await resolveSettings({}, { ELANUS_PROT: '1', ELANUS_PORT: '1', ELANUS_TOKEN: 'a', PATH: 'b' })).unknownVariables).toEqual(['ELANUS_PROT']);
  });

  test('that needs another is refused without it', async () => {
    const settings = (flags: Readonly<Record<string, string>>) => resolveSettings(flags, {}).then((resolved) => checkTogether(resolved.settings));
    await expect(settings({})).rejects.toMatchObject(refusal('--data'));
    await expect(settings({ data: 'd', 'tls-cert': 'c' })).rejects.toMatchObject(refusal('--tls-key'));
    await expect(settings({ data: 'd', 'tls-client-ca': 'c' })).rejects.toMatchObject(refusal('--tls-client-ca'));
    expect(await settings({ data: 'd' })).toMatchObject({ data: 'd' });
  });
});

describe('printed settings', () => {
  test('are a file that gives the same settings again, and hold no secret', async () => {
    const resolved = await resolveSettings({ port: '7', cors: ['*'], 'max-body': '3KiB' }, {});
    const again = await resolveSettings({ config: await file(printedSettings(resolved)) }, {});
    expect(again.settings).toEqual(resolved.settings);
    const secrets = OPTION_NAMES.filter((name) => (OPTIONS[name] as Option<unknown>).isSecret === true);
    const values = Object.fromEntries(secrets.map((name) => [variableOf(name), 'hunter2-and-some-more']));
    expect(printedSettings(await resolveSettings({}, values))).not.toContain('hunter2');
  });

  test('name what every setting is and where it is from', async () => {
    const text = printedSettings(await resolveSettings({ port: '7' }, {}));
    expect(text).toContain('port: 7 # flag');
    expect(Object.keys(parse(text.replaceAll(/^# ([a-z-]+):/gm, '$1:')) as object)).toEqual(OPTION_NAMES);
  });
});

test('the help of serve and the reference of docs/server.md have every setting as it is', async () => {
  for (const name of OPTION_NAMES) expect(serve.help).toContain(`--${name} `);
  expect(await readFile(new URL('../../docs/server.md', import.meta.url), 'utf8')).toContain(optionsReference());
});
