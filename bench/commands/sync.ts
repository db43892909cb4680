// `sync`: a collection of real notes that comes from `elanus serve` into a page of Chromium over a slow network: when it can be
// searched, how well, how many bytes come, and how many after some rows have changed; and in the same run the same notes as
// documents into RxDB. One line of JSON a bar.

import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readFloats } from '../data.js';
import { integer, parseFlags, text } from '../flags.js';
import { emit, log, rounded } from '../log.js';
import { inRepository, missingBuild } from '../repository.js';
import { serve, type Served } from '../server/served.js';
import { chromiumAbsent, startChromium } from '../storage/chromium.js';
import { failedLine, judged, type StorageLine } from '../storage/line.js';
import { changedNotes, fileBytes } from '../sync/changed.js';
import { syncAgainInPage, syncInPage } from '../sync/in-page.js';
import { peerLines } from '../sync/peer-lines.js';
import { COLLECTION, preparedNotes, readNotes, type Note } from '../sync/prepared.js';
import { judgedReplications, replicated } from '../sync/replicated.js';
import { bundleRxdb } from '../sync/rxdb.js';
import { judgedAnswers, K, searchLines, usefulAnswer } from '../sync/search-lines.js';
import { throttle, type Network } from '../sync/throttle.js';
import type { Vectors } from '../target.js';
import { UsageError } from '../usage-error.js';

const USAGE =
  'npm run -s bench -- sync [--data FOLDER] [--rows 27101] [--mbit 20] [--latency 40] [--queries 40] [--rounds 1] [--whole yes] [--peer rxdb|none] [--peer-batch 2000]\n' +
  '  FOLDER holds notes-bge-micro.*.gz. --whole: no search until all is there, to compare. --peer-batch: documents that RxDB asks for at once.';
const FLAGS = ['data', 'rows', 'mbit', 'latency', 'queries', 'rounds', 'whole', 'peer', 'peer-batch', 'out'] as const;
const USUAL_DATA = '../shared/data';
const PEERS: readonly string[] = ['rxdb', 'none'];
/** Of 100, 500, 2000 and 5000 the fastest for RxDB (decision 52). */
const USUAL_PEER_BATCH = '2000';
const BYTES_RATIO_MAX = 1.3;
const CHANGED_SHARE = 0.01;
const DELTA_SHARE_MAX = 0.05;
/** What a worker fetches to see that the network is slow for it. */
const PROBE = 'core.wasm';
/** Of the network, what the probe may come faster than. */
const PROBE_TIMES_MAX = 1.5;

export async function sync(argv: readonly string[]): Promise<void> {
  const values = parseFlags(argv, 'sync', FLAGS, USAGE);
  const missing = missingBuild('dist/node.js', 'dist/cli.js', 'dist/elanus.node', 'dist/browser.js', 'dist/filter.wasm');
  if (missing !== undefined) throw new UsageError(missing);
  const data = text(values['data'], inRepository(USUAL_DATA));
  const bar = 'sync into a page';
  const absent = chromiumAbsent() ?? (existsSync(join(data, 'notes-bge-micro.base.fvecs.gz')) ? undefined : `${data}: no notes-bge-micro there`);
  if (absent !== undefined) return emit(failedLine(bar, 'notes-bge-micro', absent));
  const rows = integer('--rows', text(values['rows'], '27101'), 2000, 27_101);
  const network = { megabitsPerSecond: integer('--mbit', text(values['mbit'], '20'), 1, 10_000), latencyMs: integer('--latency', text(values['latency'], '40'), 0, 10_000) };
  const queries = integer('--queries', text(values['queries'], '40'), 1, 1000);
  const progressive = text(values['whole'], 'no') !== 'yes';
  const peer = text(values['peer'], 'rxdb');
  if (!PEERS.includes(peer)) throw new UsageError(`--peer: expected one of ${PEERS.join(', ')}, found ${JSON.stringify(peer)}`);
  const batchRows = integer('--peer-batch', text(values['peer-batch'], USUAL_PEER_BATCH), 1, 100_000);
  const folder = text(values['out'], inRepository('build/sync'));
  mkdirSync(folder, { recursive: true });
  const prepared = await preparedNotes(folder, data, rows);
  const base = await readFloats(join(data, 'notes-bge-micro.base.fvecs.gz'), rows);
  const asked = await readFloats(join(data, 'notes-bge-micro.query.fvecs.gz'), queries);
  const peerAbsent = peer === 'none' ? 'not asked for' : await bundleRxdb(folder);
  if (peerAbsent !== undefined && peer !== 'none') emit(failedLine('sync beside RxDB', 'notes-bge-micro', peerAbsent));
  const notes: Note[] = [];
  if (peerAbsent === undefined) for await (const note of readNotes(data, base.n)) notes.push(note);
  for (let round = 0; round < integer('--rounds', text(values['rounds'], '1'), 1, 100); round++) {
    const copy = mkdtempSync(join(folder, 'served-'));
    try {
      cpSync(prepared, copy, { recursive: true });
      for (const line of await measure({ folder, copy, base, asked, notes, batchRows, network, progressive, round })) emit(line);
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  }
}

interface Measurement {
  readonly folder: string;
  /** A data directory. */
  readonly copy: string;
  readonly base: Vectors;
  readonly asked: Vectors;
  /** For the peer; none: without it. */
  readonly notes: readonly Note[];
  readonly batchRows: number;
  readonly network: Network;
  readonly progressive: boolean;
  readonly round: number;
}

async function measure({ folder, copy, base, asked, notes, batchRows, network, progressive, round }: Measurement): Promise<readonly StorageLine[]> {
  const browser = await startChromium(folder);
  let server: Served | undefined;
  try {
    const page = await browser.page();
    server = await serve({ data: copy, words: ['--cors', new URL(page.url()).origin, '--console', 'off'] });
    const { url } = server;
    const set = `notes-bge-micro ${base.n} x ${base.d} with texts, ${network.megabitsPerSecond} Mbit/s, ${network.latencyMs} ms, OPFS, round ${round + 1}`;
    const name = `sync_${Date.now()}`;
    const queries = Array.from({ length: asked.n }, (_, q) => [...(asked.values as Float32Array).subarray(q * asked.d, (q + 1) * asked.d)]);
    const throttled = await throttle(page, network);
    const synced = await page.evaluate(syncInPage, { name, url, collection: COLLECTION, queries, k: K, progressive, probe: `/dist/${PROBE}` });
    const probeBytes = statSync(inRepository(`dist/${PROBE}`)).size;
    const fromMs = synced.beganAtMs;
    const wholeBytes = throttled.bodyBytes({ fromMs });
    await throttled.lift();
    await page.close();
    const probeMbit = rounded((probeBytes * 8) / synced.probeMs / 1000);
    if (probeMbit > network.megabitsPerSecond * PROBE_TIMES_MAX) throw new Error(`expected a network of ${network.megabitsPerSecond} Mbit/s, a worker was given ${probeMbit}`);
    const full = await fileBytes(url);
    log(`sync: a worker was given ${probeMbit} Mbit/s; ${wholeBytes} bytes came, of ${full} of files`);
    const answers = judgedAnswers(synced.answers, base, asked);
    const usefulMs = usefulAnswer(answers)?.endedMs ?? synced.wholeMs;
    const own = { usefulMs, wholeMs: synced.wholeMs, usefulBytes: throttled.bodyBytes({ fromMs, untilMs: fromMs + usefulMs }), wholeBytes, bytes: throttled.bytes({ fromMs }) };
    const peers = notes.length === 0 ? [] : peerLines(own, judgedReplications(await replicated({ browser, notes, base, asked, network, batchRows }), base, asked), set);
    const changed = await changedNotes(url, base, CHANGED_SHARE);
    const again = await browser.page();
    const delta = await again.evaluate(syncAgainInPage, { name, url, collection: COLLECTION });
    await again.close();
    return [
      ...searchLines(synced, set, answers),
      judged({ bar: 'bytes of a whole sync, beside those of the files', set, unit: 'times', must: BYTES_RATIO_MAX, better: 'less', measured: rounded(synced.bytesFetched / full), note: `${synced.bytesFetched} of ${full} bytes, whole after ${rounded(synced.wholeMs)} ms; over the network ${wholeBytes} of bodies` }),
      judged({ bar: `bytes after ${changed} rows were changed, beside those of the files`, set, unit: 'share', must: DELTA_SHARE_MAX, better: 'less', measured: rounded(delta.bytesFetched / full), note: `${delta.bytesFetched} bytes` }),
      ...peers,
    ];
  } finally {
    await server?.close();
    await browser.close();
  }
}
