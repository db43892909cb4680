// SimServer: a database on a disk of its own that never fails, and the way to it: what `pull` copies collections from.

import { SyncDatabase } from '../../src/sync/database.js';
import type { Core } from '../../src/ports/core.js';
import type { Transport, TransportResponse } from '../../src/ports/transport.js';
import type { Random } from './bytes.js';
import { SimDisk } from './disk.js';
import type { Rows } from './history.js';
import { rowOf } from './shapes.js';
import { shapeNamed } from './session.js';
import { simStorage } from './storage.js';
import { openSim } from './world.js';

export const SERVER_URL = 'http://server';
const SHAPE = 'numbered';

export class SimServer {
  readonly transport: Transport = { get: ({ url, headers }) => this.#answer(new URL(url), headers?.['if-none-match']) };
  readonly #opening: Promise<SyncDatabase>;
  /** By collection: the rows that there are, and those that the last flush sealed. */
  readonly #rows = new Map<string, Map<number, number>>();
  readonly #sealed = new Map<string, Rows>();

  constructor(core: Core, next: Random) {
    this.#opening = openSim(simStorage(new SimDisk(), next), core, next);
  }

  /** The rows that a pull gets. */
  sealed(name: string): Rows {
    return this.#sealed.get(name) ?? new Map();
  }

  /** Makes the collection, anew if it is there. */
  async create(name: string): Promise<void> {
    const database = await this.#opening;
    if (await database.hasCollection(name)) await database.dropCollection(name);
    await database.createCollection(shapeNamed(SHAPE).definition(name));
    this.#rows.set(name, new Map());
    this.#sealed.set(name, new Map());
  }

  async write(name: string, rows: readonly number[], version: number): Promise<void> {
    await (await this.#collection(name)).upsert(rows.map((row) => rowOf(shapeNamed(SHAPE), row, version)));
    for (const row of rows) this.#rowsOf(name).set(row, version);
  }

  async remove(name: string, rows: readonly number[]): Promise<void> {
    await (await this.#collection(name)).delete({ ids: rows.map(shapeNamed(SHAPE).keyOf) });
    for (const row of rows) this.#rowsOf(name).delete(row);
  }

  async flush(name: string): Promise<void> {
    await (await this.#collection(name)).flush();
    this.#sealed.set(name, new Map(this.#rowsOf(name)));
  }

  async close(): Promise<void> {
    await (await this.#opening).close();
  }

  #rowsOf(name: string): Map<number, number> {
    return this.#rows.get(name) as Map<number, number>;
  }

  async #collection(name: string): ReturnType<SyncDatabase['collection']> {
    return (await this.#opening).collection(name);
  }

  async #answer({ pathname }: URL, ifNoneMatch: string | undefined): Promise<TransportResponse> {
    const [, name = '', what, sha = ''] = /^\/v1\/collections\/([^/]+)\/(manifest|files)(?:\/(.+))?$/.exec(pathname) ?? [];
    const database = await this.#opening;
    if (what === 'manifest') {
      const { bytes, etag } = await database.servedManifest(name);
      return ifNoneMatch === etag ? response(304) : response(200, bytes);
    }
    const file = await database.servedFile(name, sha);
    return file === undefined ? response(404) : response(200, await file.read());
  }
}

function response(status: number, body: Uint8Array<ArrayBuffer> = new Uint8Array(0)): TransportResponse {
  return { status, header: () => undefined, bytes: async () => body };
}
