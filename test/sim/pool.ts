// Pool: the units of a Sweep, run by as many processes as there are cores, each of which gets the next when it has
// finished one. With a journal, what was finished is kept, and a sweep that was cut off goes on from there.

import { fork, type ChildProcess } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { added, type Sweep, type Tally } from './sweep.js';

/** Tells a process that it is one of the pool. */
export const WORKER = 'worker';

type Message = { readonly units: number } | { readonly unit: number; readonly tally: Tally };
type Order = { readonly unit: number; readonly limit: number };

export interface PoolOptions {
  /** Arguments of the processes, after the file. */
  readonly args: readonly string[];
  readonly jobs: number;
  /** Only the units of this part, counted from 1, of so many. */
  readonly part: readonly [number, number];
  /** File of a line for each unit that was finished. */
  readonly journal?: string | undefined;
  /** How many points are wanted; Infinity for all units. */
  readonly points: number;
  readonly onUnit: (done: number, units: number, tally: Tally) => void;
}

/** In a process of the pool: does units as it is told, until its parent lets it go. */
export function serveUnits({ units, run }: Sweep): void {
  const send = (message: Message): void => void process.send?.(message);
  process.on('message', ({ unit, limit }: Order) => {
    run(unit, limit).then((tally) => send({ unit, tally }), fail);
  });
  // Infinity has no JSON.
  send({ units: Math.min(units, Number.MAX_SAFE_INTEGER) });
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? String(error.stack) : String(error)}\n`);
  process.exit(2);
}

/** Errors: an Error if a process ends before its unit. */
export async function runPool(main: string, options: PoolOptions): Promise<Tally> {
  const run = new PoolRun(options);
  const workers = Array.from({ length: options.jobs }, () => fork(main, [...options.args, '--worker']));
  try {
    await Promise.all(workers.map((worker) => served(worker, run)));
  } finally {
    for (const worker of workers) worker.kill();
  }
  return run.tally;
}

class PoolRun {
  tally: Tally = { figures: {}, examples: [] };
  readonly #options: PoolOptions;
  readonly #finished = new Set<number>();
  #next: number;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#next = options.part[0] - 1;
    if (options.journal === undefined || !existsSync(options.journal)) return;
    for (const line of readFileSync(options.journal, 'utf8').split('\n')) if (line !== '') this.#noteOld(line);
  }

  /** The next unit to do; undefined if there is none. */
  next(units: number): Order | undefined {
    const limit = Math.min(this.#options.points - (this.tally.figures['points'] ?? 0), Number.MAX_SAFE_INTEGER);
    while (this.#finished.has(this.#next)) this.#next += this.#options.part[1];
    if (this.#next >= units || limit <= 0) return undefined;
    const unit = this.#next;
    this.#next += this.#options.part[1];
    return { unit, limit };
  }

  note(unit: number, tally: Tally, units: number): void {
    const { journal, args, onUnit } = this.#options;
    if (journal !== undefined) appendFileSync(journal, `${JSON.stringify({ args, unit, tally })}\n`);
    this.#finished.add(unit);
    this.tally = added(this.tally, tally);
    onUnit(this.#finished.size, Math.ceil(units / this.#options.part[1]), this.tally);
  }

  #noteOld(line: string): void {
    const { args, unit, tally } = JSON.parse(line) as { readonly args: readonly string[]; readonly unit: number; readonly tally: Tally };
    const { journal, args: own, part: [part, parts] } = this.#options;
    if (args.join(' ') !== own.join(' ')) throw new Error(`${String(journal)}: it is of another sweep, ${args.join(' ')}`);
    if (unit % parts !== part - 1) return;
    this.#finished.add(unit);
    this.tally = added(this.tally, tally);
  }
}

/** Gives a process units until there is none left. */
function served(worker: ChildProcess, run: PoolRun): Promise<void> {
  return new Promise((resolve, reject) => {
    let units = 0;
    worker.on('message', (message: Message) => {
      if ('unit' in message) run.note(message.unit, message.tally, units);
      else units = message.units;
      const order = run.next(units);
      if (order === undefined) resolve();
      else worker.send(order);
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`a process of the sweep ended with ${String(code)}`)));
  });
}
