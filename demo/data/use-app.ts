// UseApp: opens what the page needs, in order: the database, the notes, which can then be searched, and beside that the
// pictures from the server. What fails is told in words; what is there goes on.

import { ElanusError, open, type Collection, type Database, type Health, type PullProgress } from 'elanus';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { openNotes } from './notes.js';
import { openPictures } from './pictures.js';
import { useStep } from './step.js';

export interface App {
  readonly db?: Database;
  readonly notes?: Collection;
  readonly pictures?: Collection;
  /** The server did not answer: the pictures are those of an earlier visit. */
  readonly fromBefore: boolean;
  /** Of fetching pictures, while it goes on. */
  readonly fetching: PullProgress | undefined;
  readonly counts: { readonly notes?: number; readonly pictures?: number };
  readonly health?: Health;
  /** From the start of loading until notes could be searched. */
  readonly loadMs?: number;
  readonly trouble?: string;
  readonly picturesTrouble?: string;
}

export function useApp(): App {
  const [app, setApp] = useState<App>({ fromBefore: false, fetching: undefined, counts: {} });
  const [begun] = useState(() => ({ done: false }));
  const change = (part: Partial<App>): void => setApp((before) => ({ ...before, ...part }));
  useEffect(() => {
    if (begun.done) return;
    begun.done = true;
    start(change).catch((error: unknown) => change({ trouble: wordsOf(error) }));
  }, []);
  const { db, notes } = app;
  const recount = useCallback(() => {
    if (notes !== undefined && db !== undefined) countAgain(db, notes, setApp).catch((error: unknown) => change({ trouble: wordsOf(error) }));
  }, [db, notes]);
  useStep(recount);
  return app;
}

type SetApp = (change: (before: App) => App) => void;

async function countAgain(db: Database, notes: Collection, setApp: SetApp): Promise<void> {
  const [count, health] = await Promise.all([notes.count(), db.health()]);
  setApp((before) => ({ ...before, counts: { ...before.counts, notes: count }, health }));
}

async function start(change: (part: Partial<App>) => void): Promise<void> {
  if ('serviceWorker' in navigator) {
    // Without it the page works, but does not open with the network off.
    navigator.serviceWorker.register('./sw.js', { type: 'module' }).catch((error: unknown) => change({ trouble: `The page cannot be kept for when there is no network: ${wordsOf(error)}` }));
  }
  const db = await open('demo');
  change({ db, health: await db.health() });
  const notes = await openNotes(db);
  change({ notes, loadMs: performance.now() });
  const count = await notes.count();
  change({ counts: { notes: count }, health: await db.health() });
  try {
    const { pictures, offline } = await openPictures(db, (fetching) => change({ fetching }));
    change({ pictures, fromBefore: offline, counts: { notes: await notes.count(), pictures: await pictures.count() } });
  } catch (error) {
    change({ picturesTrouble: wordsOf(error) });
  }
  change({ fetching: undefined, health: await db.health() });
}

export function wordsOf(error: unknown): string {
  if (error instanceof ElanusError && error.code === 'Busy') return 'Another tab has the data and does not answer; close that one and reload.';
  if (error instanceof ElanusError && error.code === 'Network') return 'The server does not answer, and what it has was not fetched before.';
  if (error instanceof ElanusError && error.code === 'QuotaExceeded') return 'There is no room left in this browser: remove notes, or make room on the device.';
  return error instanceof Error ? error.message : String(error);
}
