// Opening: from the call of `open()` to the first answer, in a new process over files that are in the page cache, and in a new page.

import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { log, rounded } from '../log.js';
import { inRepository } from '../repository.js';
import { judged, spreadOf, type StorageLine } from './line.js';
import { runProcess, startProcess } from './process.js';
import { readRowsFile, type RowsFile } from './rows.js';

export const OPEN_METRIC = 'COSINE';
const NODE_MS_MAX = 300;
const WARM_UPS = 2;

export interface PrepareTask {
  readonly folder: string;
  readonly rows: RowsFile;
}

export interface PrepareAnswer {
  readonly segments: number;
  readonly withIndex: number;
}

export interface OpenTask {
  readonly folder: string;
  readonly query: readonly number[];
}

export interface OpenAnswer {
  /** When the module began to run, in milliseconds since 1970. */
  readonly beganMs: number;
  /** Loading the package. */
  readonly importMs: number;
  /** `open()` alone. */
  readonly openMs: number;
  /** From the call of `open()` to the hits. */
  readonly answerMs: number;
  /** The same query once more. */
  readonly againMs: number;
  readonly hits: readonly number[];
  readonly rssBytes: number;
  readonly coreMemoryBytes: number;
  readonly warnings: readonly string[];
}

export async function openLines(rows: RowsFile, rounds: number, folder: string): Promise<readonly StorageLine[]> {
  const { segments, withIndex } = await prepared(rows, folder);
  const query = Array.from(readRowsFile(rows.path).subarray(0, rows.d));
  const task: OpenTask = { folder: join(folder, 'open'), query };
  const answers: (OpenAnswer & { readonly startMs: number })[] = [];
  for (let round = -WARM_UPS; round < rounds; round++) {
    const running = startProcess('bench/storage/open-once.ts', task);
    const answer = JSON.parse((await running.lines).at(-1) ?? 'null') as OpenAnswer;
    // The first row asks for itself.
    if (answer.hits[0] !== 0) throw new Error(`expected row 0 as the first hit, found ${String(answer.hits[0])}`);
    if (answer.warnings.length > 0) log(`open: ${answer.warnings.join('; ')}`);
    if (round >= 0) answers.push({ ...answer, startMs: answer.beganMs - running.startedMs });
  }
  const of = (pick: (answer: (typeof answers)[number]) => number) => spreadOf(answers.map(pick));
  const set = `${rows.what}, ${segments} segments, ${withIndex} with an index, Node`;
  const note = `open() alone ${rounded(of(({ openMs }) => openMs)[1])} ms, the same query again ${rounded(of(({ againMs }) => againMs)[1])} ms; before it, process ${rounded(of(({ startMs }) => startMs)[1])} ms, package ${rounded(of(({ importMs }) => importMs)[1])} ms; RSS ${Math.round(of(({ rssBytes }) => rssBytes)[1] / 1e6)} MB, core ${Math.round(of(({ coreMemoryBytes }) => coreMemoryBytes)[1] / 1e6)} MB`;
  return [judged({ bar: 'open to the first answer, Node', set, unit: 'ms', must: NODE_MS_MAX, better: 'less', measured: of(({ answerMs }) => answerMs), note })];
}

/** Made anew only for another build, as that may store other bytes. */
async function prepared(rows: RowsFile, folder: string): Promise<PrepareAnswer> {
  const stamp = join(folder, 'open.json');
  const built = `${statSync(inRepository('dist/node.js')).mtimeMs} ${statSync(inRepository('dist/elanus.node')).mtimeMs} ${rows.path}`;
  if (existsSync(stamp)) {
    const kept = JSON.parse(readFileSync(stamp, 'utf8')) as PrepareAnswer & { readonly built: string };
    if (kept.built === built) return kept;
  }
  rmSync(join(folder, 'open'), { recursive: true, force: true });
  mkdirSync(join(folder, 'open'), { recursive: true });
  log(`open: inserting and indexing ${rows.what}`);
  const answer = await runProcess<PrepareAnswer>('bench/storage/open-prepare.ts', { folder: join(folder, 'open'), rows } satisfies PrepareTask);
  writeFileSync(stamp, JSON.stringify({ ...answer, built }));
  return answer;
}
