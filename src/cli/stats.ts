// elanus stats: what a database has and what it takes.

import type { CollectionStats, Database, DatabaseStats, Health } from '../engine/api.js';
import type { JsonInput } from '../format/json-parser.js';
import { parseFlags, type Command } from './command.js';
import { atPlace, bytesText, PLACE_FLAGS, PLACE_HELP, table, toJson } from './place.js';

const HELP = `Usage: elanus stats (--data DIR | --url URL) [options]

Rows, segments, files and memory of every collection, and how the storage is. Of a server, what it has open.

${PLACE_HELP}

Examples:
  elanus stats --data ./data
  elanus stats --url http://localhost:19530 --json
`;

const FLAGS = PLACE_FLAGS;

export const stats: Command = { help: HELP, flags: FLAGS, run };

interface Told {
  readonly stats: DatabaseStats;
  readonly health: Health;
}

async function run(words: readonly string[]): Promise<number> {
  const flags = parseFlags(words, FLAGS);
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const told = await atPlace(flags, (place) => (place.kind === 'local' ? localStats(place.database) : place.server.post('admin/stats', { dbName: place.databaseName }).then(({ data }) => toldBy(data))));
  process.stdout.write(flags.json ? `${toJson(told, false)}\n` : textOf(told));
  return told.health.warnings.length === 0 ? 0 : 1;
}

async function localStats(database: Database): Promise<Told> {
  const collections: CollectionStats[] = [];
  for (const name of await database.listCollections()) {
    await database.collection(name);
    collections.push(...(await database.stats()).collections.filter((one) => one.name === name && !collections.some((known) => known.name === name)));
  }
  return { stats: { ...(await database.stats()), collections }, health: await database.health() };
}

/** The answer of our own server is what it says. */
function toldBy(data: JsonInput | undefined): Told {
  return data as unknown as Told;
}

function textOf({ stats: { collections, memory, tasks }, health }: Told): string {
  const head = ['collection', 'rows', 'deleted', 'growing', 'segments', 'indexed', 'files', 'logs', 'memory'];
  const total = (values: Readonly<Record<string, number>>): number => Object.values(values).reduce((sum, value) => sum + value, 0);
  const rows = collections.map(({ name, rows: { live, deleted, growing }, segments, files, memory: own }) => [
    name, String(live), String(deleted), String(growing), String(segments.sealed), String(segments.indexed), bytesText(total({ ...files, logs: 0 })), bytesText(files.logs), bytesText(total(own)),
  ]);
  const place = `${health.storage}${health.usageBytes === undefined ? '' : `, ${bytesText(health.usageBytes)} stored`}${health.quotaBytes === undefined ? '' : `, ${bytesText(Math.max(0, health.quotaBytes - (health.usageBytes ?? 0)))} free`}`;
  const lines = [
    `storage  ${place}`,
    `core     ${health.core} (${health.kernels}), ${bytesText(memory.coreBytes)}`,
    `memory   ${bytesText(memory.usedBytes)}${memory.limitBytes === undefined ? '' : ` of ${bytesText(memory.limitBytes)}`}`,
    ...tasks.map(({ collection, task, done, total: all }) => `task     ${task} of ${collection}: ${done} of ${all} rows`),
    ...health.warnings.map((warning) => `warning  ${warning}`),
  ];
  return `${table([head, ...rows])}\n${lines.join('\n')}\n`;
}
