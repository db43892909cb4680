// Bulk insert: rows a second until acknowledged, flushed to disk, in batches of several sizes; and against sqlite-vec, which
// takes turns with us in the same run. Index building is counted on neither side.

import { rmSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { log, rounded } from '../log.js';
import { installNpm } from '../peers/install.js';
import { failedLine, judged, spreadOf, type StorageLine } from './line.js';
import { runProcess } from './process.js';
import type { RowsFile } from './rows.js';

export interface InsertTask {
  /** Empty. */
  readonly folder: string;
  readonly rows: RowsFile;
  readonly batch: number;
  /** How they are given: as an object each, or as columns. Of the peer there is one way. */
  readonly form: 'rows' | 'columns';
}

export interface InsertAnswer {
  /** Until the last batch was acknowledged. */
  readonly ackedS: number;
  /** Until all was also sealed, or moved from the WAL into the database. */
  readonly storedS: number;
  /** CPU time until acknowledged. */
  readonly cpuS: number;
  readonly count: number;
}

const OWN = 'bench/storage/insert-own.ts';
const SQLITE = 'bench/storage/insert-sqlite.ts';
const ROWS_A_SECOND_MIN = 50_000;
const RATIO_MIN = 1.5;

export async function insertLines(rows: RowsFile, batches: readonly number[], rounds: number, folder: string): Promise<readonly StorageLine[]> {
  const absent = installNpm('better-sqlite3', true) ?? installNpm('sqlite-vec', false);
  const lines: StorageLine[] = [];
  for (const batch of batches) {
    for (const form of ['rows', 'columns'] as const) lines.push(...(await ofBatch({ rows, batch, form, folder: join(folder, 'insert') }, rounds, absent)));
  }
  return lines;
}

async function ofBatch(task: InsertTask, rounds: number, absent: string | undefined): Promise<readonly StorageLine[]> {
  const { rows, batch, form } = task;
  const set = `${rows.what}, batches of ${batch}${form === 'columns' ? ' as columns' : ''}`;
  const own: InsertAnswer[] = [];
  const peer: InsertAnswer[] = [];
  for (let round = 0; round < rounds; round++) {
    log(`insert, batches of ${batch} as ${form}, round ${round + 1} of ${rounds}`);
    const turns = [() => measured(OWN, task).then((answer) => own.push(answer)), ...(absent === undefined ? [() => measured(SQLITE, task).then((answer) => peer.push(answer))] : [])];
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn();
  }
  const speed = (of: readonly InsertAnswer[], which: 'ackedS' | 'storedS') => spreadOf(of.map((answer) => rows.n / answer[which]));
  const ratio = (which: 'ackedS' | 'storedS') => spreadOf(own.map((answer, round) => (peer[round] as InsertAnswer)[which] / answer[which]));
  const cpu = `CPU time ${rounded(spreadOf(own.map(({ cpuS }) => cpuS))[1])} s`;
  const lines = [
    judged({ bar: 'insert, until acknowledged', set, unit: 'rows/s', must: ROWS_A_SECOND_MIN, better: 'more', measured: speed(own, 'ackedS'), note: cpu }),
    judged({ bar: 'insert, until sealed', set, unit: 'rows/s', better: 'more', measured: speed(own, 'storedS') }),
  ];
  if (absent !== undefined) return [...lines, failedLine('insert to sqlite-vec', set, absent)];
  return [
    ...lines,
    judged({ bar: 'insert to sqlite-vec, until acknowledged', set, unit: 'x', must: RATIO_MIN, better: 'more', measured: ratio('ackedS'), peer: { name: 'sqlite-vec, rows/s', measured: speed(peer, 'ackedS') }, note: `its CPU time ${rounded(spreadOf(peer.map(({ cpuS }) => cpuS))[1])} s` }),
    judged({ bar: 'insert to sqlite-vec, until sealed, or out of its WAL', set, unit: 'x', better: 'more', measured: ratio('storedS'), peer: { name: 'sqlite-vec, rows/s', measured: speed(peer, 'storedS') } }),
  ];
}

async function measured(module: string, task: InsertTask): Promise<InsertAnswer> {
  rmSync(task.folder, { recursive: true, force: true });
  mkdirSync(task.folder, { recursive: true });
  try {
    const answer = await runProcess<InsertAnswer>(module, task);
    if (answer.count !== task.rows.n) throw new Error(`${module}: expected ${task.rows.n} rows, found ${answer.count}`);
    return answer;
  } finally {
    rmSync(task.folder, { recursive: true, force: true });
  }
}
