// Rounds of the kill test of sync: a client pulls a collection of many parts and writes to another, which a session pushes,
// while its server is killed (SIGKILL) at a moment of its own and started again. Then both are compared with what was
// acknowledged, and what was asked for with what there is.

import { webAmbient } from '../../../src/platform/ambient.js';
import { webSignatures } from '../../../src/platform/signatures.js';
import { fetchTransport } from '../../../src/platform/transport.js';
import { webWaking } from '../../../src/platform/waking.js';
import type { SyncSession } from '../../../src/engine/api.js';
import { ElanusError } from '../../../src/model/errors.js';
import type { SendingTransport, TransportRequest } from '../../../src/ports/transport.js';
import { open } from '../../../src/presets/node.js';
import type { SyncDatabase } from '../../../src/sync/database.js';
import { testDatabase } from '../../support/database.js';
import { random, randomInteger } from '../../support/random.js';
import { ServedProcess } from './server.js';

/** Of a file of about 1.5 MB. */
const BULK = { rows: 6000, dim: 64 } as const;
const PART_BYTES = 64 * 1024;
const KEYS = 50;
const WRITE_MS = 5;
/** A round that is not over by then hangs. */
const PATIENCE_MS = 60_000;
const FIELDS = [{ name: 'id', type: 'Int64', primaryKey: true }, { name: 'text', type: 'VarChar', maxLength: 40 }, { name: 'v', type: 'FloatVector', dim: 2, metric: 'L2' }] as const;

export interface SyncKillFigures {
  rounds: number;
  /** Acknowledged writes. */
  writes: number;
  /** Rows that the server does not have as they were written last. */
  lost: number;
  /** Batches that the server logged more than once. */
  appliedTwice: number;
  /** Rows in which client and server differ in the end. */
  differing: number;
  /** Rounds in which the server was killed while files came. */
  killedInPull: number;
  /** Most parts that were asked for again after one kill. */
  partsAgainMax: number;
  /** Of files, in all rounds: what there was to fetch, and what was asked for. */
  bytes: number;
  bytesAsked: number;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export class SyncKillRun {
  readonly figures: SyncKillFigures = { rounds: 0, writes: 0, lost: 0, appliedTwice: 0, differing: 0, killedInPull: 0, partsAgainMax: 0, bytes: 0, bytesAsked: 0 };
  readonly #directory: string;
  readonly #rounds: number;
  readonly #next: () => number;
  /** Texts by key, as they were written last. */
  readonly #written = new Map<number, string>();
  #asked = 0;
  #pullMs = 300;

  /** `directory`: empty. */
  constructor({ directory, rounds, seed }: { readonly directory: string; readonly rounds: number; readonly seed: number }) {
    this.#directory = directory;
    this.#rounds = rounds;
    this.#next = random(seed);
  }

  async run(): Promise<void> {
    await this.#fill();
    const server = await ServedProcess.on(this.#directory);
    await server.start();
    const client = await testDatabase({ transport: this.#counted(), waking: webWaking(), ambient: webAmbient(), signatures: webSignatures });
    try {
      const session = await client.syncSession({ url: server.url, collections: ['notes'] });
      await session.now();
      for (let round = 0; round < this.#rounds; round++) {
        await this.#round(server, client, session);
        this.figures.rounds++;
      }
      await this.#settle(session);
      await this.#judge(client, server);
    } finally {
      await client.close();
      await server.kill();
    }
  }

  async #fill(): Promise<void> {
    const database = await open('default', { directory: this.#directory });
    const next = random(1);
    const bulk = await database.createCollection({ name: 'bulk', dimension: BULK.dim });
    await bulk.insert(Array.from({ length: BULK.rows }, (_, id) => ({ id, vector: Array.from({ length: BULK.dim }, next) })));
    await bulk.flush();
    await database.createCollection({ name: 'notes', fields: FIELDS, properties: { 'sync.push': true } });
    await database.close();
  }

  async #round(server: ServedProcess, client: SyncDatabase, session: SyncSession): Promise<void> {
    this.#asked = 0;
    const bytesBefore = this.figures.bytes;
    if (await client.hasCollection('bulk')) await client.dropCollection('bulk');
    const startMs = Date.now();
    const writing = new AbortController();
    const written = this.#write(client, writing.signal);
    let pulledMs: number | undefined;
    const pulled = this.#pull(client, server.url, startMs).then(() => void (pulledMs = Date.now() - startMs));
    await sleep(this.#next() * this.#pullMs * 1.2);
    const isInPull = pulledMs === undefined && this.#asked > 0;
    this.#pullMs = pulledMs ?? this.#pullMs;
    await server.kill();
    await server.start();
    session.now().catch(() => undefined);
    await pulled;
    writing.abort();
    await written;
    if (isInPull) this.figures.killedInPull++;
    const again = this.#asked - (this.figures.bytes - bytesBefore);
    this.figures.bytesAsked += this.#asked;
    this.figures.partsAgainMax = Math.max(this.figures.partsAgainMax, Math.ceil(again / PART_BYTES));
  }

  /** Until it is there, however often it breaks. */
  async #pull(client: SyncDatabase, url: string, startMs: number): Promise<void> {
    for (;;) {
      try {
        await client.pull(url, 'bulk', { partBytes: PART_BYTES, trust: 'first' });
        const { segments } = (await client.opened('bulk')).manifest.manifest;
        this.figures.bytes += segments.flatMap(({ rowsFile, indexes }) => [rowsFile, ...[...indexes.values()]]).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
        return;
      } catch (error) {
        if (!(error instanceof ElanusError) || error.code !== 'Network' || Date.now() - startMs > PATIENCE_MS) throw error;
        await sleep(20);
      }
    }
  }

  async #write(client: SyncDatabase, signal: AbortSignal): Promise<void> {
    const notes = await client.collection('notes');
    while (!signal.aborted) {
      const id = randomInteger(this.#next, KEYS);
      const text = `write ${++this.figures.writes}`;
      await notes.upsert([{ id, text, v: [id, 1] }]);
      this.#written.set(id, text);
      await sleep(WRITE_MS);
    }
  }

  /** Until the server's segments have all. */
  async #settle(session: SyncSession): Promise<void> {
    const untilMs = Date.now() + PATIENCE_MS;
    while (session.status.pending > 0 || session.status.state !== 'idle') {
      if (Date.now() > untilMs) throw new Error(`not settled: ${JSON.stringify(session.status)}`);
      await session.now().catch(() => undefined);
      await sleep(200);
    }
  }

  async #judge(client: SyncDatabase, server: ServedProcess): Promise<void> {
    const { figures } = this;
    const here = await rowsOf(client);
    await server.stop();
    const database = await open('default', { directory: this.#directory });
    const there = await rowsOf(database);
    for (const [id, text] of this.#written) if (there.get(id) !== text) figures.lost++;
    for (const id of new Set([...here.keys(), ...there.keys()])) if (here.get(id) !== there.get(id)) figures.differing++;
    const { nextLsn } = (await database.opened('notes')).manifest.manifest;
    figures.appliedTwice = Number(nextLsn - 1n) - figures.writes;
    await database.close();
  }

  /** Counts bytes of files as they are asked for, whether they come or not. */
  #counted(): SendingTransport {
    const transport = fetchTransport();
    const count = ({ url, headers }: TransportRequest): void => {
      const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers?.['range'] ?? '') ?? [];
      if (url.includes('/bulk/files/') && first !== undefined) this.#asked += Number(last) - Number(first) + 1;
    };
    return { post: (request) => transport.post(request), get: (request) => (count(request), transport.get(request)) };
  }
}

async function rowsOf(database: SyncDatabase): Promise<ReadonlyMap<number, string>> {
  const rows = await (await database.collection('notes')).query({ outputFields: ['id', 'text'], limit: 10_000 });
  return new Map(rows.map(({ id, text }) => [Number(id), text as string]));
}
