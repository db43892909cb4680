// RunningTarget: a target in its process, built and ready to be asked at any setting of its knob. What commands other
// than `ann` measure with.

import { decodeIds, type Request, type RunAnswer } from './protocol.js';
import type { LoadedTarget } from './registry.js';
import type { Variant } from './target.js';
import { TargetProcess } from './target-process.js';
import type { Truth } from './truth.js';

export interface RunningTask {
  readonly build: Omit<Extract<Request, { readonly op: 'build' }>, 'op'>;
  readonly queryCount: number;
  readonly truth: Truth;
  readonly log: (line: string) => void;
}

export interface Run extends Omit<RunAnswer, 'ids'> {
  readonly recall: number;
  /** CPU seconds of a query. */
  readonly cpuSeconds: number;
}

export class RunningTarget {
  private constructor(
    readonly name: string,
    readonly variants: readonly Variant[],
    private readonly process: TargetProcess,
    private readonly task: RunningTask,
  ) {}

  /** Errors: why it is absent, or what went wrong while it built. */
  static async start({ name, target, command }: LoadedTarget, task: RunningTask): Promise<RunningTarget> {
    if (!target.metrics.includes(task.build.metric)) throw new Error(`absent: it has no metric ${task.build.metric}`);
    const absent = await target.prepare();
    if (absent !== undefined) throw new Error(`absent: ${absent}`);
    task.log(`${name}: building`);
    const started = new TargetProcess(name, command(), task.log);
    try {
      const { variants } = await started.ask({ op: 'build', ...task.build });
      return new RunningTarget(name, variants, started, task);
    } catch (error) {
      await started.close();
      throw error;
    }
  }

  /** Whole passes over the queries for at least `secondsMin`; one pass at 0. */
  async run(variant: number, knob: number | null, secondsMin: number): Promise<Run> {
    const { ids, ...answer } = await this.process.ask({ op: 'run', variant, knob, secondsMin });
    const { queryCount, build, truth } = this.task;
    return { ...answer, recall: truth.recall(decodeIds(ids, queryCount * build.k)), cpuSeconds: answer.cpuS / (answer.passes * queryCount) };
  }

  async close(): Promise<void> {
    await this.process.close();
  }
}

/** Those that start, each; of the others `onError` hears why. */
export async function startAll(targets: readonly LoadedTarget[], task: RunningTask, onError: (name: string, reason: string) => void): Promise<readonly RunningTarget[]> {
  const started: RunningTarget[] = [];
  for (const target of targets) {
    try {
      started.push(await RunningTarget.start(target, task));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      task.log(`${target.name}: ${reason}`);
      onError(target.name, reason);
    }
  }
  return started;
}
