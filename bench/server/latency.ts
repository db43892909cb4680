// Latency: what gRPC adds to a search: the times of Milvus' own client for Node in this process, less those of the same
// searches called within the server's process; in turns, on an otherwise idle machine.

import { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { VectorFile } from '../protocol.js';
import { log, rounded } from '../log.js';
import { quantile } from '../statistics.js';
import { judged, spreadOf, type StorageLine } from '../storage/line.js';
import { startProcess } from '../storage/process.js';
import { readRowsFile } from '../storage/rows.js';
import { RawClient } from './raw-client.js';

export interface LatencyTask {
  /** Empty. */
  readonly folder: string;
  readonly base: VectorFile;
  readonly queries: VectorFile;
  readonly metric: 'L2' | 'COSINE' | 'IP';
  readonly k: number;
  /** Passes over the queries. */
  readonly rounds: number;
}

const P50_MS_MAX = 0.5;
const P99_MS_MAX = 3;
const LOOP_MS_MAX = 10;
const TURNS = 3;
const WARM_UP = 200;

/** `parallel` searches at once are what the event loop is watched under. */
export async function latencyLines(task: LatencyTask, what: string, parallel: number): Promise<readonly StorageLine[]> {
  const folder = join(task.folder, 'latency');
  mkdirSync(folder, { recursive: true });
  const process = await startServerProcess('latency-server.ts', { ...task, folder });
  const bareProcess = await startServerProcess('bare-server.ts', {});
  const client = new MilvusClient({ address: new URL(process.url).host, logLevel: 'error', pool: { min: 1, max: 1 } });
  const raw = new RawClient(new URL(process.url).host);
  const bare = new RawClient(new URL(bareProcess.url).host);
  try {
    await client.connectPromise;
    await client.loadCollection({ collection_name: 'bench' });
    const searches = new Searches(client, raw, task);
    await searches.run(WARM_UP);
    await searches.runRaw(WARM_UP);
    const nothing = (): Promise<unknown> => raw.version();
    const nothingBare = (): Promise<unknown> => bare.call('/bare/Nothing', Buffer.alloc(0));
    await timed(WARM_UP, nothing);
    await timed(WARM_UP, nothingBare);
    const found: Record<Way, { readonly p50: number[]; readonly p99: number[] }> = { client: { p50: [], p99: [] }, raw: { p50: [], p99: [] }, nothing: { p50: [], p99: [] }, bare: { p50: [], p99: [] } };
    const notes: string[] = [];
    for (let turn = 0; turn < TURNS; turn++) {
      log(`latency: turn ${turn + 1} of ${TURNS}`);
      const { timesMs: within } = await process.ask<{ readonly timesMs: readonly number[] }>('direct');
      const count = task.queries.n * task.rounds;
      const times = { client: await searches.run(count), raw: await searches.runRaw(count), nothing: await timed(count, nothing), bare: await timed(count, nothingBare) };
      for (const way of WAYS) {
        const less = way === 'nothing' || way === 'bare' ? [0] : within;
        found[way].p50.push(quantile(times[way], 0.5) - quantile(less, 0.5));
        found[way].p99.push(quantile(times[way], 0.99) - quantile(less, 0.99));
      }
      notes.push([times.client, times.raw, within].map((each) => `${rounded(quantile(each, 0.5))}/${rounded(quantile(each, 0.99))}`).join(', '));
    }
    await process.ask('watch');
    await Promise.all(Array.from({ length: parallel }, () => searches.run(Math.ceil((task.queries.n * task.rounds) / parallel))));
    const loop = await process.ask<{ readonly maxMs: number; readonly p99Ms: number }>('told');
    return [
      judged({ bar: `what gRPC adds to a search, k = ${task.k}, p50, request and answer as bytes`, set: what, unit: 'ms', must: P50_MS_MAX, better: 'less', measured: spreadOf(found.raw.p50), note: `p50/p99 in ms by Milvus' client, as bytes, and within the server: ${notes.join('; ')}` }),
      judged({ bar: `the same, p99`, set: what, unit: 'ms', must: P99_MS_MAX, better: 'less', measured: spreadOf(found.raw.p99) }),
      judged({ bar: "the same by Milvus' client for Node, p50", set: what, unit: 'ms', better: 'less', measured: spreadOf(found.client.p50) }),
      judged({ bar: "the same by Milvus' client for Node, p99", set: what, unit: 'ms', better: 'less', measured: spreadOf(found.client.p99) }),
      judged({ bar: 'a call over gRPC that does nothing (GetVersion), as bytes, p50', set: what, unit: 'ms', better: 'less', measured: spreadOf(found.nothing.p50), peer: { name: 'a bare server of grpc-js', measured: spreadOf(found.bare.p50) } }),
      judged({ bar: 'the same, p99', set: what, unit: 'ms', better: 'less', measured: spreadOf(found.nothing.p99), peer: { name: 'a bare server of grpc-js', measured: spreadOf(found.bare.p99) } }),
      judged({ bar: `longest delay of the server's event loop, ${parallel} searches at once`, set: what, unit: 'ms', must: LOOP_MS_MAX, better: 'less', measured: loop.maxMs, note: `p99 ${rounded(loop.p99Ms)} ms` }),
    ];
  } finally {
    raw.close();
    bare.close();
    await client.closeConnection();
    await process.end();
    await bareProcess.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

const WAYS = ['client', 'raw', 'nothing', 'bare'] as const;
type Way = (typeof WAYS)[number];

class Searches {
  readonly #client: MilvusClient;
  readonly #raw: RawClient;
  readonly #requests: readonly Buffer[];
  readonly #task: LatencyTask;
  readonly #queries: readonly number[][];
  #at = 0;

  constructor(client: MilvusClient, raw: RawClient, task: LatencyTask) {
    this.#client = client;
    this.#raw = raw;
    this.#task = task;
    const values = readRowsFile(task.queries.path);
    const { n, d } = task.queries;
    this.#queries = Array.from({ length: n }, (_, query) => Array.from(values.subarray(query * d, query * d + d)));
    this.#requests = Array.from({ length: n }, (_, query) => raw.request('bench', values.slice(query * d, query * d + d), task.k));
  }

  run(count: number): Promise<readonly number[]> {
    return timed(count, async () => {
      const data = this.#queries[this.#at++ % this.#queries.length] as number[];
      const { status, results } = await this.#client.search({ collection_name: 'bench', data, limit: this.#task.k });
      if (results.length !== this.#task.k) throw new Error(`expected ${this.#task.k} hits, found ${results.length}: ${status.reason}`);
    });
  }

  async runRaw(count: number): Promise<readonly number[]> {
    let last: Buffer = Buffer.alloc(0);
    const times = await timed(count, async () => {
      last = await this.#raw.search(this.#requests[this.#at++ % this.#requests.length] as Buffer);
    });
    const found = this.#raw.hits(last);
    if (found !== this.#task.k) throw new Error(`expected ${this.#task.k} hits, found ${found}`);
    return times;
  }

}

/** Milliseconds of each of so many calls, one after another. */
async function timed(count: number, call: () => Promise<unknown>): Promise<readonly number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const began = performance.now();
    await call();
    times.push(performance.now() - began);
  }
  return times;
}

interface ServerProcess {
  readonly url: string;
  ask<Answer>(what: string): Promise<Answer>;
  end(): Promise<void>;
}

async function startServerProcess(script: string, task: object): Promise<ServerProcess> {
  const waiting: ((line: string) => void)[] = [];
  const { child, lines } = startProcess(`bench/server/${script}`, task, (line) => waiting.shift()?.(line));
  const failed = lines.then(() => Promise.reject(new Error('the server ended early')));
  failed.catch(() => undefined);
  const next = async <Answer>(): Promise<Answer> => JSON.parse(await Promise.race([new Promise<string>((resolve) => waiting.push(resolve)), failed])) as Answer;
  const { url } = await next<{ readonly url: string }>();
  return {
    url,
    ask: (what) => {
      const answer = next<never>();
      child.stdin?.write(`${what}\n`);
      return answer;
    },
    end: async () => {
      child.stdin?.end();
      await lines;
    },
  };
}
