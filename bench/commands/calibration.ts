// `calibration`: what the public API gives when a recall is asked for: the recall measured against the truth, and the one
// that its answers said to expect.

import { DATA_USAGE, readCommand } from '../args.js';
import { openWorkplace, readDataSet } from '../data-set.js';
import { emit, log, rounded } from '../log.js';
import { loadTarget, targetNames } from '../registry.js';
import { startAll, type RunningTarget } from '../running-target.js';

const USAGE = `npm run -s bench -- calibration ${DATA_USAGE} [--rows N] [--targets db-native] [--json]`;
export const ASKED: readonly number[] = [0.5, 0.7, 0.8, 0.9, 0.95, 0.99];
const SECONDS = 0.2;

export interface CalibrationLine {
  readonly calibration: string;
  readonly asked: number;
  readonly measured: number | null;
  /** Said by the answers. */
  readonly promised: number | null;
  readonly qpsCpu: number | null;
  readonly n: number;
  readonly d: number;
  readonly k: number;
  readonly error?: string;
}

export async function calibration(argv: readonly string[]): Promise<void> {
  const { args } = readCommand(argv, 'calibration', [], USAGE, targetNames(), ['db-native']);
  const { base, queries, truth } = await readDataSet(args);
  const shape = { n: base.n, d: base.d, k: args.k };
  const nothing = { measured: null, promised: null, qpsCpu: null };
  const build = { metric: args.metric, k: args.k, index: args.index, ...(await openWorkplace(base, queries)) };
  const targets = await Promise.all(args.targets.map(loadTarget));
  const running = await startAll(targets, { build, queryCount: queries.n, truth, log }, (name, error) => emit({ calibration: name, asked: 0, ...nothing, ...shape, error }));
  for (const target of running) {
    for (const asked of ASKED) {
      const line: CalibrationLine = { calibration: target.name, asked, ...(await measure(target, asked)), ...shape };
      emit(line);
      if (!args.json) log(`${line.calibration}: asked ${asked}, measured ${String(line.measured)}, promised ${String(line.promised)}, ${String(line.qpsCpu)} QPS by CPU`);
    }
    await target.close();
  }
}

async function measure(target: RunningTarget, asked: number): Promise<Pick<CalibrationLine, 'measured' | 'promised' | 'qpsCpu' | 'error'>> {
  const knob = target.variants[0]?.knob;
  if (knob?.name !== 'recallPerMille') return { measured: null, promised: null, qpsCpu: null, error: 'it is not asked for a recall' };
  const { recall, promised, cpuSeconds } = await target.run(0, Math.round(asked * 1000), SECONDS);
  return { measured: rounded(recall), promised: promised === undefined ? null : rounded(promised), qpsCpu: rounded(1 / cpuSeconds) };
}
