// History: what was asked of a database and what it answered, on a clock that counts events. It tells which states a crash
// at any moment may leave: every change that was acknowledged, then the first few of those under way, whole.

import { ElanusError, type ErrorCode } from '../../src/model/errors.js';
import { Evictions } from './evictions.js';

const UNTRIED: readonly ErrorCode[] = ['ReadOnly', 'Closed'];

/** A change of one collection, or its making or dropping. */
export interface Step {
  readonly began: number;
  acknowledged?: number;
  refused?: number;
  /** Refused before anything was written, as no writes are taken any more: it never happens. */
  isUntried?: boolean;
}

export type Rows = ReadonlyMap<number, number>;

export interface RowStep extends Step {
  /** Row number to its version; undefined where it is deleted. */
  readonly changes: ReadonlyMap<number, number | undefined>;
  /** These rows are all that there are. */
  readonly isWhole?: boolean;
  /** Acknowledged before it was durable: a crash may lose it, with all after it, until a later step is durable. */
  readonly inMemory?: boolean;
}

export interface IndexStep extends Step {
  /** Type of the index of the vectors that was asked for. */
  readonly type: string | undefined;
}

/** One life of a collection: a dropped one that is made anew is another. */
export interface Life {
  readonly name: string;
  readonly shape: string;
  readonly made: Step;
  dropped?: Step;
  /** Rows and index that it began with: those of a life that a crash ended. */
  readonly rows: Rows;
  /** Rows that it may go back to by a power cut, until it was opened since. */
  readonly others?: readonly Rows[];
  opened?: number;
  /** A copy that is pulled. */
  readonly isPulled?: boolean;
  readonly index: string | undefined;
  readonly steps: RowStep[];
  readonly indexSteps: IndexStep[];
}

export class History {
  readonly lives: Life[] = [];
  readonly evictions = new Evictions();
  #now = 0;
  #versions = 0;

  get now(): number {
    return this.#now;
  }

  /** A number that no row had before. */
  nextVersion(): number {
    return ++this.#versions;
  }

  begin(): Step {
    return { began: ++this.#now };
  }

  /** Notes the end of a step when `work` ends. Rejects as `work` does. */
  async settle<T>(step: Step, work: Promise<T>): Promise<T> {
    try {
      const result = await work;
      step.acknowledged = ++this.#now;
      return result;
    } catch (error) {
      step.refused = ++this.#now;
      step.isUntried = error instanceof ElanusError && UNTRIED.includes(error.code);
      throw error;
    }
  }

  /** Lives that may be there after a crash at `time`, by name: the sure one, or those that may be. */
  namesAt(time: number): readonly string[] {
    return [...new Set(this.lives.filter(({ made }) => made.began <= time).map(({ name }) => name))];
  }

  /** The last life of that name begun by `time`. */
  lifeAt(name: string, time: number): Life | undefined {
    return this.lives.filter((life) => life.name === name && life.made.began <= time).at(-1);
  }

  /** The life before `life` of its name. */
  lifeBefore(life: Life): Life | undefined {
    return this.lives.slice(0, this.lives.indexOf(life)).filter(({ name }) => name === life.name).at(-1);
  }

  /** What was found becomes what is known: the same numbers go on. `others`: what a power cut may still make of it. */
  goOn(found: readonly { readonly life: Life; readonly rows: Rows; readonly index: string | undefined }[], others: (life: Life) => readonly Rows[] = () => []): History {
    const history = new History();
    history.#versions = this.#versions;
    history.evictions.goOn(this.evictions);
    for (const { life, rows, index } of found) {
      const { name, shape, isPulled = false } = life;
      history.lives.push({ name, shape, made: { began: 0, acknowledged: 0 }, rows, others: others(life), isPulled, index, steps: [], indexSteps: [] });
    }
    return history;
  }
}

export type Presence = 'there' | 'gone' | 'either';

/** `doubtful`: a step that was refused may have happened all the same, as nothing could be taken back. */
export function isDone(step: Step | undefined, time: number, doubtful: boolean): 'yes' | 'no' | 'maybe' {
  if (step === undefined || step.began > time) return 'no';
  if (step.isUntried === true && (step.refused as number) <= time) return 'no';
  if (step.acknowledged !== undefined && step.acknowledged <= time) return 'yes';
  return step.refused !== undefined && step.refused <= time && !doubtful ? 'no' : 'maybe';
}

export function presence(life: Life, time: number, doubtful: boolean): Presence {
  const made = isDone(life.made, time, doubtful);
  const wasUsed = life.steps.some(({ acknowledged, changes }) => changes.size > 0 && acknowledged !== undefined && acknowledged <= time && acknowledged > (life.dropped?.refused ?? time));
  const dropped = wasUsed ? 'no' : isDone(life.dropped, time, doubtful);
  if (made === 'no' || dropped === 'yes') return 'gone';
  return made === 'yes' && dropped === 'no' ? 'there' : 'either';
}

/**
 * The rows after every step that is durable, then those after each further step that may have been done, in order.
 * `scattered`: any of those that were refused may be missing, as a failed sync loses what it likes.
 */
export function possibleRows(life: Life, time: number, doubtful: boolean, scattered = false): readonly Rows[] {
  // A copy whose manifest was stored although the call failed is as it is on the server.
  const steps = life.steps.filter((step) => isDone(step, time, doubtful || step.isWhole === true) !== 'no');
  const isAcknowledged = (step: RowStep): boolean => isDone(step, time, doubtful) === 'yes';
  const lastDurable = steps.findLastIndex((step) => isAcknowledged(step) && step.inMemory !== true);
  const lastSure = steps.findLastIndex((step, at) => at <= lastDurable && isAcknowledged(step) && step.changes.size > 0);
  const lastDone = steps.findLastIndex((step) => isAcknowledged(step) && step.changes.size > 0);
  const isOpened = life.opened !== undefined && life.opened <= time;
  let states = distinct(isOpened ? [life.rows] : [life.rows, ...(life.others ?? [])]);
  const found: Rows[] = lastSure === -1 ? [...states] : [];
  let shorter: readonly Rows[] = [];
  for (const [at, step] of steps.entries()) {
    // Refused, and something else was acknowledged or begun since: a reopening in between may have found it all the same.
    const { refused } = step;
    const isEither = refused !== undefined && refused <= time && (scattered || at < lastDone || steps.some(({ began, changes }) => began > refused && changes.size > 0));
    // Of a run that was never synced the first few are there.
    if (wasNeverSynced(life, step)) shorter = distinct([...shorter, ...states]);
    else if (shorter.length > 0) [states, shorter] = [distinct([...shorter, ...states]), []];
    const after = states.map((rows) => changed(rows, step));
    states = isEither ? distinct([...states, ...after]) : after;
    if (at >= lastSure) for (const state of [...shorter, ...states]) found.push(state);
  }
  return distinct(found);
}

// Acknowledged in memory, and then the log broke: no more writes were taken before it was durable.
function wasNeverSynced({ steps }: Life, step: RowStep): boolean {
  if (step.inMemory !== true || step.acknowledged === undefined) return false;
  const next = steps.slice(steps.indexOf(step) + 1).find(({ acknowledged, inMemory }) => acknowledged === undefined || inMemory !== true);
  return next?.refused !== undefined;
}

function distinct(states: readonly Rows[]): readonly Rows[] {
  return [...new Map(states.map((rows) => [[...rows].sort(([a], [b]) => a - b).join(), rows])).values()];
}

function changed(before: Rows, { changes, isWhole }: RowStep): Rows {
  const rows = isWhole === true ? new Map<number, number>() : new Map(before);
  for (const [row, version] of changes) {
    if (version === undefined) rows.delete(row);
    else rows.set(row, version);
  }
  return rows;
}

export function possibleIndexes(life: Life, time: number, doubtful: boolean): readonly (string | undefined)[] {
  let sure = life.index;
  let maybe: (string | undefined)[] = [];
  for (const step of life.indexSteps) {
    const done = isDone(step, time, doubtful);
    if (done === 'yes') [sure, maybe] = [step.type, []];
    else if (done === 'maybe') maybe.push(step.type);
  }
  return [sure, ...maybe];
}
