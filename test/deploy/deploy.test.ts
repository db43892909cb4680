// What the server is deployed by: the Dockerfile and the systemd unit, by their linters where these are, and by what must hold of
// them in any case.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { OPTION_NAMES, OPTIONS, variableOf } from '../../src/cli/config/options.js';
import { pythonCommand } from '../support/python.js';

const at = (name: string): string => fileURLToPath(new URL(`../../deploy/${name}`, import.meta.url));
const dockerfile = readFileSync(at('Dockerfile'), 'utf8');
const unit = readFileSync(at('elanus.service'), 'utf8');

const hadolint = join(dirname(pythonCommand()), 'hadolint');
const lacks = (command: string): boolean => spawnSync(command, ['--version']).status !== 0;

/** Lines without comments, those that go on joined. */
const instructions = dockerfile.replaceAll(/^#.*\n/gm, '').replaceAll(/\\\n\s*/g, ' ').split('\n').filter((line) => line.trim() !== '');
const settings = new Set(OPTION_NAMES.map(variableOf));

describe('the Dockerfile', () => {
  it('passes hadolint, which finds what is wrong in a bad one', ({ skip }) => {
    if (!existsSync(hadolint)) skip('hadolint is not installed (npm test installs it)');
    expect(spawnSync(hadolint, [at('Dockerfile')], { encoding: 'utf8' })).toMatchObject({ status: 0, stdout: '' });
    const folder = mkdtempSync(join(tmpdir(), 'elanus-deploy-'));
    writeFileSync(join(folder, 'Dockerfile'), 'FROM node:latest\nRUN cd /a && sudo b\n');
    expect(spawnSync(hadolint, [join(folder, 'Dockerfile')]).status).toBe(1);
    rmSync(folder, { recursive: true });
  });
  it('has stages of one pinned image, and leaves the tools in the first', () => {
    const stages = instructions.filter((line) => line.startsWith('FROM ')).map((line) => line.split(' ')[1]);
    expect(stages).toHaveLength(2);
    expect(new Set(stages).size).toBe(1);
    expect(stages[0]).toMatch(/^node:\d+-\w+-slim$/);
    const last = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')));
    expect(last.some((line) => /npm|apt-get|g\+\+|\bADD\b/.test(line))).toBe(false);
  });
  it('runs as a user who is not root, is told to stop by SIGTERM, and says whether it is ready', () => {
    const user = instructions.filter((line) => line.startsWith('USER ')).at(-1) ?? '';
    expect(user).toMatch(/^USER [1-9]\d*:[1-9]\d*$/);
    expect(instructions.indexOf(user)).toBeLessThan(instructions.findIndex((line) => line.startsWith('ENTRYPOINT ')));
    expect(instructions).toContain('STOPSIGNAL SIGTERM');
    expect(instructions.some((line) => line.startsWith('HEALTHCHECK ') && line.includes('/ready'))).toBe(true);
    expect(instructions).toContain(`EXPOSE ${OPTIONS.port.default}`);
  });
  it('has a health check that a program of Node is, and no setting that there is not', () => {
    const [, check = '[]'] = /HEALTHCHECK .* CMD (\[.*\])$/m.exec(instructions.find((line) => line.startsWith('HEALTHCHECK ')) ?? '') ?? [];
    const [command, flag, program = ''] = JSON.parse(check) as readonly string[];
    expect([command, flag]).toEqual(['node', '-e']);
    expect(spawnSync(process.execPath, ['-e', program], { env: { ...process.env, ELANUS_PORT: '1' } }).status).toBe(1);
    for (const [name] of dockerfile.matchAll(/ELANUS_\w+/g)) expect(settings, name).toContain(name);
  });
  it('takes nothing into the image but the package', () => {
    expect(readFileSync(at('Dockerfile.dockerignore'), 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual(['*', '!elanus-*.tgz']);
  });
});

describe('the systemd unit', () => {
  it('passes systemd-analyze, and exposes little', ({ skip }) => {
    if (lacks('systemd-analyze')) skip('systemd-analyze is not installed');
    const found = spawnSync('systemd-analyze', ['verify', at('elanus.service')], { encoding: 'utf8' });
    expect([found.status, found.stderr]).toEqual([0, '']);
    const told = execFileSync('systemd-analyze', ['security', '--offline=yes', at('elanus.service')], { encoding: 'utf8' });
    expect(Number(/Overall exposure level for .*: ([\d.]+)/.exec(told)?.[1])).toBeLessThan(2);
  });
  it('has no setting that there is not, reloads by SIGHUP, and gives a stop more time than the server takes', () => {
    for (const [name] of unit.matchAll(/ELANUS_\w+/g)) expect(settings, name).toContain(name);
    expect(unit).toContain('ExecReload=/bin/kill -HUP $MAINPID');
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1]) * 1000).toBeGreaterThan(OPTIONS['stop-timeout'].default);
  });
  it('lets the lock of the data directory see the boot, and code be compiled', () => {
    expect(unit).not.toMatch(/^(ProcSubset|MemoryDenyWriteExecute)=/m);
  });
});
