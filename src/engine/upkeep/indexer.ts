// Indexer: builds the approximate index of a sealed segment in steps, off the path of every call, and calibrates it. If
// it may choose, it keeps the kind that is fastest here, or none if looking at every row is.

import { encodeCalibration, type Calibration } from '../../format/calibration.js';
import type { IndexKind } from '../../model/index-kind.js';
import type { VectorMetric } from '../../model/metric.js';
import type { Ambient } from '../../ports/ambient.js';
import type { AnnIndex, Core, IndexBuild } from '../../ports/core.js';
import { freeBytes } from '../files/free-bytes.js';
import { calibrate } from './calibration.js';
import { portionsOf } from './exact-scan.js';
import { Pacer } from './pacer.js';
import { fastestOf, type Steps } from './race.js';
import { effortFor } from '../search/effort.js';
import { queryOf, type NumberFlat } from '../table/vector-part.js';

/** Fewer rows are scanned as fast as a graph is entered. */
export const INDEX_ROWS_MIN = 1024;
/** What building takes in memory, of the bytes of the rows: codes, neighbours, and two finished files while the faster is chosen. */
export const BUILD_SHARE = 1.5;
/** Comparisons of one step: a millisecond or two. */
const STEP_PAIRS = 50_000;
const TIMED_QUERIES = 32;
const USUAL_RECALL = 0.95;

/** What was asked for: the kind of index, or 'auto'; and the number of lists, if that was said too. 'sparse' of sparse vectors, and only of them. */
export interface IndexWish {
  readonly kind: IndexKind | 'auto' | 'sparse';
  readonly lists?: number | undefined;
  /** What it was built for is no good for another. */
  readonly metric?: VectorMetric | undefined;
}

/** Of dense vectors. */
export interface DenseWish extends IndexWish {
  readonly kind: IndexKind | 'auto';
}

/** By field; none of those that take no index. */
export type IndexWishes = ReadonlyMap<string, IndexWish>;

export interface BuiltIndex {
  readonly kind: IndexKind;
  readonly bytes: Uint8Array;
  readonly ann: AnnIndex;
  readonly calibration: Calibration;
}

/** Undefined if it was aborted, or if it may choose and exact search is as fast. Errors: `OutOfMemory`. */
export async function buildIndex(rows: NumberFlat, rowsSha256: Uint8Array, wish: DenseWish, core: Core, ambient: Ambient, signal: AbortSignal): Promise<BuiltIndex | undefined> {
  const build = core.buildIndex(rows, { kind: wish.kind === 'auto' ? 'graph' : wish.kind, ...(wish.lists === undefined ? {} : { lists: wish.lists }), seed: 1, rowsSha256 });
  try {
    if (build.run !== undefined) await inThreads(build, signal);
    else await inSteps(build, ambient, signal);
    return signal.aborted ? undefined : await new Choice(rows, build, core, ambient, () => signal.aborted).make(wish.kind);
  } catch (error) {
    // Who aborts it may close the rows at once.
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    build.close();
  }
}

async function inSteps(build: IndexBuild, ambient: Ambient, signal: AbortSignal): Promise<void> {
  const pacer = new Pacer(ambient);
  while (!signal.aborted && !build.step(STEP_PAIRS)) await pacer.turn();
}

// Closing is how a build in other threads is told to end.
async function inThreads(build: IndexBuild, signal: AbortSignal): Promise<void> {
  const end = (): void => build.close();
  signal.addEventListener('abort', end);
  try {
    if (!signal.aborted) await build.run?.();
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', end);
  }
}

/** An index of one kind, opened and measured. */
interface Candidate {
  readonly kind: IndexKind;
  readonly ann: AnnIndex;
  readonly calibration: Calibration;
}

class Choice {
  readonly #rows: NumberFlat;
  readonly #build: IndexBuild;
  readonly #core: Core;
  readonly #ambient: Ambient;
  readonly #stopped: () => boolean;

  constructor(rows: NumberFlat, build: IndexBuild, core: Core, ambient: Ambient, stopped: () => boolean) {
    this.#rows = rows;
    this.#build = build;
    this.#core = core;
    this.#ambient = ambient;
    this.#stopped = stopped;
  }

  async make(wish: DenseWish['kind']): Promise<BuiltIndex | undefined> {
    const kinds: readonly IndexKind[] = wish === 'auto' ? ['graph', 'ivf'] : [wish];
    const candidates: Candidate[] = [];
    let built: BuiltIndex | undefined;
    try {
      for (const kind of kinds) {
        candidates.push(await this.#candidate(kind));
        await this.#ambient.pause();
        if (this.#stopped()) return undefined;
      }
      const chosen = wish === 'auto' ? await this.#fastest(candidates) : candidates[0];
      return (built = chosen && this.#built(chosen));
    } finally {
      for (const { ann } of candidates) if (ann !== built?.ann) ann.close();
    }
  }

  async #candidate(kind: IndexKind): Promise<Candidate> {
    const bytes = this.#build.bytes(kind);
    await this.#ambient.pause();
    const ann = await (this.#core.openIndexAsync?.(bytes, this.#rows) ?? this.#core.openIndex(bytes, this.#rows));
    freeBytes(bytes, this.#ambient);
    try {
      await this.#ambient.pause();
      return { kind, ann, calibration: await calibrate(this.#rows, ann, this.#ambient, this.#stopped) };
    } catch (error) {
      ann.close();
      throw error;
    }
  }

  // It is searched as it was opened: in its file it is the same, but for the calibration.
  #built({ kind, ann, calibration }: Candidate): BuiltIndex {
    return { kind, bytes: this.#build.bytes(kind, encodeCalibration(calibration)), ann, calibration };
  }

  // The same queries, each by itself, by either index and by looking at every row. Undefined if that is the fastest.
  async #fastest(candidates: readonly Candidate[]): Promise<Candidate | undefined> {
    const queries = Array.from({ length: TIMED_QUERIES }, (_, at) => queryOf(this.#rows, Math.floor((at * this.#rows.size) / TIMED_QUERIES)));
    const ways: { readonly candidate: Candidate | undefined; readonly steps: Steps }[] = [];
    for (const candidate of candidates) {
      const effort = effortFor(candidate.calibration, candidate.kind, 10, USUAL_RECALL, false);
      if (effort !== undefined) ways.push({ candidate, steps: queries.map((query) => () => candidate.ann.search(query, 10, effort)) });
    }
    const portions = portionsOf(this.#rows, 1);
    ways.push({ candidate: undefined, steps: queries.flatMap((query) => portions.map((portion) => () => this.#rows.search(query, 10, portion))) });
    const fastest = await fastestOf(ways.map(({ steps }) => steps), this.#ambient, this.#stopped);
    return fastest === undefined ? undefined : ways[fastest]?.candidate;
  }
}
