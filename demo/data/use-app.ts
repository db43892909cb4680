// UseApp: opens what the page needs, in order: the database, the notes, which can then be searched, and a live session that
// brings the pictures from the server. What fails is told in words; what is there goes on.

import { open, type Collection, type Database, type Health, type SessionStatus, type SyncSession } from 'elanus';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { openNotes } from './notes.js';
import { followPictures, NAME } from './pictures.js';
import { useStep } from './step.js';

export interface App {
  readonly db?: Database;
  readonly notes?: Collection;
  readonly pictures?: Collection;
  /** Of the pictures, and how it is. */
  readonly session?: SyncSession;
  readonly sync?: SessionStatus;
  readonly counts: { readonly notes?: number; readonly pictures?: number };
  readonly health?: Health;
  /** From the start of loading until notes could be searched. */
  readonly loadMs?: number;
  readonly trouble?: string;
}

export function useApp(): App {
  const [app, setApp] = useState<App>({ counts: {} });
  const [begun] = useState(() => ({ done: false }));
  const change = (part: Partial<App>): void => setApp((before) => ({ ...before, ...part }));
  useEffect(() => {
    if (begun.done) return;
    begun.done = true;
    start(change).catch((error: unknown) => change({ trouble: wordsOf(error) }));
  }, []);
  const { db, notes } = app;
  // What the server has is here from its first version on, and other pictures with each.
  const version = app.sync?.collections[0]?.version ?? 0;
  useEffect(() => {
    if (db !== undefined && version > 0) showPictures(db, setApp).catch((error: unknown) => change({ trouble: wordsOf(error) }));
  }, [db, version]);
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

async function showPictures(db: Database, setApp: SetApp): Promise<void> {
  const pictures = (await db.collection(NAME)) as Collection;
  const [count, health] = await Promise.all([pictures.count(), db.health()]);
  setApp((before) => ({ ...before, pictures: before.pictures ?? pictures, counts: { ...before.counts, pictures: count }, health }));
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
  change({ session: await followPictures(db, (sync) => change({ sync })) });
}

/** Why there are no pictures; undefined while they may come. */
export function picturesTroubleOf({ pictures, sync }: App): string | undefined {
  return pictures !== undefined || sync?.error === undefined ? undefined : wordsOf(sync.error);
}

/** `error`: any, or what a session says of one. */
export function wordsOf(error: unknown): string {
  const { code, message = String(error) } = error as { readonly code?: unknown; readonly message?: string };
  if (code === 'Busy') return 'Another tab has the data and does not answer; close that one and reload.';
  if (code === 'Network') return 'The server does not answer, and what it has was not fetched before.';
  if (code === 'QuotaExceeded') return 'There is no room left in this browser: remove notes, or make room on the device.';
  return message;
}
