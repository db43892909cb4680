// Peer: our server beside milvus-lite, both through the same pymilvus, over the same data, at a recall@k that is measured on
// both sides: inserts, searches by one client and by several at once, start, memory. They take turns in one run.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DataSet, Workplace } from '../data-set.js';
import { log, rounded } from '../log.js';
import { decodeIds } from '../protocol.js';
import { quantile } from '../statistics.js';
import { judged, spreadOf, type StorageLine } from '../storage/line.js';
import { PeerClient } from './peer-client.js';
import { ELANUS, MILVUS_LITE, type Contender, type PeerServer } from './peer-server.js';

export interface PeerTask {
  readonly data: DataSet;
  readonly workplace: Workplace;
  /** In words. */
  readonly what: string;
  readonly metric: 'L2' | 'COSINE' | 'IP';
  readonly k: number;
  readonly recall: number;
  readonly rounds: number;
  readonly clients: number;
  readonly seconds: number;
  readonly batch: number;
}

const NAME = 'bench';
const INDEX_SECONDS_MAX = 600;

/** Of one contender, as many as there were rounds. */
interface Found {
  readonly insert: number[];
  readonly flushed: number[];
  readonly qps: number[];
  readonly qpsMany: number[];
  readonly p99: number[];
  readonly p99Many: number[];
  readonly startMs: number[];
  readonly readyMs: number[];
  readonly firstMs: number[];
  readonly rssMb: number[];
  readonly idleMb: number[];
  recall: number;
  setting: string;
}

interface Side {
  readonly contender: Contender;
  readonly folder: string;
  readonly found: Found;
  server: PeerServer;
  params: object;
}

interface SearchAnswer {
  readonly searches: number;
  readonly seconds: number;
  readonly timesMs: readonly number[];
}

export async function peerLines(task: PeerTask): Promise<readonly StorageLine[]> {
  const clients = await Promise.all(Array.from({ length: task.clients }, () => PeerClient.start()));
  await Promise.all(clients.map((client) => client.ask('read', { base: task.workplace.base, queries: task.workplace.queries })));
  const sides: Side[] = [];
  try {
    for (const contender of [ELANUS, MILVUS_LITE]) sides.push(await openSide(contender, task));
    await insertRounds(sides, task, clients[0] as PeerClient);
    for (const side of sides) await choose(side, task, clients[0] as PeerClient);
    for (let round = 0; round < task.rounds; round++) {
      for (const side of round % 2 === 0 ? sides : [...sides].reverse()) await searchRound(side, task, clients, round);
    }
    for (let round = 0; round < task.rounds; round++) {
      for (const side of round % 2 === 0 ? sides : [...sides].reverse()) await startRound(side, clients[0] as PeerClient);
    }
    return linesOf(task, sides[0] as Side, sides[1] as Side);
  } finally {
    await Promise.all(clients.map((client) => client.close()));
    for (const { server, folder } of sides) {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

async function openSide(contender: Contender, { workplace }: PeerTask): Promise<Side> {
  const folder = join(workplace.folder, contender.name);
  mkdirSync(folder, { recursive: true });
  const found: Found = { insert: [], flushed: [], qps: [], qpsMany: [], p99: [], p99Many: [], startMs: [], readyMs: [], firstMs: [], rssMb: [], idleMb: [], recall: 0, setting: '' };
  return { contender, folder, found, server: await contender.start(join(folder, 'data')), params: {} };
}

/** Each round into a collection of its own; the index is built on neither side until all is in. */
async function insertRounds(sides: readonly Side[], { rounds, batch, metric }: PeerTask, client: PeerClient): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (const { contender, server, found } of round % 2 === 0 ? sides : [...sides].reverse()) {
      log(`${contender.name}: inserts, round ${round + 1} of ${rounds}`);
      await client.ask('connect', { uri: server.uri });
      await client.ask('create', { name: 'filled', metric, index: { index_type: 'FLAT' } });
      const { acknowledgedS, flushedS, rows } = await client.ask<{ acknowledgedS: number; flushedS: number; rows: number }>('insert', { name: 'filled', batch });
      found.insert.push(rows / acknowledgedS);
      found.flushed.push(rows / flushedS);
      await client.ask('drop', { name: 'filled' });
    }
  }
}

/** The index and the parameters that are fastest at the recall. */
async function choose(side: Side, task: PeerTask, client: PeerClient): Promise<void> {
  const { contender, server, found } = side;
  await client.ask('connect', { uri: server.uri });
  let best = 0;
  let chosen: object | undefined;
  let built: object | undefined;
  const build = async (index: object): Promise<void> => {
    if (built === index) return;
    await client.ask('create', { name: NAME, metric: task.metric, index });
    await client.ask('insert', { name: NAME, batch: task.batch });
    await client.ask('wait', { name: NAME, seconds: INDEX_SECONDS_MAX });
    await client.ask('load', { name: NAME });
    built = index;
  };
  for (const { index, params } of contender.indexes) {
    await build(index);
    for (const one of params) {
      const { ids } = await client.ask<{ ids: string }>('answers', { name: NAME, k: task.k, params: one });
      const recall = task.data.truth.recall(decodeIds(ids, task.data.queries.n * task.k));
      const { searches, seconds } = await client.ask<SearchAnswer>('search', { name: NAME, k: task.k, params: one, seconds: 1, offset: 0 });
      log(`${contender.name}: ${JSON.stringify(index)} ${JSON.stringify(one)}: recall ${rounded(recall)}, ${rounded(searches / seconds)} a second`);
      if (recall < task.recall) continue;
      if (searches / seconds > best) {
        best = searches / seconds;
        chosen = index;
        side.params = one;
        found.recall = recall;
        found.setting = `${JSON.stringify(index)} ${JSON.stringify(one)}`;
      }
      break;
    }
  }
  if (chosen === undefined) throw new Error(`${contender.name} does not reach recall ${task.recall}`);
  await build(chosen);
}

async function searchRound({ contender, server, found, params }: Side, task: PeerTask, clients: readonly PeerClient[], round: number): Promise<void> {
  log(`${contender.name}: searches, round ${round + 1} of ${task.rounds}`);
  const ask = (client: PeerClient, at: number): Promise<SearchAnswer> => client.ask('search', { name: NAME, k: task.k, params, seconds: task.seconds, offset: at * 37 });
  await Promise.all(clients.map((client) => client.ask('connect', { uri: server.uri })));
  const one = await ask(clients[0] as PeerClient, 0);
  found.qps.push(one.searches / one.seconds);
  found.p99.push(quantile(one.timesMs, 0.99));
  const all = await Promise.all(clients.map(ask));
  found.qpsMany.push(all.reduce((sum, { searches, seconds }) => sum + searches / seconds, 0));
  found.p99Many.push(quantile(all.flatMap(({ timesMs }) => timesMs), 0.99));
  found.rssMb.push(server.memory().rssBytes / 1e6);
}

/** Stopped and started over what it has stored, until it answers a search. */
async function startRound(side: Side, client: PeerClient): Promise<void> {
  await side.server.close();
  const began = performance.now();
  side.server = await side.contender.start(join(side.folder, 'data'));
  side.found.startMs.push(side.server.startedMs);
  side.found.readyMs.push(side.server.readyMs ?? side.server.startedMs);
  const { hits } = await client.ask<{ hits: number }>('first', { uri: side.server.uri, name: NAME });
  if (hits !== 10) throw new Error(`${side.contender.name}: expected 10 hits after a start, found ${hits}`);
  side.found.firstMs.push(performance.now() - began);
  side.found.idleMb.push(side.server.memory().rssBytes / 1e6);
}

function linesOf({ what, k, clients, batch }: PeerTask, own: Side, peer: Side): readonly StorageLine[] {
  const settings = `recall@${k} ${rounded(own.found.recall)} (${own.found.setting}); milvus-lite ${rounded(peer.found.recall)} (${peer.found.setting})`;
  const line = (bar: string, of: (found: Found) => readonly number[], unit: string, must: number | undefined, better: 'more' | 'less', note?: string): StorageLine => {
    const [ours, theirs] = [of(own.found), of(peer.found)];
    const ratios = ours.map((value, round) => value / (theirs[round] as number));
    return judged({ bar, set: what, unit: 'x', ...(must === undefined ? {} : { must }), better, measured: spreadOf(ratios), peer: { name: `milvus-lite, ${unit}`, measured: spreadOf(theirs) }, note: `ours ${spreadOf(ours)[1]} ${unit}${note === undefined ? '' : `; ${note}`}` });
  };
  return [
    line('searches a second, 1 client', ({ qps }) => qps, 'QPS', 3, 'more', settings),
    line(`searches a second, ${clients} clients`, ({ qpsMany }) => qpsMany, 'QPS', 3, 'more'),
    line('p99 of a search, 1 client', ({ p99 }) => p99, 'ms', undefined, 'less'),
    line(`p99 of a search, ${clients} clients`, ({ p99Many }) => p99Many, 'ms', undefined, 'less'),
    line(`inserts, batches of ${batch}, until acknowledged`, ({ insert }) => insert, 'rows/s', 2, 'more'),
    line(`inserts, batches of ${batch}, until flushed`, ({ flushed }) => flushed, 'rows/s', undefined, 'more'),
    line('start until the port answers', ({ startMs }) => startMs, 'ms', 0.5, 'less', `until it says that it is ready ${rounded(spreadOf(own.found.readyMs)[1])} ms`),
    line('start until the first search is answered', ({ firstMs }) => firstMs, 'ms', 0.5, 'less'),
    line('memory (RSS) after searches', ({ rssMb }) => rssMb, 'MB', 0.5, 'less'),
    line('memory (RSS) after a start and one search', ({ idleMb }) => idleMb, 'MB', undefined, 'less'),
  ];
}
