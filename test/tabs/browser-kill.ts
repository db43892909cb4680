// A browser that is killed whole while two of its tabs write, and started again on the same profile: what was acknowledged,
// and noted outside, must be what the new process finds.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BareBrowser, type BrowserKind } from './chromium.js';
import { Notes } from './notes.js';

export interface KillOutcome {
  /** Times that the browser was killed. */
  readonly kills: number;
  readonly lost: number;
  readonly wrong: number;
  readonly acknowledged: number;
  /** What the database warned of at its last opening. */
  readonly warnings: readonly string[];
  readonly problems: readonly unknown[];
}

/** Acknowledgements to wait for before the next kill: from, and up to. */
const NOTES_MIN = 20;
const NOTES_MAX = 120;
const WAIT_MS = 60_000;
/** Keys of one start of the browser. */
const KEYS = 1_000_000;

/** `random` gives numbers in [0, 1). */
export async function killBrowser(kind: BrowserKind, kills: number, random: () => number, onKill: (kill: number, acknowledged: number) => void = () => undefined): Promise<KillOutcome> {
  const profile = mkdtempSync(join(tmpdir(), `elanus-kill-${kind}-`));
  const notes = await Notes.start();
  let lost = 0;
  let wrong = 0;
  try {
    for (let start = 0; ; start++) {
      const url = `${notes.url}/?name=killed&tell=1&base=${(2 * start + 1) * KEYS}&beside=${(2 * start + 2) * KEYS}`;
      const before = notes.all.length;
      const found = notes.found.length;
      const browser = new BareBrowser(kind, profile, url);
      try {
        await notes.until('a tab tells what it found', WAIT_MS, () => notes.found.length > found);
        const verdict = notes.judge(notes.found[found] as (typeof notes.found)[number], before);
        lost += verdict.lost;
        wrong += verdict.wrong;
        if (start === kills) return { kills, lost, wrong, acknowledged: notes.all.length, warnings: notes.found[found]?.warnings ?? [], problems: notes.problems };
        const enough = notes.all.length + NOTES_MIN + Math.floor(random() * (NOTES_MAX - NOTES_MIN));
        await notes.until('both tabs write', WAIT_MS, () => notes.all.length >= enough && [1, 2].every((tab) => notes.all.some((note) => Math.floor(note.tab / KEYS) === 2 * start + tab)));
      } finally {
        await browser.kill();
      }
      onKill(start + 1, notes.all.length);
    }
  } finally {
    await notes.close();
    rmSync(profile, { recursive: true, maxRetries: 5 });
  }
}
