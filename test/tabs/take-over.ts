// Rounds in which tabs of one database write, the owner ends in one way or another, and the rest goes on. What each tab was
// told is noted outside the browser and compared with what the database holds in the end.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright';
import { chromiumArgs, chromiumPath, seesProcesses, writersOf } from './chromium.js';
import { Notes, type Content } from './notes.js';

/** How the owner ends. */
export type Ending = 'close' | 'kill' | 'crash' | 'reload' | 'navigate';
export const endings: readonly Ending[] = ['kill', 'close', 'crash', 'reload', 'navigate'];

export interface Round {
  readonly ending: Ending;
  /** The longest time in which a tab that writes all the time, as the others do, got no answer; of all others. */
  readonly silenceMs: number;
}

export interface Outcome {
  readonly rounds: readonly Round[];
  readonly lost: number;
  readonly wrong: number;
  readonly acknowledged: number;
  /** What tabs were told of writes whose outcome is not known. */
  readonly interrupted: readonly string[];
  /** Most tabs' processes that had files of the database open at one time after an owner ended so; undefined where that cannot be seen. */
  readonly processesMax: Readonly<Record<Ending, number>> | undefined;
  /** Most tabs that took themselves for the owner at one time. */
  readonly ownersMax: number;
  readonly problems: readonly unknown[];
}

/** In a page of test/tabs/page.mjs. */
interface TabPage {
  readonly tab: {
    readonly base: number;
    stop(): Promise<{ readonly problems: readonly string[]; readonly interrupted: number }>;
    content(): Promise<Content>;
    role(): Promise<'owner' | 'follower'>;
  };
}

interface OpenTab {
  readonly page: Page;
  readonly base: number;
}

const NAME = 'shared';
/** Keys of one tab. */
const KEYS = 1_000_000;
const WAIT_MS = 30_000;
const RELOADS = 4;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export class TakeOver {
  readonly #notes: Notes;
  readonly #context: BrowserContext;
  readonly #profile: string;
  readonly #rounds: Round[] = [];
  readonly #problems: unknown[] = [];
  #tabs: OpenTab[] = [];
  #made = 0;
  readonly #processesMax: Record<Ending, number> = { kill: 0, close: 0, crash: 0, reload: 0, navigate: 0 };
  /** The last that began. */
  #ending: Ending | undefined;
  #ownersMax = 0;

  private constructor(notes: Notes, context: BrowserContext, profile: string) {
    this.#notes = notes;
    this.#context = context;
    this.#profile = profile;
  }

  /** `tabs` at a time, the endings in turn. */
  static async run(tabs: number, rounds: number, onRound: (round: Round) => void = () => undefined): Promise<Outcome> {
    const profile = mkdtempSync(join(tmpdir(), 'elanus-tabs-'));
    const notes = await Notes.start();
    const context = await chromium.launchPersistentContext(profile, { executablePath: chromiumPath, args: [...chromiumArgs] });
    const watch = seesProcesses ? setInterval(() => takeOver.#look(), 20) : undefined;
    const takeOver = new TakeOver(notes, context, profile);
    try {
      while (takeOver.#tabs.length < tabs) await takeOver.#open();
      for (let round = 0; round < rounds; round++) {
        onRound(await takeOver.#round(endings[round % endings.length] as Ending));
        while (takeOver.#tabs.length < tabs) await takeOver.#open();
      }
      return await takeOver.#judge();
    } finally {
      clearInterval(watch);
      await context.close();
      await notes.close();
      rmSync(profile, { recursive: true, maxRetries: 5 });
    }
  }

  #look(): void {
    if (this.#ending === undefined) return;
    this.#processesMax[this.#ending] = Math.max(this.#processesMax[this.#ending], writersOf(this.#profile).length);
  }

  /** Loads the page as a tab with keys of its own, and waits until it writes. */
  async #open(): Promise<void> {
    const page = await this.#context.newPage();
    await page.goto(`${this.#notes.url}/?name=${NAME}&base=${++this.#made * KEYS}`);
    await this.#enter(page);
  }

  async #enter(page: Page): Promise<void> {
    await page.waitForFunction(() => 'tab' in globalThis);
    const base = await page.evaluate(() => (globalThis as unknown as TabPage).tab.base);
    await this.#writes('a tab writes', [base], Date.now());
    this.#tabs.push({ page, base });
  }

  /** Waits until each of these tabs has had a write acknowledged that it began after `since`. */
  async #writes(what: string, bases: readonly number[], since: number): Promise<void> {
    const done = (base: number): boolean => this.#notes.all.some(({ tab, began, kind }) => tab === base && began >= since && kind !== 'interrupted' && kind !== 'problem');
    await this.#notes.until(what, WAIT_MS, () => bases.every(done));
  }

  async #owner(): Promise<OpenTab | undefined> {
    const roles = await Promise.all(this.#tabs.map(({ page }) => page.evaluate(() => (globalThis as unknown as TabPage).tab.role())));
    const owners = this.#tabs.filter((_, at) => roles[at] === 'owner');
    this.#ownersMax = Math.max(this.#ownersMax, owners.length);
    return owners[0];
  }

  async #round(ending: Ending): Promise<Round> {
    const owner = await this.#owner();
    if (owner === undefined) throw new Error('no tab is the owner');
    this.#tabs = this.#tabs.filter((tab) => tab !== owner);
    const bases = this.#tabs.map(({ base }) => base);
    await this.#writes('every tab writes', bases, Date.now());
    const began = Date.now();
    this.#ending = ending;
    await this.#end(owner.page, ending);
    while ((await this.#owner()) === undefined) await sleep(5);
    await this.#writes('every other tab goes on', bases, Date.now());
    const round = { ending, silenceMs: Math.max(...bases.map((base) => this.#silence(base, began))) };
    this.#rounds.push(round);
    if (ending === 'reload') await this.#enter(owner.page);
    else if (ending !== 'close') await owner.page.close();
    return round;
  }

  #silence(base: number, since: number): number {
    const answers = this.#notes.all.filter(({ tab, kind }) => tab === base && kind !== 'problem').map(({ ended }) => ended).sort((a, b) => a - b);
    return Math.max(...answers.map((ended, at) => (ended >= since ? ended - (answers[at - 1] ?? since) : 0)));
  }

  async #end(page: Page, ending: Ending): Promise<void> {
    if (ending === 'close') return page.close();
    if (ending === 'navigate') return void (await page.goto('about:blank'));
    if (ending === 'reload') {
      // Each opens the database again, and is cut off by the next.
      for (let i = 0; i < RELOADS; i++) {
        // The page may be gone before it can answer.
        await page.evaluate(() => location.reload()).catch(() => undefined);
        await sleep(30 * i);
      }
      return page.waitForLoadState('load');
    }
    if (ending === 'kill' && seesProcesses) {
      const [pid] = writersOf(this.#profile);
      if (pid === undefined) throw new Error('no process has the database open');
      process.kill(pid, 'SIGKILL');
      return;
    }
    const session = await this.#context.newCDPSession(page);
    // It has no answer to give.
    void session.send('Page.crash').catch(() => undefined);
  }

  async #judge(): Promise<Outcome> {
    for (const { page } of this.#tabs) this.#problems.push(...(await page.evaluate(() => (globalThis as unknown as TabPage).tab.stop())).problems);
    const [{ page }] = this.#tabs as [OpenTab];
    const content = await page.evaluate(() => (globalThis as unknown as TabPage).tab.content());
    return {
      ...this.#notes.judge(content),
      rounds: this.#rounds,
      acknowledged: this.#notes.all.filter(({ kind }) => kind !== 'interrupted' && kind !== 'problem').length,
      interrupted: this.#notes.all.filter(({ kind }) => kind === 'interrupted').map(({ value }) => (value as { readonly message: string }).message),
      processesMax: seesProcesses ? this.#processesMax : undefined,
      ownersMax: this.#ownersMax,
      problems: [...new Set([...this.#problems, ...this.#notes.problems])],
    };
  }
}
