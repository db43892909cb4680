// elanus compact: merges the sealed segments of collections and drops what was deleted. It happens by itself where it is worth it;
// this is for the rest, e.g. before a copy or after many deletions.

import type { Collection, CompactResult } from '../engine/api.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseWords, type Command } from './command.js';
import { untilStopped } from './data.js';
import { atPlace, PLACE_FLAGS, PLACE_HELP, table, toJson, type LocalPlace, type RemotePlace } from './place.js';
import { Progress } from './progress.js';

const HELP = `Usage: elanus compact [COLLECTION] (--data DIR | --url URL) [options]

Seals what grows, merges segments, and drops rows that were deleted: of one collection, or of all of the database.

${PLACE_HELP}

Examples:
  elanus compact books --data ./data
  elanus compact --url http://localhost:19530
`;

const FLAGS = PLACE_FLAGS;

export const compact: Command = { help: HELP, flags: FLAGS, run };

interface Compacted {
  readonly collection: string;
  /** Of a data directory. */
  readonly result?: CompactResult;
  readonly skipped?: string;
}

async function run(words: readonly string[]): Promise<number> {
  const { values: flags, others } = parseWords(words, FLAGS, 1);
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const done = await untilStopped((signal) => atPlace(flags, (place) => (place.kind === 'local' ? compactLocal(place, others[0], signal) : compactRemote(place, others[0], signal))));
  process.stdout.write(flags.json ? `${toJson({ compacted: done }, false)}\n` : textOf(done));
  return 0;
}

async function compactLocal({ database }: LocalPlace, one: string | undefined, signal: AbortSignal): Promise<readonly Compacted[]> {
  const done: Compacted[] = [];
  for (const name of one === undefined ? await database.listCollections() : [one]) {
    const { origin } = await database.describeCollection(name);
    if (origin === undefined) done.push({ collection: name, result: await compactOne(await database.collection(name), name, signal) });
    else done.push({ collection: name, skipped: `a copy from ${origin}` });
  }
  return done;
}

async function compactOne(collection: Collection, name: string, signal: AbortSignal): Promise<CompactResult> {
  const progress = new Progress(process.stderr);
  try {
    await collection.flush();
    return await collection.compact({ signal, onProgress: ({ done, total }) => progress.show(total === 0 ? 1 : done / total, `${name}: ${done} of ${total} rows`) });
  } finally {
    progress.end();
  }
}

const POLL_MS = 200;

async function compactRemote({ server, databaseName }: RemotePlace, one: string | undefined, signal: AbortSignal): Promise<readonly Compacted[]> {
  const scope = { dbName: databaseName };
  const names = one === undefined ? ((await server.post('v2/vectordb/collections/list', scope)).data as readonly string[]) : [one];
  const done: Compacted[] = [];
  for (const collectionName of names) {
    await server.post('v2/vectordb/collections/flush', { ...scope, collectionName }, signal);
    const { data } = await server.post('v2/vectordb/collections/compact', { ...scope, collectionName }, signal);
    const job = data as { readonly compactionID: number };
    for (;;) {
      const { state } = (await server.post('v2/vectordb/collections/get_compaction_state', { ...scope, jobID: job.compactionID }, signal)).data as { readonly state: string };
      if (state !== 'Executing') break;
      await sleep(POLL_MS, undefined, { signal });
    }
    done.push({ collection: collectionName });
  }
  return done;
}

function textOf(done: readonly Compacted[]): string {
  return table([
    ['collection', 'segments', 'rows dropped'],
    ...done.map(({ collection, result, skipped }) => [collection, result === undefined ? skipped ?? 'merged' : `${result.segmentsBefore} -> ${result.segmentsAfter}`, result === undefined ? '' : String(result.rowsDropped)]),
  ]);
}
