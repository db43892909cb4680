// `plot`: the whole curve of recall against queries a second for each target, as points and as an SVG file.

import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { DATA_USAGE, readCommand } from '../args.js';
import { openWorkplace, readDataSet } from '../data-set.js';
import { needed, share, text } from '../flags.js';
import { emit, log, rounded } from '../log.js';
import { frontier, ladder, type Curve, type Point } from '../plot/curve.js';
import { svgOf } from '../plot/svg.js';
import { loadTarget, targetNames, type LoadedTarget } from '../registry.js';
import { startAll, type RunningTarget } from '../running-target.js';
import { median } from '../statistics.js';

const USAGE = `npm run -s bench -- plot ${DATA_USAGE} [--rows N] [--targets native,wasm,peer:hnswlib,…] [--index AUTOINDEX] --out F.svg [--seconds 0.2] [--json]`;
const USUAL = ['native', 'wasm', 'wasm-relaxed', 'peer:hnswlib', 'peer:faiss'];
const ROUNDS = 3;
/** Where a ladder ends: the rest is out of the picture. */
const ENOUGH = 0.9995;

interface Step {
  readonly variant: number;
  readonly knob: number | null;
  readonly recall: number;
  /** Of one pass, to choose what is worth timing. */
  readonly qps: number;
}

interface Contestant {
  readonly loaded: LoadedTarget;
  readonly running: RunningTarget;
  readonly steps: readonly Step[];
}

export async function plot(argv: readonly string[]): Promise<void> {
  const { args, values } = readCommand(argv, 'plot', ['out', 'seconds'], USAGE, targetNames(), USUAL);
  const out = needed('--out', values['out'], USAGE);
  // Of one setting of one target in one round.
  const seconds = share('--seconds', text(values['seconds'], '0.2'));
  const { base, queries, truth } = await readDataSet(args);
  const targets = await Promise.all(args.targets.map(loadTarget));
  const build = { metric: args.metric, k: args.k, index: args.index, ...(await openWorkplace(base, queries)) };
  const started = await startAll(targets, { build, queryCount: queries.n, truth, log }, (name, error) => emit({ point: name, error }));
  const contestants: Contestant[] = [];
  for (const running of started) {
    const steps = await climb(running);
    log(`${running.name}: ${steps.length} settings`);
    contestants.push({ loaded: targets.find(({ name }) => name === running.name) as LoadedTarget, running, steps });
  }
  const curves = await time(contestants, seconds);
  for (const { name, points } of curves) for (const { qps, ...point } of points) emit({ point: name, ...point, qpsCpu: qps, n: base.n, d: base.d, k: args.k });
  // What was beaten after all in the longer runs is a point, but not drawn.
  const drawn = curves.map((curve) => ({ ...curve, points: frontier(curve.points) }));
  const name = basename(args.base).replace(/\.base\..*$|\.[fb]vecs.*$/, '');
  await writeFile(out, svgOf(`${name}: ${base.n} x ${base.d}, ${args.metric}`, `recall@${args.k} of ${queries.n} queries, one core, each query by itself; ours solid, peers dashed`, drawn));
  log(`${out} is written`);
  for (const { running } of contestants) await running.close();
}

/** Every setting of the ladder that no other beats in one pass. */
async function climb(running: RunningTarget): Promise<readonly Step[]> {
  const steps: Step[] = [];
  for (const [variant, { knob }] of running.variants.entries()) {
    for (const value of knob === undefined ? [null] : ladder(knob.min, knob.max)) {
      const { recall, cpuSeconds } = await running.run(variant, value, 0);
      steps.push({ variant, knob: value, recall, qps: 1 / cpuSeconds });
      if (recall >= ENOUGH) break;
    }
  }
  return frontier(steps);
}

/** In turns: the first setting of each target, then the second of each, and so on, ROUNDS times. */
async function time(contestants: readonly Contestant[], seconds: number): Promise<readonly Curve[]> {
  const longest = Math.max(0, ...contestants.map(({ steps }) => steps.length));
  const qps = contestants.map(({ steps }) => steps.map((): number[] => []));
  const counts = contestants.map(({ steps }) => steps.map((): Pick<Point, 'counts'> => ({})));
  for (let round = 1; round <= ROUNDS; round++) {
    log(`round ${round} of ${ROUNDS}`);
    for (let at = 0; at < longest; at++) {
      for (const [c, { running, steps }] of contestants.entries()) {
        const step = steps[at];
        if (step === undefined) continue;
        const run = await running.run(step.variant, step.knob, seconds);
        qps[c]?.[at]?.push(1 / run.cpuSeconds);
        if (run.counts !== undefined) (counts[c] as Pick<Point, 'counts'>[])[at] = { counts: run.counts };
      }
    }
  }
  return contestants.map(({ loaded, running, steps }, c) => ({
    name: loaded.name,
    own: loaded.target.own,
    points: steps.map(({ variant, knob, recall }, at): Point => {
      const { index, knob: turned } = running.variants[variant] as (typeof running.variants)[number];
      return { index, knob: turned?.name ?? null, value: knob, recall: rounded(recall), qps: rounded(median(qps[c]?.[at] as number[])), ...counts[c]?.[at] };
    }),
  }));
}
