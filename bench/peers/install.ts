// Getting the peers: from npm into bench/peers/node_modules by the lock file, from PyPI into a virtual environment at
// the versions of requirements.txt. Only on first use, only what an asked target needs; what goes wrong is the reason
// why that one target is absent.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inRepository } from '../repository.js';

const PEERS = inRepository('bench/peers');
const INSTALL_MINUTES = 15;
const TAIL_CHARS = 400;

/** Resolves to why it failed, if it did. `build`: it has native code to compile or pick, under this very Node. */
export function installNpm(name: string, build: boolean): string | undefined {
  const stamp = join(PEERS, 'node_modules', `.built-${name}-${process.version}-${lockedVersion(name)}`);
  if (installedVersion(name) !== lockedVersion(name)) {
    // Scripts stay off here, so that one peer that does not compile leaves the others standing.
    const failed = command('npm', ['ci', '--ignore-scripts']);
    if (failed !== undefined) return failed;
  }
  if (!build || existsSync(stamp)) return undefined;
  const failed = command('npm', ['rebuild', name], nodeHeaders());
  if (failed === undefined) writeFileSync(stamp, '');
  return failed;
}

export function requirePeer(name: string): unknown {
  return createRequire(join(PEERS, 'package.json'))(name);
}

/** A file of a peer, by its path below node_modules. */
export function peerFile(path: string): string {
  return join(PEERS, 'node_modules', path);
}

export async function importPeer(path: string): Promise<unknown> {
  return import(pathToFileURL(peerFile(path)).href);
}

const VENV_PYTHON = join(PEERS, '.venv/bin/python');

/** The interpreter that finds what `installPython` installed; without a virtual environment the scripts look in .venv-target. */
export function pythonCommand(script: string): readonly [string, ...string[]] {
  return [existsSync(join(PEERS, '.venv/bin/pip')) ? VENV_PYTHON : 'python3', join(PEERS, script)];
}

/** `packages` are names in requirements.txt. Resolves to why it failed, if it did. */
export function installPython(packages: readonly string[]): string | undefined {
  const wanted = packages.map((name) => `${name}==${pinnedVersion(name)}`);
  if (spawnSync(pythonCommand('peer.py')[0], [join(PEERS, 'peer.py'), ...wanted]).status === 0) return undefined;
  if (!existsSync(join(PEERS, '.venv/bin/pip'))) command('python3', ['-m', 'venv', '--clear', '.venv']);
  const into = existsSync(join(PEERS, '.venv/bin/pip')) ? [] : ['--target', '.venv-target'];
  const failed = command(pythonCommand('peer.py')[0], ['-m', 'pip', 'install', '--disable-pip-version-check', ...into, ...wanted]);
  return failed === undefined ? undefined : `${failed} (on Debian it takes python3-venv, python3-dev and g++)`;
}

function command(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string | undefined {
  const line = [program, ...args].join(' ');
  process.stderr.write(`bench: ${line}\n`);
  const { status, error, stdout, stderr } = spawnSync(program, [...args], { cwd: PEERS, env: { ...process.env, ...env }, encoding: 'utf8', timeout: INSTALL_MINUTES * 60_000 });
  if (status === 0) return undefined;
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
  return `${line}: ${error?.message ?? (stderr.trim() || stdout.trim()).slice(-TAIL_CHARS)}`;
}

/** Headers that came with this Node spare a download of them. */
function nodeHeaders(): Readonly<Record<string, string>> {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, 'include/node/node.h')) ? { npm_config_nodedir: prefix } : {};
}

function installedVersion(name: string): string | undefined {
  const path = peerFile(`${name}/package.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string }).version : undefined;
}

function lockedVersion(name: string): string {
  const { packages } = JSON.parse(readFileSync(join(PEERS, 'package-lock.json'), 'utf8')) as { readonly packages: Readonly<Record<string, { readonly version: string }>> };
  const locked = packages[`node_modules/${name}`];
  if (locked === undefined) throw new Error(`bench/peers/package-lock.json: no ${name}`);
  return locked.version;
}

function pinnedVersion(name: string): string {
  const found = new RegExp(`^${name}==(\\S+)$`, 'm').exec(readFileSync(join(PEERS, 'requirements.txt'), 'utf8'));
  if (found === null) throw new Error(`bench/peers/requirements.txt: no ${name}`);
  return found[1] as string;
}
