// Contest: every target is built and tuned, then they take turns: A B C, A B C, … ROUNDS times. Only one process
// works at any moment. A target that fails drops out with its reason; the others go on.

import type { Counts } from './counts.js';
import { decodeIds, type Request, type RunAnswer } from './protocol.js';
import type { LoadedTarget } from './registry.js';
import { median } from './statistics.js';
import type { Variant } from './target.js';
import { TargetProcess } from './target-process.js';
import type { Truth } from './truth.js';
import { leastSetting, type Tuned } from './tune.js';

export const ROUNDS = 5;
const ROUND_SECONDS = 0.5;
const WARM_UP_SECONDS = 0.25;
const CHOICE_ROUNDS = 3;

export interface Round {
  readonly qps: number;
  readonly qpsCpu: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** How a target fared. `error`: it did not take part to the end. `unreached`: it cannot reach the recall. */
export interface Outcome {
  readonly name: string;
  readonly own: boolean;
  readonly variant?: Variant;
  readonly tuned?: Tuned;
  /** One a round; none if it did not get that far. */
  readonly rounds: readonly Round[];
  /** Of one query at the tuned setting, if the target counts. */
  readonly counts?: Counts;
  readonly unreached?: boolean;
  readonly error?: string;
}

export interface ContestTask {
  readonly build: Omit<Extract<Request, { readonly op: 'build' }>, 'op'>;
  readonly queryCount: number;
  readonly recall: number;
  readonly truth: Truth;
  readonly log: (line: string) => void;
}

interface Ready {
  readonly variant: number;
  readonly tuned: Tuned;
}

export async function runContest(targets: readonly LoadedTarget[], task: ContestTask): Promise<readonly Outcome[]> {
  const contestants = targets.map((loaded) => new Contestant(loaded, task));
  try {
    for (const contestant of contestants) await contestant.guard(() => contestant.prepare());
    for (const contestant of contestants) await contestant.guard(() => contestant.warmUp());
    for (let round = 1; round <= ROUNDS; round++) {
      task.log(`round ${round} of ${ROUNDS}`);
      for (const contestant of contestants) await contestant.guard(() => contestant.round());
    }
    return contestants.map((contestant) => contestant.outcome());
  } finally {
    for (const contestant of contestants) await contestant.close();
  }
}

class Contestant {
  private process: TargetProcess | undefined;
  private variants: readonly Variant[] = [];
  private ready: Ready | undefined;
  private readonly rounds: Round[] = [];
  private counts: Counts | undefined;
  private error: string | undefined;

  constructor(
    private readonly loaded: LoadedTarget,
    private readonly task: ContestTask,
  ) {}

  /** Takes a step unless an earlier one failed; a failure is this target's outcome. */
  async guard(step: () => Promise<void>): Promise<void> {
    if (this.error !== undefined) return;
    try {
      await step();
    } catch (error) {
      this.error = error instanceof Error ? error.message : String(error);
      this.task.log(`${this.loaded.name}: ${this.error}`);
      await this.close();
    }
  }

  async prepare(): Promise<void> {
    const { name, target } = this.loaded;
    const { build, log } = this.task;
    if (!target.metrics.includes(build.metric)) throw new Error(`absent: it has no metric ${build.metric}`);
    const absent = await target.prepare();
    if (absent !== undefined) throw new Error(`absent: ${absent}`);
    log(`${name}: building`);
    this.process = new TargetProcess(name, this.loaded.command(), log);
    this.variants = (await this.process.ask({ op: 'build', ...build })).variants;
    this.ready = await this.best();
    log(`${name}: ${this.describe()}`);
  }

  async warmUp(): Promise<void> {
    if (this.ready?.tuned.reached) await this.run(this.ready, WARM_UP_SECONDS);
  }

  async round(): Promise<void> {
    if (!this.ready?.tuned.reached) return;
    const { passes, wallS, cpuS, p50Ms, p99Ms, counts } = await this.run(this.ready, ROUND_SECONDS);
    this.counts = counts;
    const queries = passes * this.task.queryCount;
    this.rounds.push({ qps: queries / wallS, qpsCpu: queries / cpuS, p50Ms, p99Ms });
  }

  outcome(): Outcome {
    const { ready } = this;
    const variant = ready === undefined ? undefined : this.variants[ready.variant];
    return {
      name: this.loaded.name,
      own: this.loaded.target.own,
      rounds: this.error === undefined ? this.rounds : [],
      ...(ready === undefined || variant === undefined ? {} : { variant, tuned: ready.tuned, unreached: !ready.tuned.reached }),
      ...(this.counts === undefined || this.error !== undefined ? {} : { counts: this.counts }),
      ...(this.error === undefined ? {} : { error: this.error }),
    };
  }

  async close(): Promise<void> {
    await this.process?.close();
  }

  /** Tunes every variant; of those that reach, the one with the least CPU time wins; if none does, the best recall. */
  private async best(): Promise<Ready> {
    const tuned: Ready[] = [];
    for (const [i, variant] of this.variants.entries()) tuned.push({ variant: i, tuned: await this.tune(i, variant) });
    const reached = tuned.filter((ready) => ready.tuned.reached);
    const [first] = reached;
    if (first === undefined) return tuned.reduce((a, b) => (b.tuned.recall > a.tuned.recall ? b : a));
    if (reached.length === 1) return first;
    // In turns too, so that a slow moment does not choose.
    const secondsPerPass = reached.map((): number[] => []);
    for (let round = 0; round < CHOICE_ROUNDS; round++) {
      for (const [i, ready] of reached.entries()) {
        const { cpuS, passes } = await this.run(ready, WARM_UP_SECONDS);
        secondsPerPass[i]?.push(cpuS / passes);
      }
    }
    const medians = secondsPerPass.map(median);
    return reached[medians.indexOf(Math.min(...medians))] ?? first;
  }

  private async tune(variant: number, { knob }: Variant): Promise<Tuned> {
    const recallAt = async (value: number | null): Promise<number> => {
      const { ids } = await this.running().ask({ op: 'tune', variant, knob: value });
      return this.recallOf(ids);
    };
    if (knob !== undefined) return leastSetting(knob, this.task.recall, recallAt);
    const recall = await recallAt(null);
    return { value: 0, recall, reached: recall >= this.task.recall };
  }

  private async run({ variant, tuned }: Ready, secondsMin: number): Promise<RunAnswer> {
    const knob = this.variants[variant]?.knob === undefined ? null : tuned.value;
    const answer = await this.running().ask({ op: 'run', variant, knob, secondsMin });
    const recall = this.recallOf(answer.ids);
    if (recall < this.task.recall) throw new Error(`recall fell to ${recall} when timed, from ${tuned.recall} when tuned`);
    return answer;
  }

  private recallOf(ids: string): number {
    return this.task.truth.recall(decodeIds(ids, this.task.queryCount * this.task.build.k));
  }

  private running(): TargetProcess {
    if (this.process === undefined) throw new Error('not started');
    return this.process;
  }

  private describe(): string {
    if (this.ready === undefined) return 'not ready';
    const { tuned, variant } = this.ready;
    const knob = this.variants[variant]?.knob;
    return `${this.variants[variant]?.index ?? '?'}${knob === undefined ? '' : ` ${knob.name} ${tuned.value}`}: recall ${tuned.recall.toFixed(4)}${tuned.reached ? '' : ', not enough'}`;
  }
}
