// States: which rows a crash may leave of a life of a collection: those after every step that is durable, then after each
// further step that may have been done, in order. Of many steps that may or may not have been done there are more states
// than can be counted, so that one that was found is explained from its end backwards.

import { isDone, isOpened, type Life, type Rows, type RowStep } from './history.js';

/** Steps as a crash at some time sees them. */
interface Past {
  readonly life: Life;
  /** Those that may have been done. */
  readonly steps: readonly RowStep[];
  /** The last that must have been done. */
  readonly lastSure: number;
  /** Whether a step that was refused may be missing though later ones are there. */
  readonly isEither: (at: number) => boolean;
  /** The rows that the life began with, or may go back to. */
  readonly beganWith: (rows: Rows, decided: ReadonlySet<number>) => boolean;
}

export interface Doubt {
  /** What was refused may have been done all the same. */
  readonly doubtful: boolean;
  /** Any of those that were refused may be missing, as a failed sync loses what it likes. */
  readonly scattered?: boolean;
}

/** Whether these may be all rows, less those that are decided by what came later. */
export function mayBe(life: Life, time: number, doubt: Doubt, rows: Rows, decided: ReadonlySet<number> = new Set()): boolean {
  const past = pastOf(life, time, doubt);
  for (let end = past.steps.length; end > past.lastSure; end--) if (explains(past, end - 1, rows, new Set(decided))) return true;
  return false;
}

/** The rows after the last step that must have been done, if nothing else was. */
export function sureRows(life: Life, time: number, doubt: Doubt): Rows {
  const { steps, lastSure, isEither } = pastOf(life, time, doubt);
  return steps.filter((_, at) => at <= lastSure && !isEither(at)).reduce(changed, life.rows);
}

/** Rows that a step may have changed since. */
export function unsureRows(life: Life, time: number, doubt: Doubt): ReadonlySet<number> {
  const { steps, lastSure, isEither } = pastOf(life, time, doubt);
  return new Set(steps.filter((_, at) => at > lastSure || isEither(at)).flatMap(({ changes }) => [...changes.keys()]));
}

/** Of a copy, which is always as its server was at some time: every state that it may have. */
export function statesOfCopy(life: Life, time: number): readonly Rows[] {
  const { steps, lastSure } = pastOf(life, time, { doubtful: false });
  return [...(lastSure < 0 ? [life.rows] : []), ...steps.slice(Math.max(0, lastSure)).map(({ changes }) => changes as Rows)];
}

function pastOf(life: Life, time: number, { doubtful, scattered = false }: Doubt): Past {
  // A copy whose manifest was stored although the call failed is as it is on the server.
  const steps = life.steps.filter((step) => isDone(step, time, doubtful || step.isWhole === true) !== 'no');
  const isAcknowledged = (step: RowStep): boolean => isDone(step, time, doubtful) === 'yes';
  const lastDurable = steps.findLastIndex((step) => isAcknowledged(step) && step.inMemory !== true);
  const lastSure = steps.findLastIndex((step, at) => at <= lastDurable && isAcknowledged(step) && step.changes.size > 0);
  const lastDone = steps.findLastIndex((step) => isAcknowledged(step) && step.changes.size > 0);
  const isEither = (at: number): boolean => {
    const { refused } = steps[at] as RowStep;
    if (refused === undefined || refused > time) return false;
    // Something else was acknowledged or begun since: a reopening in between may have found it all the same.
    return scattered || at < lastDone || steps.some(({ began, changes }) => began > refused && changes.size > 0);
  };
  const beganWith = (rows: Rows, decided: ReadonlySet<number>): boolean => isSame(life.rows, rows, decided) || (!isOpened(life, time) && life.others?.rows(rows, decided) === true);
  return { life, steps, lastSure, isEither, beganWith };
}

// A step that fits decides its rows, which then need no step before it: so one that may be done is taken to be, if it fits.
function explains(past: Past, last: number, rows: Rows, decided: Set<number>): boolean {
  for (let at = last; at >= 0; at--) {
    const step = past.steps[at] as RowStep;
    if (wasNeverSynced(past.life, step)) return explainsRun(past, at, rows, decided);
    const fits = step.isWhole === true ? isSame(step.changes, rows, decided) : fitsIn(step, rows, decided);
    if (fits && step.isWhole === true) return true;
    if (fits) for (const row of step.changes.keys()) decided.add(row);
    else if (!past.isEither(at)) return false;
  }
  return past.beganWith(rows, decided);
}

// Of a run that was never synced the first few are there.
function explainsRun(past: Past, last: number, rows: Rows, decided: ReadonlySet<number>): boolean {
  let first = last;
  while (first > 0 && wasNeverSynced(past.life, past.steps[first - 1] as RowStep)) first--;
  for (let end = last; end >= first - 1; end--) {
    const after = new Set(decided);
    let fits = true;
    for (let at = end; fits && at >= first; at--) {
      const step = past.steps[at] as RowStep;
      fits = fitsIn(step, rows, after);
      if (fits) for (const row of step.changes.keys()) after.add(row);
    }
    if (fits && explains(past, first - 1, rows, after)) return true;
  }
  return false;
}

// Acknowledged in memory, and then the log broke: no more writes were taken before it was durable.
function wasNeverSynced({ steps }: Life, step: RowStep): boolean {
  if (step.inMemory !== true || step.acknowledged === undefined) return false;
  const next = steps.slice(steps.indexOf(step) + 1).find(({ acknowledged, inMemory }) => acknowledged === undefined || inMemory !== true);
  return next?.refused !== undefined;
}

function fitsIn({ changes }: RowStep, rows: Rows, decided: ReadonlySet<number>): boolean {
  for (const [row, version] of changes) if (!decided.has(row) && rows.get(row) !== version) return false;
  return true;
}

function isSame(a: ReadonlyMap<number, number | undefined>, b: Rows, decided: ReadonlySet<number>): boolean {
  for (const [row, version] of a) if (!decided.has(row) && b.get(row) !== version) return false;
  for (const row of b.keys()) if (!decided.has(row) && !a.has(row)) return false;
  return true;
}

function changed(before: Rows, { changes, isWhole }: RowStep): Rows {
  const rows = isWhole === true ? new Map<number, number>() : new Map(before);
  for (const [row, version] of changes) {
    if (version === undefined) rows.delete(row);
    else rows.set(row, version);
  }
  return rows;
}
