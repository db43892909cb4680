// `ann`: every target at its cheapest setting that reaches a recall; a line each, then ratios.

import { readArgs } from '../args.js';
import { runContest } from '../contest.js';
import { openWorkplace, readDataSet } from '../data-set.js';
import { emit, log } from '../log.js';
import { loadTarget, targetNames } from '../registry.js';
import { ratioLines, table, targetLine } from '../report.js';
import { lastCore } from '../target-process.js';

export async function ann(argv: readonly string[]): Promise<void> {
  const args = readArgs(argv, targetNames());
  const { base, queries, truth } = await readDataSet(args);
  const core = lastCore();
  log(`${base.n} x ${base.d}, ${queries.n} queries, ${args.metric}, k ${args.k}, recall ${args.recall}; ${core === undefined ? 'no taskset: cores are not pinned' : `every target on core ${core}`}`);
  const targets = await Promise.all(args.targets.map(loadTarget));
  const build = { metric: args.metric, k: args.k, index: args.index, ...(await openWorkplace(base, queries)) };
  const outcomes = await runContest(targets, { build, queryCount: queries.n, recall: args.recall, truth, log });
  const lines = outcomes.map((outcome) => targetLine(outcome, { n: base.n, d: base.d, k: args.k, recall: args.recall }));
  const ratios = ratioLines(outcomes);
  for (const line of [...lines, ...ratios]) emit(line);
  if (!args.json) process.stderr.write(`${table(lines, ratios)}\n`);
}
