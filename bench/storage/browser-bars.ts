// The bars in Chromium: bulk insert and opening over OPFS, and an idle page.

import { basename, dirname } from 'node:path';
import { log, rounded } from '../log.js';
import { chromiumAbsent, startChromium, type Chromium } from './chromium.js';
import { holdInPage, insertInPage, openInPage, type PageInsert, type PageOpen } from './in-page.js';
import { failedLine, judged, spreadOf, type StorageLine } from './line.js';
import { readRowsFile, type RowsFile } from './rows.js';

const ROWS_A_SECOND_MIN = 15_000;
const OPEN_MS_MAX = 600;
const BATCH_ROWS = 4096;
const SETTLE_MS = 5000;
/** More than a page without a database, over the whole time. */
const IDLE_CPU_MS_MAX = 50;

async function inChromium(bar: string, set: string, files: string, work: (browser: Chromium) => Promise<readonly StorageLine[]>): Promise<readonly StorageLine[]> {
  const absent = chromiumAbsent();
  if (absent !== undefined) return [failedLine(bar, set, absent)];
  const browser = await startChromium(files);
  try {
    return await work(browser);
  } finally {
    await browser.close();
  }
}

const pageRows = ({ path, n, d }: RowsFile) => ({ url: `/files/${basename(path)}`, n, d });

export async function browserInsertLines(rows: RowsFile, batches: readonly number[], rounds: number): Promise<readonly StorageLine[]> {
  return inChromium('insert, until acknowledged, Chromium', rows.what, dirname(rows.path), async (browser) => {
    const lines: StorageLine[] = [];
    for (const batch of batches) {
      const answers: PageInsert[] = [];
      for (let round = 0; round < rounds; round++) {
        log(`insert in Chromium, batches of ${batch}, round ${round + 1} of ${rounds}`);
        const page = await browser.page();
        const answer = await page.evaluate(insertInPage, { name: `insert_${batch}_${round}`, rows: pageRows(rows), batch, keep: false, indexType: 'FLAT' as const });
        await page.close();
        if (answer.count !== rows.n) throw new Error(`expected ${rows.n} rows, found ${answer.count}`);
        answers.push(answer);
      }
      const set = `${rows.what}, batches of ${batch}, OPFS`;
      const speed = (which: 'ackedMs' | 'storedMs') => spreadOf(answers.map((answer) => rows.n / (answer[which] / 1000)));
      lines.push(judged({ bar: 'insert, until acknowledged, Chromium', set, unit: 'rows/s', must: ROWS_A_SECOND_MIN, better: 'more', measured: speed('ackedMs') }));
      lines.push(judged({ bar: 'insert, until sealed, Chromium', set, unit: 'rows/s', better: 'more', measured: speed('storedMs') }));
    }
    return lines;
  });
}

export async function browserOpenLines(rows: RowsFile, rounds: number): Promise<readonly StorageLine[]> {
  const bar = 'open to the first answer, Chromium';
  return inChromium(bar, rows.what, dirname(rows.path), async (browser) => {
    log(`open in Chromium: inserting and indexing ${rows.what}`);
    const first = await browser.page();
    await first.evaluate(insertInPage, { name: 'open', rows: pageRows(rows), batch: BATCH_ROWS, keep: true, indexType: 'AUTOINDEX' as const });
    await first.close();
    const query = Array.from(readRowsFile(rows.path).subarray(0, rows.d));
    const answers: PageOpen[] = [];
    for (let round = -1; round < rounds; round++) {
      const page = await browser.page();
      const answer = await page.evaluate(openInPage, { name: 'open', query });
      await page.close();
      if (answer.hits[0] !== 0) throw new Error(`expected row 0 as the first hit, found ${String(answer.hits[0])}`);
      if (answer.warnings.length > 0) log(`open in Chromium: ${answer.warnings.join('; ')}`);
      if (round >= 0) answers.push(answer);
    }
    const of = (pick: (answer: PageOpen) => number) => spreadOf(answers.map(pick));
    const set = `${rows.what}, ${answers[0]?.segments} segments, ${answers[0]?.withIndex} with an index, OPFS`;
    const note = `open() alone ${rounded(of(({ openMs }) => openMs)[1])} ms, the same query again ${rounded(of(({ againMs }) => againMs)[1])} ms, core ${Math.round(of(({ coreMemoryBytes }) => coreMemoryBytes)[1] / 1e6)} MB`;
    return [judged({ bar, set, unit: 'ms', must: OPEN_MS_MAX, better: 'less', measured: of(({ answerMs }) => answerMs), note })];
  });
}

interface Processes {
  readonly processInfo: readonly { readonly type: string; readonly id: number; readonly cpuTime: number }[];
}

export async function browserIdleLines(seconds: number, folder: string): Promise<readonly StorageLine[]> {
  const bar = 'CPU time of an idle open database, Chromium, beside a page without';
  return inChromium(bar, '', folder, async (browser) => {
    const devTools = await browser.devTools();
    const cpuMs = async (): Promise<number> => {
      const { processInfo } = (await devTools.send('SystemInfo.getProcessInfo')) as Processes;
      return processInfo.filter(({ type }) => type === 'renderer').reduce((sum, { cpuTime }) => sum + cpuTime * 1000, 0);
    };
    const idle = async (): Promise<number> => {
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      const before = await cpuMs();
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      return (await cpuMs()) - before;
    };
    log(`idle in Chromium: ${seconds} s without a database and ${seconds} s with`);
    const page = await browser.page();
    const without = await idle();
    await page.evaluate(holdInPage, 'idle');
    const held = await idle();
    const note = `with it ${rounded(held)} ms, without ${rounded(without)} ms`;
    return [judged({ bar, set: `${seconds} s, 5000 rows, OPFS`, unit: 'ms', must: IDLE_CPU_MS_MAX, better: 'less', measured: Math.max(0, rounded(held - without)), note })];
  });
}
