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
  /** Refused, and in part done before that, maybe. */
  isHalfDone?: boolean;
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

export interface FieldStep extends Step {
  /** The one that is added. */
  readonly field: string;
}

export interface AliasStep extends Step {
  readonly alias: string;
  readonly collection: string;
}

/** What a life may begin with. */
export interface Beginning {
  /** Whether with these rows, less those that are decided already. */
  readonly rows: (rows: Rows, decided: ReadonlySet<number>) => boolean;
  readonly indexes: readonly (string | undefined)[];
}

const NO_OTHER: Beginning = { rows: () => false, indexes: [] };

/** One life of a collection: a dropped one that is made anew is another. */
export interface Life {
  readonly name: string;
  readonly shape: string;
  readonly made: Step;
  /** Each time that it was to be dropped, in order: one that was refused is followed by the next. */
  readonly drops: Step[];
  /** Rows and index that it began with: those of a life that a crash ended. */
  readonly rows: Rows;
  /** What else it may go back to by a power cut, until it was opened since. */
  readonly others?: Beginning;
  opened?: number;
  /** A copy that is pulled. */
  readonly isPulled?: boolean;
  readonly index: string | undefined;
  readonly steps: RowStep[];
  readonly indexSteps: IndexStep[];
  readonly fieldSteps: FieldStep[];
}

export class History {
  readonly lives: Life[] = [];
  readonly aliasSteps: AliasStep[] = [];
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
  goOn(found: readonly { readonly life: Life; readonly rows: Rows; readonly index: string | undefined }[], others: (life: Life) => Beginning = () => NO_OTHER): History {
    const history = new History();
    history.#versions = this.#versions;
    history.evictions.goOn(this.evictions);
    for (const { life, rows, index } of found) {
      const { name, shape, isPulled = false } = life;
      history.lives.push({ name, shape, made: { began: 0, acknowledged: 0 }, rows, others: others(life), isPulled, index, drops: [], steps: [], indexSteps: [], fieldSteps: [] });
    }
    return history;
  }
}

/** Whether it was opened since a crash. */
export function isOpened({ opened }: Life, time: number): boolean {
  return opened !== undefined && opened <= time;
}

export type Presence = 'there' | 'gone' | 'either';

/** `doubtful`: a step that was refused may have happened all the same, as nothing could be taken back. */
export function isDone(step: Step | undefined, time: number, doubtful: boolean): 'yes' | 'no' | 'maybe' {
  if (step === undefined || step.began > time) return 'no';
  if (step.isUntried === true && (step.refused as number) <= time) return 'no';
  if (step.acknowledged !== undefined && step.acknowledged <= time) return 'yes';
  return step.refused !== undefined && step.refused <= time && !doubtful && step.isHalfDone !== true ? 'no' : 'maybe';
}

export function presence(life: Life, time: number, doubtful: boolean): Presence {
  const made = isDone(life.made, time, doubtful);
  const lastUsed = Math.max(...life.steps.map(({ acknowledged, changes }) => (changes.size > 0 && acknowledged !== undefined && acknowledged <= time ? acknowledged : 0)));
  const dropped = life.drops.map((drop) => (lastUsed > (drop.refused ?? time) ? 'no' : isDone(drop, time, doubtful)));
  if (made === 'no' || dropped.includes('yes')) return 'gone';
  return made === 'yes' && !dropped.includes('maybe') ? 'there' : 'either';
}

/** What an alias may stand for; undefined if nothing is sure of it. */
export function possibleMeanings(steps: readonly AliasStep[], time: number, doubtful: boolean): readonly string[] | undefined {
  let meanings: string[] | undefined;
  for (const step of steps) {
    const done = isDone(step, time, doubtful);
    if (done === 'yes') meanings = [step.collection];
    else if (done === 'maybe') meanings?.push(step.collection);
  }
  return meanings;
}

export function possibleIndexes(life: Life, time: number, doubtful: boolean): readonly (string | undefined)[] {
  let sure = life.index;
  let maybe = isOpened(life, time) ? [] : [...(life.others ?? NO_OTHER).indexes];
  for (const step of life.indexSteps) {
    const done = isDone(step, time, doubtful);
    if (done === 'yes') [sure, maybe] = [step.type, []];
    else if (done === 'maybe') maybe.push(step.type);
  }
  return [sure, ...maybe];
}
