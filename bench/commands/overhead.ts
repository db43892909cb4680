// `overhead`: what the public API adds to a query: the same rows, the same index, the same effort, searched for by the API
// and by the core below it, in turns too short for the machine to change between them.

import { DATA_USAGE, readCommand } from '../args.js';
import { openWorkplace, readDataSet } from '../data-set.js';
import { emit, log, rounded } from '../log.js';
import { loadTarget, targetNames } from '../registry.js';
import { inRepository } from '../repository.js';
import { startAll, type RunningTarget, type RunningTask } from '../running-target.js';
import { median } from '../statistics.js';
import { leastSetting } from '../tune.js';
import { UsageError } from '../usage-error.js';

const USAGE = `npm run -s bench -- overhead ${DATA_USAGE} [--recall 0.95] [--rows N] [--targets native,wasm] [--json]`;
const PAIRED = ['native', 'wasm'];
const ROUNDS = 40;
const ROUND_SECONDS = 0.05;
const WARM_UP_SECONDS = 0.5;

export interface OverheadLine {
  /** The core below. */
  readonly overhead: string;
  readonly ef: number | null;
  readonly recallCore: number | null;
  readonly recallApi: number | null;
  /** CPU time of a query, the median over rounds, in microseconds. */
  readonly usCore: number | null;
  readonly usApi: number | null;
  /** The API's less the core's, round by round: least, median, greatest. */
  readonly usAdded: readonly [number, number, number] | null;
  /** That the API's rows lie in: beyond one, each is searched, and what that costs is in the difference. */
  readonly segments: number | null;
  readonly n: number;
  readonly d: number;
  readonly k: number;
  readonly error?: string;
}

export async function overhead(argv: readonly string[]): Promise<void> {
  const { args } = readCommand(argv, 'overhead', [], USAGE, targetNames(), PAIRED);
  const unknown = args.targets.find((name) => !PAIRED.includes(name));
  if (unknown !== undefined) throw new UsageError(`--targets: expected some of ${PAIRED.join(', ')}, found ${unknown}\n${USAGE}`);
  const { base, queries, truth } = await readDataSet(args);
  const build = { metric: args.metric, k: args.k, index: 'GRAPH', ...(await openWorkplace(base, queries)) };
  for (const name of args.targets) {
    const measured = await compare(name, args.recall, { build, queryCount: queries.n, truth, log });
    const line: OverheadLine = { overhead: name, ...measured, n: base.n, d: base.d, k: args.k };
    emit(line);
    if (!args.json && line.usAdded !== null) log(`db-${name} less ${name} at ef ${String(line.ef)}: ${line.usAdded[1]} us (${line.usAdded[0]} to ${line.usAdded[2]})`);
  }
}

type Asked = Pick<RunningTarget, 'name' | 'variants' | 'run'>;
type Measured = Omit<OverheadLine, 'overhead' | 'n' | 'd' | 'k'>;

async function compare(name: string, recall: number, task: RunningTask): Promise<Measured> {
  let error = '';
  const targets = await Promise.all([loadTarget(name), loadTarget(inRepository(`bench/overhead/db-${name}.ts`))]);
  const running = await startAll(targets, task, (which, reason) => void (error ||= `${which}: ${reason}`));
  const [core, api] = running;
  const nothing = { ef: null, recallCore: null, recallApi: null, usCore: null, usApi: null, usAdded: null, segments: null };
  try {
    return core === undefined || api === undefined ? { ...nothing, error } : await takeTurns(core, api, recall);
  } finally {
    for (const target of running) await target.close();
  }
}

/** Of two that are built alike: the core's knob is turned to the least effort that reaches `recall`, the API's to the same. */
export async function takeTurns(core: Asked, api: Asked, recall: number): Promise<Measured> {
  const knob = core.variants[0]?.knob;
  if (knob === undefined) throw new Error(`${core.name}: it has no knob`);
  const { value: ef } = await leastSetting(knob, recall, async (value) => (await core.run(0, value, 0)).recall);
  const { recall: recallCore } = await core.run(0, ef, WARM_UP_SECONDS);
  const { recall: recallApi } = await api.run(0, ef, WARM_UP_SECONDS);
  const pairs: (readonly [number, number])[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const us = async (target: Asked): Promise<number> => (await target.run(0, ef, ROUND_SECONDS)).cpuSeconds * 1e6;
    // Either goes first in every other round.
    if (round % 2 === 0) pairs.push([await us(core), await us(api)]);
    else {
      const second = await us(api);
      pairs.push([await us(core), second]);
    }
  }
  const added = pairs.map(([below, above]) => above - below);
  return {
    ef,
    recallCore: rounded(recallCore),
    recallApi: rounded(recallApi),
    usCore: rounded(median(pairs.map(([below]) => below))),
    usApi: rounded(median(pairs.map(([, above]) => above))),
    usAdded: [rounded(Math.min(...added)), rounded(median(added)), rounded(Math.max(...added))],
    segments: Number(api.variants[0]?.params['segments'] ?? 1),
  };
}
