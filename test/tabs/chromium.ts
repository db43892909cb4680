// Browsers of the tests of tabs, as processes that can be killed; and which of their processes has the database's files open.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const chromiumPath = process.env['ELANUS_CHROMIUM'] ?? '/usr/bin/chromium';

/** Every tab has a process of its own; nothing but this machine is looked for. */
export const chromiumArgs: readonly string[] = [
  '--no-sandbox',
  '--no-first-run',
  '--disable-features=ProcessPerSiteUpToMainFrameThreshold',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-domain-reliability',
  '--no-pings',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
];

export type BrowserKind = 'chromium' | 'firefox';

/** A browser that opens `url` and is driven by nobody. */
export class BareBrowser {
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;

  constructor(kind: BrowserKind, profile: string, url: string) {
    this.#process = kind === 'chromium' ? startChromium(profile, url) : startFirefox(profile, url);
    this.#ended = new Promise((resolve) => this.#process.once('exit', () => resolve()));
  }

  /** SIGKILL to all of its processes at once. */
  async kill(): Promise<void> {
    const { pid } = this.#process;
    if (pid === undefined) throw new Error('the browser did not start');
    process.kill(-pid, 'SIGKILL');
    await this.#ended;
  }
}

function startChromium(profile: string, url: string): ChildProcess {
  return spawn(chromiumPath, ['--headless=new', `--user-data-dir=${profile}`, ...chromiumArgs, url], { detached: true, stdio: 'ignore' });
}

export const firefoxPath = process.env['ELANUS_FIREFOX'] ?? '/usr/bin/firefox-esr';

export const firefoxPreferences = {
  'browser.shell.checkDefaultBrowser': false,
  'browser.aboutwelcome.enabled': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'browser.sessionstore.resume_from_crash': false,
  'toolkit.startup.max_resumed_crashes': -1,
  'datareporting.policy.dataSubmissionEnabled': false,
  'app.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'extensions.systemAddon.update.enabled': false,
  'services.settings.server': 'http://127.0.0.1:9',
};

function startFirefox(profile: string, url: string): ChildProcess {
  mkdirSync(profile, { recursive: true });
  writeFileSync(join(profile, 'user.js'), Object.entries(firefoxPreferences).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`).join(''));
  return spawn(firefoxPath, ['--headless', '--no-remote', '--profile', profile, url], { detached: true, stdio: 'ignore' });
}

/** Within which a file is closed that is not used any more. */
const CLOSING_MS = 100;

/** Whether processes can be told apart by the files that they have open. */
export const seesProcesses = process.platform === 'linux';

/**
 * Tabs' processes that have files of the profile's OPFS open at one moment, by what the system says. The browser's own
 * process opens them too, to hand them over.
 */
export function writersOf(profile: string): readonly number[] {
  const held = new RegExp(`^${profile.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}/.*/File System/.*/[0-9]{8}$`);
  const holds = (pid: number): boolean => linksOf(pid).some((link) => held.test(link)) && isTab(pid);
  const found = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter(holds);
  if (found.length <= 1) return found;
  // The browser closes a file some time after it has let go of the lock on it. Two that have both files open go on having them.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, CLOSING_MS);
  return found.filter(holds);
}

function isTab(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=renderer');
  } catch {
    // It ended meanwhile.
    return false;
  }
}

function linksOf(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).map((name) => linkOf(join(folder, name)));
  } catch {
    // It ended meanwhile, or is another user's.
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
