// A process that opens the database and asks one query.

import { importOpen } from './node-database.js';
import type { OpenAnswer, OpenTask } from './open.js';
import { answer, taskOf } from './process.js';

const nowMs = (): number => performance.timeOrigin + performance.now();

const { folder, query } = taskOf<OpenTask>();
const beganMs = nowMs();
const open = await importOpen();
const vector = Float32Array.from(query);
const openingMs = nowMs();
const database = await open('open', { directory: folder });
const openedMs = nowMs();
const collection = await database.collection('rows');
const { hits } = await collection.search({ data: vector, limit: 10 });
const answeredMs = nowMs();
await collection.search({ data: vector, limit: 10 });
const againMs = nowMs();
const rssBytes = process.memoryUsage.rss();
const { coreMemoryBytes, warnings } = await database.health();
await database.close();
answer({
  beganMs,
  importMs: openingMs - beganMs,
  openMs: openedMs - openingMs,
  answerMs: answeredMs - openingMs,
  againMs: againMs - answeredMs,
  hits: hits.map(({ id }) => Number(id)),
  rssBytes,
  coreMemoryBytes,
  warnings,
} satisfies OpenAnswer);
