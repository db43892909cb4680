// Race: which of several ways to search is the fastest, on this device, now: the same searches by every way, in turns; the
// least time of each way counts. It is run a few milliseconds at a time, and what passes between is not counted.

import type { Ambient } from '../../ports/ambient.js';

const ROUNDS = 3;
/** Of one way in one round, and passes at most, where the clock stands still. */
const ROUND_MS = 10;
const PASSES = 64;
/** After so long others have their turn. What is timed at once takes no longer, unless a single step does. */
const TURN_MS = 2;

/** All that is searched for, once: each step a single call of the core, and a short one. */
export type Steps = readonly (() => unknown)[];

/** The position of the fastest way; of equals the first wins. Undefined if it was stopped. */
export async function fastestOf(ways: readonly Steps[], ambient: Ambient, stopped: () => boolean): Promise<number | undefined> {
  const runners = ways.map((steps) => new Runner(steps, ambient, stopped));
  const least = (): number => Math.min(...runners.map(({ ms }) => ms));
  for (let round = 0; round < ROUNDS; round++) {
    for (const runner of runners) {
      await ambient.pause();
      if (!stopped()) await runner.run(least());
      if (stopped()) return undefined;
    }
  }
  return runners.findIndex(({ ms }) => ms === least());
}

class Runner {
  /** The least time of a pass so far. */
  ms = Infinity;

  readonly #steps: Steps;
  readonly #ambient: Ambient;
  readonly #stopped: () => boolean;
  /** Steps that are timed at once: few where each takes long. */
  #atOnce = 1;

  constructor(steps: Steps, ambient: Ambient, stopped: () => boolean) {
    this.#steps = steps;
    this.#ambient = ambient;
    this.#stopped = stopped;
  }

  /** One round, which ends early if it cannot come below `best` milliseconds any more. */
  async run(best: number): Promise<void> {
    const { length } = this.#steps;
    let [spent, passes, at] = [0, 1, 0];
    for (;;) {
      const turnFrom = this.#ambient.nowMs();
      // What others do in between makes the next slower. The same steps would find their rows in the cache: those before them do not.
      const first = Math.min(this.#atOnce, length - at);
      this.#take(at - first, first);
      for (let now = turnFrom; now - turnFrom < TURN_MS; ) {
        const count = Math.min(this.#atOnce, length - at);
        const start = this.#ambient.nowMs();
        this.#take(at, count);
        now = this.#ambient.nowMs();
        if (this.#atOnce < length && (now - start) * 2 <= TURN_MS && count === this.#atOnce) {
          this.#atOnce = Math.min(length, this.#atOnce * 2);
          continue;
        }
        spent += now - start;
        at += count;
        if (at === length) {
          if (spent >= ROUND_MS || passes === PASSES) {
            this.ms = Math.min(this.ms, spent / passes);
            return;
          }
          passes++;
          at = 0;
        } else if (spent >= ROUND_MS && spent >= passes * best) {
          return;
        }
      }
      await this.#ambient.pause();
      if (this.#stopped()) return;
    }
  }

  /** From a step that may lie before the first: the last are before it. */
  #take(first: number, count: number): void {
    const { length } = this.#steps;
    for (let at = first; at < first + count; at++) this.#steps[(at + length) % length]?.();
  }
}
