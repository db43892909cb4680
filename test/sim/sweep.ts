// Sweep: what is looked at one thing after another, in units that run by themselves, in any order and process, each the same
// for the same seed. A unit gives a Tally; a sweep's is the sum of them.

import { random, randomInteger } from '../support/random.js';

export interface Tally {
  readonly figures: Readonly<Record<string, number>>;
  /** What was found, each with what to repeat. */
  readonly examples: readonly string[];
}

export interface Sweep {
  /** How many there are; Infinity if it goes on for as long as is asked for. */
  readonly units: number;
  /** `limit`: how many points are wanted yet, where a sweep is as long as is asked for. */
  readonly run: (unit: number, limit: number) => Promise<Tally>;
}

const EXAMPLES_MAX = 40;

export function added(a: Tally, b: Tally): Tally {
  const names = new Set([...Object.keys(a.figures), ...Object.keys(b.figures)]);
  return {
    figures: Object.fromEntries([...names].map((name) => [name, (a.figures[name] ?? 0) + (b.figures[name] ?? 0)])),
    examples: [...a.examples, ...b.examples].slice(0, EXAMPLES_MAX),
  };
}

/** The seed of the unit `at`, from that of the sweep. */
export function seedAt(seed: number, at: number): number {
  const next = random(seed);
  for (let before = 0; before < at; before++) next();
  return randomInteger(next, 2 ** 31);
}

/** Every unit of a sweep that ends, in this process. */
export async function swept({ units, run }: Sweep): Promise<Tally> {
  let tally: Tally = { figures: {}, examples: [] };
  for (let unit = 0; unit < units; unit++) tally = added(tally, await run(unit, Infinity));
  return tally;
}
